"""Invoices, the inbox of what Telegram told, and payments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.payments import Invoice, Payment, PaymentEvent, PaymentEventKind, PaymentStatus

Row = TypeVar("Row")


class PaymentRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Invoices

    async def add_invoice(self, invoice: Invoice) -> Invoice:
        self._session.add(invoice)
        await self._session.flush()
        return invoice

    async def invoice_by_payload(self, payload: str, *, lock: bool = False) -> Invoice | None:
        return await self._one(select(Invoice).where(Invoice.payload == payload), lock=lock)

    async def purge_invoices(self, before: datetime) -> int:
        """Those that expired before and were never paid."""
        is_used = exists().where(Payment.invoice_id == Invoice.id)
        gone = await self._session.execute(
            delete(Invoice).where(Invoice.expires_at < before, Invoice.paid_at.is_(None), ~is_used)
        )
        return int(getattr(gone, "rowcount", 0))

    # The inbox

    async def add_event(self, event: PaymentEvent) -> bool:
        """False: it is known already."""
        try:
            async with self._session.begin_nested():
                self._session.add(event)
                await self._session.flush()
        except IntegrityError:
            return False
        return True

    async def known_charges(self, kind: PaymentEventKind, charge_ids: Sequence[str]) -> set[str]:
        query = select(PaymentEvent.charge_id).where(
            PaymentEvent.kind == kind, PaymentEvent.charge_id.in_(charge_ids)
        )
        return set(await self._session.scalars(query))

    async def due_events(self, now: datetime, limit: int) -> Sequence[int]:
        """Ids, oldest first."""
        query = select(PaymentEvent.id).where(PaymentEvent.done_at.is_(None), PaymentEvent.due_at <= now)
        return (await self._session.scalars(query.order_by(PaymentEvent.id).limit(limit))).all()

    async def get_event(self, event_id: int) -> PaymentEvent | None:
        """Locked."""
        return await self._one(select(PaymentEvent).where(PaymentEvent.id == event_id), lock=True)

    async def count_open_events(self) -> int:
        query = select(func.count()).select_from(PaymentEvent).where(PaymentEvent.done_at.is_(None))
        return await self._session.scalar(query) or 0

    # Payments

    async def add(self, payment: Payment) -> Payment:
        self._session.add(payment)
        await self._session.flush()
        return payment

    async def by_charge(self, charge_id: str, *, lock: bool = False) -> Payment | None:
        return await self._one(select(Payment).where(Payment.charge_id == charge_id), lock=lock)

    async def due_refunds(self, now: datetime, limit: int) -> Sequence[Payment]:
        query = select(Payment).where(
            Payment.status == PaymentStatus.REFUND_REQUESTED, Payment.refund_due_at <= now
        )
        return (await self._session.scalars(query.order_by(Payment.id).limit(limit))).all()

    async def list_page(
        self, *, user_id: int | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[Payment]:
        """Newest first."""
        query = select(Payment).order_by(Payment.id.desc()).limit(limit).offset(offset)
        return (await self._session.scalars(_of(query, user_id))).all()

    async def count(self, user_id: int | None = None) -> int:
        query: Select[Any] = select(func.count()).select_from(Payment)
        return await self._session.scalar(_of(query, user_id)) or 0

    async def unconfirmed(self, before: datetime, limit: int) -> Sequence[Payment]:
        """Booked before, and not seen in the provider's own list."""
        query = select(Payment).where(Payment.confirmed_at.is_(None), Payment.booked_at < before)
        return (await self._session.scalars(query.order_by(Payment.id).limit(limit))).all()

    async def _one(self, query: Select[Row], *, lock: bool) -> Row | None:
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()


def _of(query: Select[Any], user_id: int | None) -> Select[Any]:
    return query if user_id is None else query.where(Payment.user_id == user_id)
