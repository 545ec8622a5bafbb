"""What is told about orders. Money in minor units; `core.orders.shown` has it as clients see it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from msgspec import Struct

from core.orders import pricing, states
from core.orders.pricing import PricedTier
from storage.models import Order, OrderProgress


class Quote(Struct, frozen=True, kw_only=True):
    price: int
    unit_price: int  # of a thousand
    video_id: str
    video_url: str
    view_count: int
    currency: str
    simulated: bool


class Package(Struct, frozen=True):
    view_count: int
    price: int
    unit_price: int


class PriceList(Struct, frozen=True, kw_only=True):
    currency: str
    minimum: int
    maximum: int
    tiers: list[PricedTier]
    packages: list[Package]
    simulated: bool


class OrderView(Struct, frozen=True, kw_only=True):
    id: int
    order_id: str
    user_id: int
    video_url: str
    video_id: str
    view_count: int
    view_count_sent: int
    view_count_delivered: int
    percent: int
    status: str
    price: int
    refunded: int
    currency: str
    payment_status: str
    provider: str
    taken_by: str
    note: str
    is_cancel_asked: bool
    is_simulated: bool
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime
    version: int


class ProgressView(Struct, frozen=True, kw_only=True):
    at: datetime
    status: str
    percent: int
    sent: int
    delivered: int
    source: str  # "": nobody's numbers
    note: str


class MethodView(Struct, frozen=True, kw_only=True):
    """What one source has told of the order."""

    name: str
    sent: int
    delivered: int
    success_rate: float  # delivered of sent, in percent
    started_at: datetime
    ended_at: datetime | None
    status: str


class OrderDetail(Struct, frozen=True):
    order: OrderView
    progress: list[ProgressView]
    methods: list[MethodView]


def view_of(order: Order) -> OrderView:
    return OrderView(
        id=order.id,
        order_id=order.number,
        user_id=order.user_id,
        video_url=order.video_url,
        video_id=order.video_id,
        view_count=order.view_count,
        view_count_sent=order.view_count_sent,
        view_count_delivered=order.view_count_delivered,
        percent=states.percent(order),
        status=order.status.value,
        price=order.price,
        refunded=order.refunded,
        currency=order.currency,
        payment_status=order.payment_status.value,
        provider=order.provider,
        taken_by=order.taken_by,
        note=order.note,
        is_cancel_asked=order.cancel_asked_at is not None,
        is_simulated=states.is_simulated(order),
        created_at=order.created_at,
        started_at=order.started_at,
        completed_at=order.completed_at,
        expires_at=order.expires_at,
        version=order.version,
    )


def coming_back(order: OrderView) -> int:
    """What would come back if it ended now: all but what was delivered, in minor units."""
    return order.price - pricing.share(order.price, order.view_count, order.view_count_delivered)


def unit_price(order: OrderView) -> int:
    """What a thousand of it cost, in minor units: prices may have changed since."""
    return round(order.price * pricing.THOUSAND / order.view_count)


def detail_of(order: Order, steps: Sequence[OrderProgress]) -> OrderDetail:
    return OrderDetail(view_of(order), [_step(step) for step in steps], list(_methods(order, steps)))


def _step(row: OrderProgress) -> ProgressView:
    return ProgressView(
        at=row.at,
        status=row.status,
        percent=row.percent,
        sent=row.sent,
        delivered=row.delivered,
        source=row.source,
        note=row.note,
    )


def _methods(order: Order, steps: Sequence[OrderProgress]) -> Iterator[MethodView]:
    """Each source with what it added: the numbers of a step are those of the whole order."""
    for name in dict.fromkeys(step.source for step in steps if step.source):
        added = [
            (now.sent - was.sent, now.delivered - was.delivered)
            for was, now in pairwise(steps)
            if now.source == name
        ]
        sent, delivered = sum(one[0] for one in added), sum(one[1] for one in added)
        yield MethodView(
            name=name,
            sent=sent,
            delivered=delivered,
            success_rate=round(delivered * 100 / sent, 1) if sent else 0.0,
            started_at=next(step.at for step in steps if step.source == name),
            ended_at=order.completed_at,
            status=order.status.value,
        )
