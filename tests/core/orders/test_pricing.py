from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Orders as Tariff
from core.config import Tier
from core.errors import ViewCountOutOfRange
from core.orders import pricing

TARIFF = Tariff()
TIERED = Tariff(
    tiers=[
        Tier(from_count=50_000, per_thousand=Decimal("2.25")),
        Tier(from_count=10_000, per_thousand=Decimal("3.00")),
    ]
)


@pytest.mark.parametrize(
    ("tariff", "count", "total", "unit"),
    [
        (TARIFF, 1_000, 350, 350),
        (TARIFF, 100, 35, 350),
        (TARIFF, 143, 50, 350),  # 50.05
        (TARIFF, 1_000_000, 350_000, 350),
        (TIERED, 9_999, 3_500, 350),  # 3499.65
        (TIERED, 10_000, 3_000, 300),
        (TIERED, 49_999, 15_000, 300),
        (TIERED, 50_000, 11_250, 225),
        (Tariff(minimum=1, price_per_thousand=Decimal("0.01")), 1, 1, 1),  # nothing is free
        (Tariff(minimum=1, price_per_thousand=Decimal("5.00")), 1, 1, 500),  # half a cent is one
    ],
)
def test_price_follows_the_table(tariff, count, total, unit):
    assert pricing.price_of(tariff, count) == pricing.Price(total, unit)


@pytest.mark.parametrize("count", [-1, 0, 99, 1_000_001, 10**30])
def test_too_few_and_too_many_are_refused_with_the_bounds(count):
    with pytest.raises(ViewCountOutOfRange) as refused:
        pricing.price_of(TARIFF, count)

    assert refused.value.details == {"field": "view_count", "minimum": 100, "maximum": 1_000_000}


def test_tiers_begin_with_the_first_view():
    assert [(tier.from_count, tier.unit) for tier in pricing.tiers(TIERED)] == [
        (1, 350),
        (10_000, 300),
        (50_000, 225),
    ]


def test_packages_stay_within_the_bounds():
    assert list(pricing.packages(Tariff(minimum=2_000, maximum=20_000))) == [5_000, 10_000]
    assert list(pricing.packages(Tariff(minimum=300, maximum=400))) == [300]


@given(price=st.integers(1, 10**13), ordered=st.integers(1, 10**9), delivered=st.integers(0, 2 * 10**9))
def test_nobody_pays_for_more_than_was_delivered(price, ordered, delivered):
    paid = pricing.share(price, ordered, delivered)

    assert 0 <= paid <= price
    assert paid * ordered <= price * delivered or delivered >= ordered
    assert (paid == price) == (delivered >= ordered or price * delivered // ordered == price)


@given(price=st.integers(1, 10**9), ordered=st.integers(1, 10**6), first=st.integers(0, 10**6))
def test_more_delivered_never_costs_less(price, ordered, first):
    assert pricing.share(price, ordered, first) <= pricing.share(price, ordered, first + 1)
