"""Numbers as people write them."""

import pytest

from bot.figures import count, money
from core.i18n import words


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", "1,234,567"),
        ("ru", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"),
        ("es", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"),
    ],
)
def test_thousands_stand_apart(language: str, shown: str):
    assert count(1_234_567, words(language)) == shown
    assert count(999, words(language)) == "999"


@pytest.mark.parametrize("language", ["en", "ru", "es"])
@pytest.mark.parametrize(("amount", "shown"), [(1_250, "12.50 USD"), (-5, "-0.05 USD"), (0, "0.00 USD")])
def test_money_has_two_decimals_and_a_point(language: str, amount: int, shown: str):
    assert money(amount, "USD", words(language)) == shown


def test_much_money_is_grouped_too():
    assert money(123_456_789, "USD", words("en")) == "1,234,567.89 USD"
