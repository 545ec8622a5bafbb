"""TikTok's gifts, shared by all streamers."""

from sqlalchemy.ext.asyncio import AsyncSession


class GiftRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
