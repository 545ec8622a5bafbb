"""Who brought whom."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.payments import Payment, PaymentStatus, Referral, ReferralCode, ReferralStatus


class ReferralRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def code_of(self, user_id: int) -> str | None:
        query = select(ReferralCode.code).where(ReferralCode.user_id == user_id)
        return await self._session.scalar(query.order_by(ReferralCode.code).limit(1))

    async def user_by_code(self, code: str) -> int | None:
        return await self._session.scalar(select(ReferralCode.user_id).where(ReferralCode.code == code))

    async def add_code(self, user_id: int, code: str) -> bool:
        """False: somebody has that code."""
        return await self._flush(ReferralCode(user_id=user_id, code=code))

    async def add(self, referral: Referral) -> bool:
        """False: the referee was brought by somebody already."""
        return await self._flush(referral)

    async def of_referee(self, user_id: int, *, lock: bool = False) -> Referral | None:
        return await self._one(select(Referral).where(Referral.referee_id == user_id), lock=lock)

    async def of_payment(self, payment_id: int, *, lock: bool = False) -> Referral | None:
        return await self._one(select(Referral).where(Referral.payment_id == payment_id), lock=lock)

    async def get(self, referral_id: int) -> Referral | None:
        """Locked."""
        return await self._one(select(Referral).where(Referral.id == referral_id), lock=True)

    async def due(self, now: datetime, limit: int) -> Sequence[int]:
        """What a refund is under way for is not: it ends with the refund, or is due again without it."""
        query = (
            select(Referral.id)
            .join(Payment, Payment.id == Referral.payment_id)
            .where(Referral.status == ReferralStatus.PENDING, Referral.matures_at <= now)
            .where(Payment.status == PaymentStatus.BOOKED)
        )
        return (await self._session.scalars(query.order_by(Referral.id).limit(limit))).all()

    async def totals(self, referrer_id: int) -> dict[ReferralStatus, tuple[int, int]]:
        """Status -> how many, and their rewards together."""
        query = (
            select(Referral.status, func.count(), func.coalesce(func.sum(Referral.amount), 0))
            .where(Referral.referrer_id == referrer_id, Referral.referee_id != referrer_id)
            .group_by(Referral.status)
        )
        return {row[0]: (row[1], int(row[2])) for row in await self._session.execute(query)}

    async def _one(self, query: Select[Referral], *, lock: bool) -> Referral | None:
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def _flush(self, row: ReferralCode | Referral) -> bool:
        try:
            async with self._session.begin_nested():
                self._session.add(row)
                await self._session.flush()
        except IntegrityError:
            return False
        return True
