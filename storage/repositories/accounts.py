"""Users, their TikTok names, reset codes, and what other processes must notice."""

from sqlalchemy.ext.asyncio import AsyncSession


class AccountRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
