"""What Telegram told is kept first and dealt with after: nothing is lost where the second fails."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from core import alerts
from core.audit import Act
from core.config import Config
from core.payments import booking, told
from core.payments.booking import Terms
from core.payments.told import Told
from storage.db import UnitOfWork
from storage.models import PaymentEvent, PaymentEventKind

log = structlog.get_logger(__name__)

FIRST_RETRY = timedelta(seconds=2)
SLOWEST_RETRY = timedelta(minutes=10)
ALERT_AFTER = 5  # attempts


async def put(uow: UnitOfWork, raw: Mapping[str, Any], config: Config, now: datetime) -> bool:
    """Keep it; False: it was kept before. What cannot be read is kept too, for a person to look at."""
    found = told.read(raw)
    event = PaymentEvent(
        kind=found.kind if found else PaymentEventKind.PAYMENT,
        charge_id=found.charge_id if found else told.stand_in_id(raw),
        raw=dict(raw),
        received_at=now,
        due_at=now,
    )
    if found is None:
        event.done_at, event.outcome = now, "unreadable"
        log.error("payment_unreadable", charge_id=event.charge_id)
    is_new = await uow.payments.add_event(event)
    if is_new and found is None:
        await alert(uow, config, event, now)
    return is_new


async def deal_with(uow: UnitOfWork, event_id: int, terms: Terms, now: datetime) -> None:
    """Book it, unless another process has."""
    event = await uow.payments.get_event(event_id)
    if event is None or event.done_at is not None:
        return
    found = told.read(event.raw)
    event.outcome = await _book(uow, found, terms, now) if found else "unreadable"
    event.done_at = now
    log.info("payment_event", kind=event.kind.value, event_id=event.id, outcome=event.outcome)


async def put_off(uow: UnitOfWork, event_id: int, reason: str, config: Config, now: datetime) -> None:
    """It could not be booked now."""
    event = await uow.payments.get_event(event_id)
    if event is None or event.done_at is not None:
        return
    event.attempts += 1
    event.outcome = reason[:64]
    event.due_at = now + back_off(event.attempts)
    if event.attempts == ALERT_AFTER:
        await alert(uow, config, event, now)


async def alert(uow: UnitOfWork, config: Config, event: PaymentEvent, now: datetime) -> None:
    await alerts.tell_admins(
        uow,
        config.telegram.admin_ids,
        f"payment_event:{event.id}",
        now,
        about="payment_stuck",
        problem=event.outcome,
        charge_id=event.charge_id,
    )


def back_off(attempts: int) -> timedelta:
    return min(SLOWEST_RETRY, FIRST_RETRY * (1 << min(attempts, 16)))


async def _book(uow: UnitOfWork, found: Told, terms: Terms, now: datetime) -> str:
    by = Act(f"tg:{found.telegram_id}", now)
    if found.kind is PaymentEventKind.PAYMENT:
        return await booking.book_payment(uow, found, terms, by)
    return await booking.book_refund(uow, found, terms, by)
