"""What became of each event."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, and_, cast, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import HistoryRow

RECENT = 2_000  # rows looked through for one that was played


class HistoryRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_event(self, user_id: int, message_id: str) -> HistoryRow | None:
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.message_id == message_id)
        return (await self._session.scalars(query.limit(1))).one_or_none()

    async def list_events(self, user_id: int, message_ids: Collection[str]) -> Sequence[HistoryRow]:
        query = select(HistoryRow).where(
            HistoryRow.user_id == user_id, HistoryRow.message_id.in_(message_ids)
        )
        return (await self._session.scalars(query)).all()

    async def list_latest(self, user_id: int, limit: int) -> Sequence[HistoryRow]:
        """The newest ones, oldest of them first."""
        query = select(HistoryRow).where(HistoryRow.user_id == user_id)
        found = await self._session.scalars(query.order_by(HistoryRow.id.desc()).limit(limit))
        return found.all()[::-1]

    async def list_latest_of(self, user_id: int, types: Collection[str], limit: int) -> Sequence[HistoryRow]:
        """The newest ones of these types, oldest of them first."""
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.type.in_(types))
        newest = query.order_by(HistoryRow.at.desc(), HistoryRow.id.desc()).limit(limit)
        return (await self._session.scalars(newest)).all()[::-1]

    async def has_played(self, user_id: int) -> bool:
        """Whether a device has said of one of the `RECENT` latest that it played it."""
        query = select(HistoryRow.played_at).where(HistoryRow.user_id == user_id)
        recent = query.order_by(HistoryRow.at.desc()).limit(RECENT).subquery()
        found = select(recent.c.played_at).where(recent.c.played_at.is_not(None)).limit(1)
        return await self._session.scalar(found) is not None

    async def list_after(self, user_id: int, row_id: int, limit: int) -> Sequence[HistoryRow]:
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.id > row_id)
        return (await self._session.scalars(query.order_by(HistoryRow.id).limit(limit))).all()

    async def list_since(self, user_id: int, moment: datetime, limit: int) -> Sequence[HistoryRow]:
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.at >= moment)
        return (await self._session.scalars(query.order_by(HistoryRow.at, HistoryRow.id).limit(limit))).all()

    async def list_before(
        self,
        user_id: int,
        last: HistoryRow | None,
        limit: int,
        *,
        kind: str | None = None,
        until: datetime | None = None,
    ) -> Sequence[HistoryRow]:
        """Newest first, those older than `last`; `kind`: of that type alone."""
        query = select(HistoryRow).where(HistoryRow.user_id == user_id)
        if last is not None:
            is_older = or_(HistoryRow.at < last.at, and_(HistoryRow.at == last.at, HistoryRow.id < last.id))
            query = query.where(is_older)
        if until is not None:
            query = query.where(HistoryRow.at < until)
        if kind is not None:
            query = query.where(HistoryRow.type == kind)
        query = query.order_by(HistoryRow.at.desc(), HistoryRow.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def count_fired(self, user_id: int, since: datetime) -> dict[int, tuple[int, datetime]]:
        """How often each trigger fired since then, and when last; tests are left out."""
        fired, trigger_id = self._fired()
        data = cast(HistoryRow.data, Text)
        query = (
            select(trigger_id.label("trigger_id"), func.count(), func.max(HistoryRow.at))
            .select_from(HistoryRow)
            .join(fired, true())
            .where(HistoryRow.user_id == user_id, HistoryRow.at >= since)
            # Texts are enough to leave out most: a quote within a value is written \\".
            .where(data.contains('"fired":['), data.not_like('%"test":true%'))
            .group_by(trigger_id)
        )
        rows = (await self._session.execute(query)).all()
        return {number: (count, last) for number, count, last in rows if number is not None}

    def _fired(self) -> tuple[Any, Any]:
        """What fired as rows, and the expression that is the trigger's id in one."""
        data = cast(HistoryRow.data, Text)
        if self._session.get_bind().dialect.name == "postgresql":
            rows = func.jsonb_array_elements(cast(data, JSONB)["fired"]).table_valued("value")
            return rows, cast(cast(rows.c.value, JSONB)["trigger_id"].astext, Integer)
        rows = func.json_each(data, "$.fired").table_valued("value")
        return rows, func.json_extract(rows.c.value, "$.trigger_id")
