"""Orders, their progress, and the errands they send."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Select, case, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.models.orders import Errand, FulfilmentEvent, Order, OrderProgress, OrderStatus

OPEN = (OrderStatus.PENDING, OrderStatus.PROCESSING)


class OrderRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, order: Order) -> bool:
        """False: its number or its user's key is taken; nothing is added."""
        try:
            async with self._session.begin_nested():
                self._session.add(order)
                await self._session.flush()
        except IntegrityError:
            return False
        return True

    async def move(self, order: Order, **changes: Any) -> bool:
        """False: somebody else changed it since it was read; nothing is changed."""
        query = update(Order).where(
            Order.id == order.id, Order.version == order.version, Order.status == order.status
        )
        query = query.values(version=order.version + 1, **changes)
        if await self._changed(query) == 0:
            return False
        await self._session.refresh(order)
        return True

    async def get(self, order_id: int, *, lock: bool = False) -> Order | None:
        return await self._one(select(Order).where(Order.id == order_id), lock=lock)

    async def get_by_number(self, number: str, *, lock: bool = False) -> Order | None:
        return await self._one(select(Order).where(Order.number == number), lock=lock)

    async def get_by_key(self, user_id: int, key: str) -> Order | None:
        return await self._one(select(Order).where(Order.user_id == user_id, Order.key == key), lock=False)

    async def page(
        self, *, user_id: int | None, status: OrderStatus | None, limit: int, offset: int
    ) -> tuple[Sequence[Order], int]:
        """Newest first, and how many there are. Without `user_id`: everybody's."""
        query = select(Order)
        if user_id is not None:
            query = query.where(Order.user_id == user_id)
        if status is not None:
            query = query.where(Order.status == status)
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self._session.scalars(query.order_by(Order.id.desc()).limit(limit).offset(offset))
        return rows.all(), total or 0

    async def queue(self, provider: str, limit: int, offset: int = 0) -> tuple[Sequence[Order], int]:
        """Open orders that `provider` delivers, oldest first, and how many there are."""
        query = select(Order).where(Order.status.in_(OPEN), Order.provider == provider)
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        return (await self._session.scalars(query.order_by(Order.id).limit(limit).offset(offset))).all(), (
            total or 0
        )

    async def expired(self, now: datetime, limit: int) -> Sequence[int]:
        query = select(Order.id).where(Order.status.in_(OPEN), Order.expires_at <= now)
        return (await self._session.scalars(query.order_by(Order.expires_at).limit(limit))).all()

    async def changed_since(self, user_id: int, moment: datetime, limit: int) -> Sequence[Order]:
        query = select(Order).where(Order.user_id == user_id, Order.changed_at >= moment)
        return (await self._session.scalars(query.order_by(Order.changed_at.desc()).limit(limit))).all()

    async def totals(self, user_id: int) -> tuple[int, int]:
        """Views delivered to the user, at most those ordered, and what was paid for them in minor units."""
        ended = Order.completed_at.is_not(None)
        is_more = Order.view_count_delivered > Order.view_count
        bought = case((is_more, Order.view_count), else_=Order.view_count_delivered)
        query = select(
            func.coalesce(func.sum(bought), 0),
            func.coalesce(func.sum(Order.price - Order.refunded).filter(ended), 0),
        ).where(Order.user_id == user_id)
        views, paid = (await self._session.execute(query)).one()
        return int(views), int(paid)

    # Progress

    def add_progress(self, row: OrderProgress) -> None:
        self._session.add(row)

    async def progress(self, order_id: int) -> Sequence[OrderProgress]:
        """Oldest first."""
        query = select(OrderProgress).where(OrderProgress.order_id == order_id).order_by(OrderProgress.id)
        return (await self._session.scalars(query)).all()

    # Errands

    def add_errand(self, errand: Errand) -> None:
        self._session.add(errand)

    async def due_errands(self, now: datetime, limit: int) -> Sequence[Errand]:
        """Of each order only the first that is not done: a cancellation never overtakes the order itself."""
        earlier = aliased(Errand)
        waits = exists().where(
            earlier.order_id == Errand.order_id, earlier.id < Errand.id, earlier.done_at.is_(None)
        )
        query = select(Errand).where(Errand.done_at.is_(None), Errand.due_at <= now, ~waits)
        return (await self._session.scalars(query.order_by(Errand.due_at, Errand.id).limit(limit))).all()

    async def lease_errand(self, errand: Errand, lease: str, until: datetime) -> bool:
        """False: somebody else was faster."""
        query = update(Errand).where(
            Errand.id == errand.id, Errand.done_at.is_(None), Errand.due_at == errand.due_at
        )
        return bool(
            await self._changed(query.values(lease=lease, due_at=until, attempts=Errand.attempts + 1))
        )

    async def finish_errand(self, errand_id: int, lease: str, at: datetime, outcome: str) -> bool:
        """False: the lease ended and somebody else has it."""
        query = update(Errand).where(Errand.id == errand_id, Errand.lease == lease, Errand.done_at.is_(None))
        return bool(await self._changed(query.values(done_at=at, outcome=outcome)))

    async def postpone_errand(self, errand_id: int, lease: str, until: datetime, outcome: str) -> None:
        query = update(Errand).where(Errand.id == errand_id, Errand.lease == lease, Errand.done_at.is_(None))
        await self._changed(query.values(due_at=until, outcome=outcome, lease=""))

    async def errands(self, order_id: int) -> Sequence[Errand]:
        query = select(Errand).where(Errand.order_id == order_id).order_by(Errand.id)
        return (await self._session.scalars(query)).all()

    # Messages of the operator's

    async def get_event(self, event_id: str) -> FulfilmentEvent | None:
        return await self._session.get(FulfilmentEvent, event_id)

    async def add_event(self, event: FulfilmentEvent) -> bool:
        """False: one with this id is there."""
        try:
            async with self._session.begin_nested():
                self._session.add(event)
                await self._session.flush()
        except IntegrityError:
            return False
        return True

    async def delete_events(self, before: datetime) -> None:
        await self._session.execute(delete(FulfilmentEvent).where(FulfilmentEvent.at < before))

    async def _one(self, query: Select[Order], *, lock: bool) -> Order | None:
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def _changed(self, query: Any) -> int:
        result = await self._session.execute(query.execution_options(synchronize_session=False))
        return cast("CursorResult[Any]", result).rowcount
