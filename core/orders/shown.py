"""Orders as clients see them, over HTTP and on the socket: money as numbers, times as text."""

from typing import Any

from msgspec import Struct

from core.clock import iso
from core.money.amounts import number
from core.orders.views import MethodView, OrderView, ProgressView


class OrderShown(Struct, frozen=True, kw_only=True):
    id: int
    order_id: str
    video_url: str
    video_id: str
    view_count: int
    view_count_sent: int
    view_count_delivered: int
    status: str
    price: float
    payment_method: str = "balance"
    payment_status: str
    started_at: str | None
    completed_at: str | None
    created_at: str
    currency: str
    refunded: float
    progress_percent: int
    provider: str
    note: str
    cancel_requested: bool
    simulated: bool  # nobody is shown anything: a demo


class ProgressShown(Struct, frozen=True, kw_only=True):
    timestamp: str
    progress_percent: int
    status: str
    details: dict[str, Any]  # views_sent, views_delivered, source, note: what is known


class MethodShown(Struct, frozen=True, kw_only=True):
    method_name: str  # whose numbers: operator, manual or simulated
    views_sent: int
    views_delivered: int
    success_rate: float
    start_time: str
    end_time: str | None
    status: str


def order(view: OrderView) -> OrderShown:
    return OrderShown(
        id=view.id,
        order_id=view.order_id,
        video_url=view.video_url,
        video_id=view.video_id,
        view_count=view.view_count,
        view_count_sent=view.view_count_sent,
        view_count_delivered=view.view_count_delivered,
        status=view.status,
        price=number(view.price),
        payment_status=view.payment_status,
        started_at=iso(view.started_at) if view.started_at else None,
        completed_at=iso(view.completed_at) if view.completed_at else None,
        created_at=iso(view.created_at),
        currency=view.currency,
        refunded=number(view.refunded),
        progress_percent=view.percent,
        provider=view.provider,
        note=view.note,
        cancel_requested=view.is_cancel_asked,
        simulated=view.is_simulated,
    )


def progress(view: ProgressView) -> ProgressShown:
    details: dict[str, Any] = {}
    if view.source:
        details = {"views_sent": view.sent, "views_delivered": view.delivered, "source": view.source}
    if view.note:
        details["note"] = view.note
    return ProgressShown(
        timestamp=iso(view.at), progress_percent=view.percent, status=view.status, details=details
    )


def method(view: MethodView) -> MethodShown:
    return MethodShown(
        method_name=view.name,
        views_sent=view.sent,
        views_delivered=view.delivered,
        success_rate=view.success_rate,
        start_time=iso(view.started_at),
        end_time=iso(view.ended_at) if view.ended_at else None,
        status=view.status,
    )
