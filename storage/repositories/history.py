"""What became of each event."""

from sqlalchemy.ext.asyncio import AsyncSession


class HistoryRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
