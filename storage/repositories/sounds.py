"""Uploaded sounds."""

from sqlalchemy.ext.asyncio import AsyncSession


class SoundRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
