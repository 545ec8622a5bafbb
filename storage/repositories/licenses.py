"""License keys, by their keyed hash."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import License, LicenseStatus


class LicenseRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, license_id: int, *, lock: bool = False) -> License | None:
        return await self._one(select(License).where(License.id == license_id), lock=lock)

    async def get_by_mac(self, key_mac: str, *, lock: bool = False) -> License | None:
        return await self._one(select(License).where(License.key_mac == key_mac), lock=lock)

    async def list_by_id(self, ids: Sequence[int]) -> dict[int, License]:
        rows = await self._session.scalars(select(License).where(License.id.in_(ids)))
        return {row.id: row for row in rows}

    async def list_by_tail(self, key_tail: str) -> Sequence[License]:
        query = select(License).where(License.key_tail == key_tail).order_by(License.id)
        return (await self._session.scalars(query)).all()

    async def list_of_user(self, user_id: int, *, lock: bool = False) -> Sequence[License]:
        """In the order their days are used up."""
        query = select(License).where(License.user_id == user_id).order_by(License.redeemed_at, License.id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).all()

    async def list_page(
        self,
        *,
        status: LicenseStatus | None = None,
        batch: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> Sequence[License]:
        """Newest first."""
        query = select(License).order_by(License.id.desc()).limit(limit).offset(offset)
        if status:
            query = query.where(License.status == status)
        if batch:
            query = query.where(License.batch == batch)
        return (await self._session.scalars(query)).all()

    async def count(self, *, status: LicenseStatus | None = None, batch: str | None = None) -> int:
        query: Select[Any] = select(func.count()).select_from(License)
        if status:
            query = query.where(License.status == status)
        if batch:
            query = query.where(License.batch == batch)
        return await self._session.scalar(query) or 0

    async def batches(self, *, text: str = "", limit: int, offset: int) -> Sequence[Any]:
        """Newest first: each batch, its first key, and how many of its keys are what.

        `text`: part of its name or of a note of its keys.
        """

        def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
            return func.sum(case((condition, 1), else_=0))

        query = (
            select(
                License.batch,
                func.min(License.id).label("first_id"),
                func.count().label("issued"),
                number(License.redeemed_at.is_not(None)).label("redeemed"),
                number(License.status == LicenseStatus.SUSPENDED).label("suspended"),
                number(License.status == LicenseStatus.REVOKED).label("revoked"),
            )
            .where(_is_batch(text))
            .group_by(License.batch)
            .order_by(func.min(License.id).desc())
        )
        return (await self._session.execute(query.limit(limit).offset(offset))).all()

    async def count_batches(self, text: str = "") -> int:
        query = select(func.count(License.batch.distinct())).where(_is_batch(text))
        return await self._session.scalar(query) or 0

    async def add(self, *licenses: License) -> None:
        self._session.add_all(licenses)
        await self._session.flush()

    async def _one(self, query: Select[License], *, lock: bool) -> License | None:
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()


def _is_batch(text: str) -> ColumnElement[bool]:
    if not text:
        return License.batch.is_not(None)
    is_named = License.batch.icontains(text, autoescape=True)
    is_meant = or_(is_named, License.note.icontains(text, autoescape=True))
    return License.batch.in_(select(License.batch).where(is_meant))
