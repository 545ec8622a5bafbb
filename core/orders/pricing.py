"""What promotion costs. Pure; `Decimal` until the cent."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from msgspec import Struct

from core.config import Orders as Tariff
from core.errors import ViewCountOutOfRange

THOUSAND = 1_000
_PACKAGES = (1_000, 5_000, 10_000, 50_000, 100_000)


class Price(Struct, frozen=True):
    total: int  # minor units, at least one
    unit: int  # of a thousand


class PricedTier(Struct, frozen=True):
    from_count: int
    unit: int  # minor units of a thousand


def price_of(tariff: Tariff, view_count: int) -> Price:
    """Rounded half up to the cent, at least one. Raises `ViewCountOutOfRange`."""
    if not tariff.minimum <= view_count <= tariff.maximum:
        raise ViewCountOutOfRange(
            f"view_count: between {tariff.minimum} and {tariff.maximum}",
            field="view_count",
            minimum=tariff.minimum,
            maximum=tariff.maximum,
        )
    rate = _rate(tariff, view_count)
    return Price(max(1, _minor(rate * view_count / THOUSAND)), _minor(rate))


def share(price: int, ordered: int, delivered: int) -> int:
    """What `delivered` of `ordered` costs: rounded down, so that nobody pays for more than came."""
    if delivered >= ordered:
        return price
    return int((Decimal(price) * delivered / ordered).to_integral_value(ROUND_DOWN))


def tiers(tariff: Tariff) -> list[PricedTier]:
    """From the first view on; each holds up to the next."""
    table = [PricedTier(1, _minor(tariff.price_per_thousand))]
    table += [PricedTier(one.from_count, _minor(one.per_thousand)) for one in tariff.tiers]
    return sorted({one.from_count: one for one in table}.values(), key=lambda one: one.from_count)


def packages(tariff: Tariff) -> Sequence[int]:
    """Round numbers to offer."""
    return [count for count in _PACKAGES if tariff.minimum <= count <= tariff.maximum] or [tariff.minimum]


def _rate(tariff: Tariff, view_count: int) -> Decimal:
    reached = [tier for tier in tariff.tiers if tier.from_count <= view_count]
    if not reached:
        return tariff.price_per_thousand
    return max(reached, key=lambda tier: tier.from_count).per_thousand


def _minor(amount: Decimal) -> int:
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))
