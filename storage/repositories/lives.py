"""Broadcasts, their totals and what each viewer gave."""

from sqlalchemy.ext.asyncio import AsyncSession


class LiveRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
