"""What became of each event."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import HistoryRow


class HistoryRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_event(self, user_id: int, message_id: str) -> HistoryRow | None:
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.message_id == message_id)
        return (await self._session.scalars(query.limit(1))).one_or_none()

    async def list_latest(self, user_id: int, limit: int) -> Sequence[HistoryRow]:
        """The newest ones, oldest of them first."""
        query = select(HistoryRow).where(HistoryRow.user_id == user_id)
        found = await self._session.scalars(query.order_by(HistoryRow.id.desc()).limit(limit))
        return found.all()[::-1]

    async def list_after(self, user_id: int, row_id: int, limit: int) -> Sequence[HistoryRow]:
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.id > row_id)
        return (await self._session.scalars(query.order_by(HistoryRow.id).limit(limit))).all()

    async def list_since(self, user_id: int, moment: datetime, limit: int) -> Sequence[HistoryRow]:
        query = select(HistoryRow).where(HistoryRow.user_id == user_id, HistoryRow.at >= moment)
        return (await self._session.scalars(query.order_by(HistoryRow.at, HistoryRow.id).limit(limit))).all()
