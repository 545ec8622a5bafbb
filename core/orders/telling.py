"""Who hears that an order moved: open sockets by the change feed, the person by a notice."""

from datetime import datetime

from core import notices
from core.notices import NoticeKind
from core.orders import states
from storage.db import UnitOfWork
from storage.models import ChangeKind, Order, OrderStatus

STEP = 10  # percent between two notices of progress


async def tell(uow: UnitOfWork, order: Order, at: datetime, cause: str | None = None) -> None:
    """In the transaction of the change. `cause`: why it ended."""
    uow.accounts.note_change(order.user_id, ChangeKind.ORDER, at)
    if cause is not None:
        await _tell_end(uow, order, at, cause)
    elif order.status is OrderStatus.PROCESSING:
        await _tell_progress(uow, order, at)


async def _tell_progress(uow: UnitOfWork, order: Order, at: datetime) -> None:
    percent = states.percent(order)
    await notices.add(
        uow,
        order.user_id,
        NoticeKind.ORDER_PROGRESS,
        f"order:{order.number}:{percent // STEP}",
        at,
        order_id=order.number,
        status=order.status.value,
        percent=percent,
        view_count=order.view_count,
        view_count_delivered=order.view_count_delivered,
        simulated=states.is_simulated(order),
    )


async def _tell_end(uow: UnitOfWork, order: Order, at: datetime, cause: str) -> None:
    await notices.add(
        uow,
        order.user_id,
        NoticeKind.ORDER_ENDED,
        f"order:{order.number}:end",
        at,
        order_id=order.number,
        status=order.status.value,
        cause=cause,
        cancel_requested=order.cancel_asked_at is not None,
        note=order.note,
        view_count=order.view_count,
        view_count_delivered=order.view_count_delivered,
        price=order.price,
        refunded=order.refunded,
        currency=order.currency,
        simulated=states.is_simulated(order),
    )
