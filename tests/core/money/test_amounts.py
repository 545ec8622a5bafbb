from decimal import Decimal

import pytest

from core.errors import Invalid
from core.money import amounts
from core.money.ledger import LARGEST


@pytest.mark.parametrize(
    ("given", "minor"),
    [
        ("12.50", 1_250),
        ("12,5", 1_250),
        (" 3 ", 300),
        ("0.01", 1),
        (12.5, 1_250),
        (0.07, 7),
        (5, 500),
        ("100000000000", LARGEST),
    ],
)
def test_an_amount_is_read(given: str | float, minor: int):
    assert amounts.parse(given) == minor


@pytest.mark.parametrize(
    "given",
    [
        *("", "0", "0.00", "-1", "+1", "1e3", "1.234", "1,000", "1.000", "1 000", "1.2.3", "٣", "½", "NaN"),
        *("0x10", "1_000", "100000000000.01", "9" * 40),
        *(float("nan"), float("inf"), 0.1 + 0.2, 1e22, True),
    ],
)
def test_what_is_no_amount_is_refused_with_its_field(given: str | float):
    with pytest.raises(Invalid) as refused:
        amounts.parse(given, "price")

    assert refused.value.details == {"field": "price"}


@pytest.mark.parametrize(
    ("amount", "words"), [(1_250, "12.50 USD"), (-5, "-0.05 USD"), (0, "0.00 USD"), (100_000, "1000.00 USD")]
)
def test_an_amount_has_two_decimals_in_words(amount: int, words: str):
    assert amounts.words(amount, "USD") == words


@pytest.mark.parametrize(("decimal", "minor"), [("0.005", 1), ("0.0049", 0), ("3.5", 350)])
def test_a_price_is_rounded_half_up(decimal: str, minor: int):
    assert amounts.minor(Decimal(decimal)) == minor


def test_the_largest_amount_is_exact_as_a_number():
    assert amounts.number(LARGEST - 1) == 99_999_999_999.99
