"""Everything that can happen to an order. Every function works inside the caller's transaction.

Whoever changes an order locks it by `lock`, then moves money: the ledger's lock comes last.
"""

from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from core.audit import Act
from core.errors import Conflict, Invalid, OrderTaken
from core.money import ledger
from core.orders import states, telling
from core.orders.states import MANUAL, OPERATOR
from storage.db import UnitOfWork
from storage.models import Errand, ErrandKind, Order, OrderProgress, OrderStatus

MOST_DELIVERED = 10  # times what was ordered; more is somebody's mistake
SYSTEM = ""  # a step that nobody's numbers stand behind


class Report(Struct, frozen=True, kw_only=True):
    """How far it is: numbers of the whole order, and whose they are."""

    sent: int
    delivered: int
    source: str
    note: str = ""


class Ending(Struct, frozen=True, kw_only=True):
    """`cause` is told to the user: finished, cancelled, refused, failed, expired."""

    cause: str
    source: str = SYSTEM
    note: str = ""


async def lock(uow: UnitOfWork, name: int | str) -> Order | None:
    """The order by its id or number, and its user: nobody else changes them until this transaction ends.

    Both before anything is written: what refers to a user takes a weak lock of its row, and two who hold
    that wait for each other's end when they want the strong one.
    """
    if isinstance(name, int):
        order = await uow.orders.get(name, lock=True)
    else:
        order = await uow.orders.get_by_number(name, lock=True)
    if order is not None:
        await uow.accounts.get_user(order.user_id, lock=True)
    return order


async def begin(uow: UnitOfWork, order: Order, source: str, by: Act) -> None:
    """Somebody delivers it now."""
    await _move(uow, order, OrderStatus.PROCESSING, by, started_at=by.at, expires_at=_deadline(order, by.at))
    _note(uow, order, order.status.value, "", by, source)
    await telling.tell(uow, order, by.at)


async def take(uow: UnitOfWork, order: Order, by: Act) -> None:
    """A person takes it from the queue. Raises `OrderTaken` where another one has it."""
    states.check_open(order)
    if order.taken_by not in ("", by.actor):
        raise OrderTaken
    if order.taken_by == "":
        await _change(uow, order, by, taken_by=by.actor)
    if order.status is OrderStatus.PENDING:
        await begin(uow, order, MANUAL, by)


async def report(uow: UnitOfWork, order: Order, told: Report, by: Act) -> bool:
    """Take over what is further than what is known; False where nothing is. Begins an order that waits.

    Raises `Invalid` for numbers that belong to something else: all views the video has, for one.
    """
    if told.delivered > order.view_count * MOST_DELIVERED:
        raise Invalid(
            f"delivered: {told.delivered}, where {order.view_count} were ordered", field="delivered"
        )
    if order.status is OrderStatus.PENDING:
        await begin(uow, order, told.source, by)
    states.check_open(order)
    delivered = max(order.view_count_delivered, told.delivered)
    sent = max(order.view_count_sent, told.sent, delivered)
    is_news = (sent, delivered) != (order.view_count_sent, order.view_count_delivered)
    if not is_news and told.note in ("", order.note):
        return False
    changes: dict[str, Any] = {"view_count_sent": sent, "view_count_delivered": delivered}
    changes["note"] = told.note or order.note
    if order.cancel_asked_at is None:
        changes["expires_at"] = _deadline(order, by.at)
    await _change(uow, order, by, **changes)
    _note(uow, order, order.status.value, told.note, by, told.source)
    await telling.tell(uow, order, by.at)
    return True


async def ask_cancel(uow: UnitOfWork, order: Order, by: Act) -> None:
    """While it waits it ends at once; while it is delivered, whoever delivers is asked to stop."""
    if order.status is OrderStatus.PENDING:
        await end(uow, order, Ending(cause="cancelled"), by)
        return
    states.check_open(order)
    if order.cancel_asked_at is not None:
        return
    await _change(uow, order, by, cancel_asked_at=by.at, expires_at=_deadline(order, by.at))
    _note(uow, order, "cancel_asked", "", by)
    send(uow, order, ErrandKind.CANCEL, by.at)
    await telling.tell(uow, order, by.at)


async def refuse_cancel(uow: UnitOfWork, order: Order, note: str, by: Act) -> None:
    """Whoever delivers cannot stop: it goes on."""
    if states.has_ended(order) or order.cancel_asked_at is None:
        return
    await _change(uow, order, by, cancel_asked_at=None, expires_at=_deadline(order, by.at))
    _note(uow, order, "cancel_refused", note, by)
    await telling.tell(uow, order, by.at)


async def end(uow: UnitOfWork, order: Order, ending: Ending, by: Act) -> None:
    """Pay what was delivered, give the rest back, for good."""
    is_cancelled = ending.cause == "cancelled" or order.cancel_asked_at is not None
    status, captured = states.ending_of(order, is_cancelled=is_cancelled), states.earned(order)
    must_stop = await _must_be_stopped(uow, order, ending)
    await _move(
        uow,
        order,
        status,
        by,
        completed_at=by.at,
        refunded=order.price - captured,
        payment_status=states.payment_of(order.price, captured),
        note=ending.note or order.note,
    )
    _note(uow, order, status.value, ending.note or ending.cause, by, ending.source)
    if must_stop:
        send(uow, order, ErrandKind.CANCEL, by.at)
    await telling.tell(uow, order, by.at, ending.cause)
    if order.hold_id is None:
        raise Conflict("this order holds no money")
    await ledger.capture(uow, order.hold_id, captured, by)


def send(uow: UnitOfWork, order: Order, kind: ErrandKind, at: datetime) -> None:
    """Have whoever delivers told, once this transaction has committed."""
    uow.orders.add_errand(Errand(order_id=order.id, kind=kind, created_at=at, due_at=at))


async def call_off(uow: UnitOfWork, order: Order, at: datetime) -> None:
    """Have a service outside told that an order has ended, unless it is being told or ended it itself."""
    if order.provider != OPERATOR:
        return
    steps = await uow.orders.progress(order.id)
    is_told = any(errand.kind is ErrandKind.CANCEL for errand in await uow.orders.errands(order.id))
    if not is_told and steps[-1].source != OPERATOR:
        send(uow, order, ErrandKind.CANCEL, at)


async def _must_be_stopped(uow: UnitOfWork, order: Order, ending: Ending) -> bool:
    """Whether a service outside delivers it, or is perhaps about to, and has not ended it itself."""
    if order.provider != OPERATOR or ending.source == OPERATOR:
        return False
    if order.status is OrderStatus.PROCESSING:
        return True
    return any(errand.attempts for errand in await uow.orders.errands(order.id))


async def _move(uow: UnitOfWork, order: Order, target: OrderStatus, by: Act, **changes: Any) -> None:
    """The only place where a status changes."""
    states.check_move(order, target)
    await _change(uow, order, by, status=target, **changes)


async def _change(uow: UnitOfWork, order: Order, by: Act, **changes: Any) -> None:
    if not await uow.orders.move(order, changed_at=by.at, **changes):
        raise Conflict("this order has just been changed, try again")


def _note(uow: UnitOfWork, order: Order, status: str, note: str, by: Act, source: str = SYSTEM) -> None:
    """A step with the numbers as they are now."""
    uow.orders.add_progress(
        OrderProgress(
            order_id=order.id,
            at=by.at,
            status=status,
            percent=states.percent(order),
            sent=order.view_count_sent,
            delivered=order.view_count_delivered,
            source=source,
            note=note,
        )
    )


def _deadline(order: Order, now: datetime) -> datetime:
    return now + timedelta(seconds=order.patience_seconds)
