"""Uploaded sounds."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.live import Sound


class SoundRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: int, filename_folded: str) -> Sound | None:
        query = select(Sound).where(Sound.user_id == user_id, Sound.filename_folded == filename_folded)
        return (await self._session.scalars(query)).one_or_none()

    async def list_all(self, user_id: int) -> Sequence[Sound]:
        """In the order of their names."""
        query = select(Sound).where(Sound.user_id == user_id).order_by(Sound.filename_folded)
        return (await self._session.scalars(query)).all()

    async def used_bytes(self, user_id: int) -> int:
        query = select(func.coalesce(func.sum(Sound.size), 0)).where(Sound.user_id == user_id)
        return int((await self._session.scalars(query)).one())

    async def all_media_names(self) -> set[str]:
        return set((await self._session.scalars(select(Sound.media_name))).all())

    async def without_peaks(self, limit: int) -> Sequence[Sound]:
        """Of anybody's, those that have no picture yet."""
        query = select(Sound).where(Sound.peaks.is_(None)).order_by(Sound.id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def set_peaks(self, sound_id: int, peaks: Sequence[int]) -> None:
        await self._session.execute(update(Sound).where(Sound.id == sound_id).values(peaks=list(peaks)))

    async def add(self, sound: Sound) -> None:
        self._session.add(sound)
        await self._session.flush()

    async def delete(self, sound: Sound) -> None:
        await self._session.delete(sound)
