"""What the operator's service tells us: each message once, in any order, never backwards."""

import hashlib
from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from core.audit import Act
from core.errors import Invalid, KeyReused, OrderNotFound
from core.fulfilment.signing import Signed
from core.orders import lifecycle, states
from core.orders.lifecycle import Ending, Report
from core.orders.service import MAX_COUNT, MAX_NOTE
from storage.db import UnitOfWork
from storage.models import FulfilmentEvent, Order

KEPT = timedelta(days=30)  # ids of messages; the timestamp refuses replays long before

Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Outcome = Literal["taken", "known"]


class Told(Struct, frozen=True, kw_only=True):
    """Numbers are those of the whole order so far. Only `processing` leaves it open."""

    order_id: Annotated[str, Meta(max_length=24)]
    status: Literal["processing", "completed", "failed", "cancelled"]
    sent: Count = 0
    delivered: Count = 0
    note: Annotated[str, Meta(max_length=MAX_NOTE)] = ""


def read(body: bytes) -> Told:
    """Raises `Invalid`."""
    try:
        told = msgspec.json.decode(body, type=Told)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"the body: {str(error)[:200]}") from error
    if "\0" in told.note or "\0" in told.order_id:
        raise Invalid("the body holds a null character")
    return told


async def take(uow: UnitOfWork, message: Signed, told: Told, by: Act) -> Outcome:
    """`known`: nothing new. Raises `KeyReused` where the id came with another body."""
    body_hash = hashlib.sha256(message.body).hexdigest()
    order = await lifecycle.lock(uow, told.order_id)
    if order is None or order.provider != states.OPERATOR:
        raise OrderNotFound
    if not await uow.orders.add_event(FulfilmentEvent(id=message.id, body_hash=body_hash, at=by.at)):
        known = await uow.orders.get_event(message.id)
        if known is not None and known.body_hash != body_hash:
            raise KeyReused
        return "known"
    return await _apply(uow, order, told, by)


async def _apply(uow: UnitOfWork, order: Order, told: Told, by: Act) -> Outcome:
    if states.has_ended(order):
        return "known"  # late: what was settled stays
    note = told.note.strip()
    report = Report(sent=told.sent, delivered=told.delivered, source=states.OPERATOR, note=note)
    is_news = await lifecycle.report(uow, order, report, by)
    if told.status != "processing":
        cause = {"completed": "finished"}.get(told.status, told.status)
        await lifecycle.end(uow, order, Ending(cause=cause, source=states.OPERATOR, note=note), by)
        return "taken"
    return "taken" if is_news else "known"
