"""License keys, by their keyed hash."""

from sqlalchemy.ext.asyncio import AsyncSession


class LicenseRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
