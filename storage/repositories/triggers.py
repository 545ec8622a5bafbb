"""Triggers and counters."""

from sqlalchemy.ext.asyncio import AsyncSession


class TriggerRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
