"""Stars and money. The rate is Stars for one unit of the currency; amounts are minor units."""

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from core.money.amounts import CENTS


def stars_for(amount: int, rate: Decimal) -> int:
    """What has to be paid so that `amount` is covered."""
    return int((amount * rate / CENTS).to_integral_value(ROUND_CEILING))


def price_of(stars: int, rate: Decimal) -> int:
    """What something sold for `stars` costs from the balance, rounded up to the cent."""
    return int((stars * CENTS / rate).to_integral_value(ROUND_CEILING))


def worth_of(stars: int, rate: Decimal) -> int:
    """What Stars that came for no known reason are credited as: to the nearest cent, never nothing."""
    return max(1, int((stars * CENTS / rate).to_integral_value(ROUND_HALF_UP)))
