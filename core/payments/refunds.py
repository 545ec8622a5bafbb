"""Giving Stars back: asked for, told to Telegram until it answers, then booked.

Every function works inside the caller's transaction.
"""

from datetime import datetime

from core import alerts
from core.audit import Act
from core.config import Config
from core.errors import Invalid, PaymentNotFound
from core.payments import booking
from core.payments.inbox import back_off
from storage.db import UnitOfWork
from storage.models import Payment, PaymentStatus

LONGEST_REASON = 500


async def request(uow: UnitOfWork, charge_id: str, reason: str, by: Act) -> Payment:
    """Once: asking again for what is asked or done changes nothing."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise Invalid(f"reason: 1 to {LONGEST_REASON} characters", field="reason")
    payment = await require(uow, charge_id, lock=True)
    if payment.status is PaymentStatus.BOOKED:
        payment.status = PaymentStatus.REFUND_REQUESTED
        payment.refund_due_at, payment.refund_attempts = by.at, 0
        payment.refund_by, payment.refund_reason, payment.refund_error = by.actor, reason.strip(), ""
        by.note(uow, "payment.refund_request", f"payment:{payment.id}", reason=payment.refund_reason)
    return payment


async def require(uow: UnitOfWork, charge_id: str, *, lock: bool = False) -> Payment:
    payment = await uow.payments.by_charge(charge_id, lock=lock)
    if payment is None:
        raise PaymentNotFound
    return payment


async def claim(uow: UnitOfWork, charge_id: str, now: datetime) -> Payment | None:
    """To be told to Telegram now; None: somebody else is at it, or it is done."""
    payment = await uow.payments.by_charge(charge_id, lock=True)
    due = payment.refund_due_at if payment and payment.status is PaymentStatus.REFUND_REQUESTED else None
    if payment is None or due is None or due > now:
        return None
    payment.refund_attempts += 1
    payment.refund_due_at = now + back_off(payment.refund_attempts)
    return payment


async def finish(uow: UnitOfWork, charge_id: str, now: datetime) -> None:
    """Telegram has done it."""
    payment = await uow.payments.by_charge(charge_id, lock=True)
    if payment and payment.status is not PaymentStatus.REFUNDED:
        await booking.finish_refund(uow, payment, Act(payment.refund_by or "system", now))


async def give_up(uow: UnitOfWork, charge_id: str, reason: str, config: Config, now: datetime) -> None:
    """Telegram refused for good: the payment stays as it was."""
    payment = await uow.payments.by_charge(charge_id, lock=True)
    if payment is None or payment.status is not PaymentStatus.REFUND_REQUESTED:
        return
    payment.status, payment.refund_due_at = PaymentStatus.BOOKED, None
    payment.refund_error = reason[:128]
    await alerts.tell_admins(
        uow,
        config.telegram.admin_ids,
        f"payment:{payment.id}:refund_refused:{now.isoformat()}",
        now,
        about="refund_refused",
        problem=payment.refund_error,
        charge_id=charge_id,
    )
