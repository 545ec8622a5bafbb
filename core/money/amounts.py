"""Money at the edges: numbers and words outside, integers of minor units inside. Two decimals everywhere."""

import math
from decimal import ROUND_HALF_UP, Decimal

from core.errors import Invalid
from core.money.ledger import LARGEST

CENTS = 100


def minor(amount: Decimal) -> int:
    """Minor units, rounded half up."""
    return int((amount * CENTS).to_integral_value(ROUND_HALF_UP))


def number(amount: int) -> float:
    """As a JSON number: exact to the cent for every amount the ledger takes."""
    return amount / CENTS


def words(amount: int, currency: str) -> str:
    """`12.50 USD`, also below zero."""
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{rest // CENTS}.{rest % CENTS:02} {currency}"


def parse(given: str | float, field: str = "amount") -> int:
    """Minor units of what somebody typed or sent: positive, at most two decimals. Raises `Invalid`."""
    text = str(given).strip().replace(",", ".")
    if isinstance(given, float) and not math.isfinite(given):
        raise Invalid(f"{field}: not an amount", field=field)
    whole, _, cents = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 12):
        raise Invalid(f"{field}: a number above zero with at most two decimals", field=field)
    if cents and not (cents.isascii() and cents.isdigit() and len(cents) <= 2):  # "1,000" is no 1.00
        raise Invalid(f"{field}: at most two decimals", field=field)
    amount = int(whole) * CENTS + int(cents.ljust(2, "0"))
    if not 0 < amount <= LARGEST:
        raise Invalid(f"{field}: out of range", field=field)
    return amount
