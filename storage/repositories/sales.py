"""Licenses sold and tried, and who was reminded of their end."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import License, LicenseStatus, User
from storage.models.payments import LicenseReminder, Purchase, Trial


class SaleRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, purchase: Purchase) -> Purchase:
        self._session.add(purchase)
        await self._session.flush()
        return purchase

    async def by_key(self, user_id: int, key: str) -> Purchase | None:
        query = select(Purchase).where(Purchase.user_id == user_id, Purchase.key == key)
        return (await self._session.scalars(query)).one_or_none()

    async def last_by_balance(self, user_id: int) -> Purchase | None:
        query = select(Purchase).where(Purchase.user_id == user_id, Purchase.payment_id.is_(None))
        return (await self._session.scalars(query.order_by(Purchase.id.desc()).limit(1))).one_or_none()

    async def of_payment(self, payment_id: int) -> Purchase | None:
        query = select(Purchase).where(Purchase.payment_id == payment_id)
        return (await self._session.scalars(query)).one_or_none()

    async def of_licenses(self, license_ids: Sequence[int]) -> Sequence[Purchase]:
        return (
            await self._session.scalars(select(Purchase).where(Purchase.license_id.in_(license_ids)))
        ).all()

    async def rotated(self, old_id: int, new_id: int) -> None:
        """What was sold is another row now."""
        for table in (Purchase, Trial):
            await self._session.execute(
                update(table).where(table.license_id == old_id).values(license_id=new_id)
            )

    # Trials

    async def get_trial(self, telegram_id: int) -> Trial | None:
        return await self._session.get(Trial, telegram_id)

    async def trials_of(self, license_ids: Sequence[int]) -> Sequence[Trial]:
        return (await self._session.scalars(select(Trial).where(Trial.license_id.in_(license_ids)))).all()

    async def add_trial(self, trial: Trial) -> None:
        self._session.add(trial)
        await self._session.flush()

    # Reminders

    async def licensed_users(self, after: int, limit: int) -> Sequence[User]:
        """Those the bot could write to who ever had a license, by id."""
        query = select(User).where(
            User.id > after, User.license_clock_at.is_not(None), User.telegram_id.is_not(None)
        )
        return (await self._session.scalars(query.order_by(User.id).limit(limit))).all()

    async def active_licenses(self, user_ids: Sequence[int]) -> dict[int, list[License]]:
        """All bound keys of each, in the order their days are used up; only those with an active one."""
        query = select(License).where(License.user_id.in_(user_ids))
        found: dict[int, list[License]] = {}
        for row in await self._session.scalars(query.order_by(License.redeemed_at, License.id)):
            if row.user_id is not None:
                found.setdefault(row.user_id, []).append(row)
        return {
            owner: keys
            for owner, keys in found.items()
            if any(key.status is LicenseStatus.ACTIVE for key in keys)
        }

    async def reminder(self, user_id: int) -> LicenseReminder | None:
        return await self._session.get(LicenseReminder, user_id)

    async def remind(self, user_id: int, expires_at: datetime, told: int) -> None:
        await self._session.merge(LicenseReminder(user_id=user_id, expires_at=expires_at, told=told))
