"""A streamer's sounds: upload, list, delete, find.

Audio goes into the media store first, its row second: a row without audio never
exists, audio without a row is thrown away (`sweep`).
"""

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec import Struct

from core.clock import Clock
from core.config import Sounds as SoundsConfig
from core.errors import AppError, Full, QuotaExceeded, SoundExists, SoundInUse, SoundNotFound, Unavailable
from core.sounds import builtin, names, waveforms
from core.sounds.builtin import SoundRef
from core.sounds.workshop import PreparedSound, SoundWorkshop
from core.triggers.model import Trigger
from storage.db import Database, UnitOfWork
from storage.media import MediaFailure, MediaStore, NoSpace
from storage.models import ChangeKind, Sound, User

log = structlog.get_logger(__name__)

TriggersUsing = Callable[[UnitOfWork, int, str], Awaitable[Sequence[Trigger]]]
"""(unit of work, account id, filename) -> the triggers that play it."""

_FOLDER = "sounds"
_ORPHAN_AGE = timedelta(hours=1)  # younger audio may be an upload whose row is just being written


class SoundView(Struct, frozen=True):
    filename: str
    url: str  # media name; the edge makes an address of it
    duration: float
    size: int
    created_at: datetime


class SoundList(Struct, frozen=True):
    sounds: list[SoundView]
    used: int  # bytes
    quota: int


class SoundLibrary:
    """All an account can play, in memory."""

    def __init__(self, uploads: Sequence[Sound]) -> None:
        self._uploads = {row.filename_folded: _ref(row) for row in uploads}

    def find(self, filename: str) -> SoundRef | None:
        """An own upload hides a built-in sound of the same name."""
        return self._uploads.get(names.key(filename)) or builtin.get_builtin(filename)


class Sounds:
    def __init__(
        self,
        db: Database,
        media: MediaStore,
        workshop: SoundWorkshop,
        config: SoundsConfig,
        media_key: bytes,
        triggers_using: TriggersUsing,
        clock: Clock,
    ) -> None:
        self._db = db
        self._media = media
        self._workshop = workshop
        self._config = config
        self._media_key = media_key
        self._triggers_using = triggers_using
        self._clock = clock

    async def install(self) -> None:
        """Make the built-in sounds playable. Once, before the first LIVE, which works without them too."""
        try:
            await builtin.install(self._media, self._workshop)
        except (AppError, MediaFailure) as error:
            log.warning("builtin_sounds_missing", error=str(error))

    async def upload(
        self, account_id: int, filename: str, chunks: AsyncIterable[bytes], quota: int
    ) -> SoundView:
        """`quota`: bytes the account's plan allows for all of its sounds together."""
        name = names.stored(filename)
        async with self._db.read() as uow:
            await _require_room(uow, account_id, name, 1, quota)
        prepared = await self._workshop.prepare(
            chunks, max_seconds=self._config.max_seconds, max_bytes=self._config.max_bytes
        )
        media_name = self._new_media_name(account_id)
        await self._put(media_name, prepared.mp3)
        try:
            return await self._add(account_id, name, media_name, prepared, quota)
        except asyncio.CancelledError:
            raise  # the commit may have been made all the same: `sweep` finds out
        except BaseException:
            await self._discard(media_name)
            raise

    async def list(self, account_id: int, quota: int) -> SoundList:
        async with self._db.read() as uow:
            rows = await uow.sounds.list_all(account_id)
        return SoundList([view_of(row) for row in rows], sum(row.size for row in rows), quota)

    async def delete(self, account_id: int, filename: str) -> None:
        """Refused while a trigger or a setting plays it; the refusal names them."""
        async with self._db.begin() as uow:
            user = await uow.accounts.get_user(account_id, lock=True)
            row = await uow.sounds.get(account_id, names.key(filename))
            if row is None or user is None:
                raise SoundNotFound
            triggers = await self._triggers_using(uow, account_id, row.filename)
            setting = _setting_that_plays(row, user)
            if triggers or setting:
                named = [{"id": trigger.id, "name": trigger.name} for trigger in triggers]
                raise SoundInUse(triggers=named, setting=setting)
            await uow.sounds.delete(row)
            uow.accounts.note_change(account_id, ChangeKind.SETUP, self._clock.now())
        await self._discard(row.media_name)

    async def find(self, uow: UnitOfWork, account_id: int, filename: str) -> SoundRef | None:
        """An own upload, or a built-in sound. Locks nothing."""
        row = await uow.sounds.get(account_id, names.key(filename))
        return _ref(row) if row else builtin.get_builtin(filename)

    async def library(self, uow: UnitOfWork, account_id: int) -> SoundLibrary:
        return SoundLibrary(await uow.sounds.list_all(account_id))

    async def sweep(self) -> int:
        """Throw away uploads' audio that no row names; how many pieces there were."""
        oldest = self._clock.now() - _ORPHAN_AGE
        stored = [info.name for info in await self._media.list(_FOLDER) if info.modified < oldest]
        async with self._db.read() as uow:
            named = await uow.sounds.all_media_names()
        orphans = [name for name in stored if name not in named]
        for name in orphans:
            await self._discard(name)
        return len(orphans)

    async def measure(self) -> int:
        """Draw the pictures of sounds that have none yet; how many."""
        return await waveforms.measure(self._db, self._media, self._workshop)

    async def _add(
        self, account_id: int, name: str, media_name: str, prepared: PreparedSound, quota: int
    ) -> SoundView:
        now = self._clock.now()
        row = Sound(
            user_id=account_id,
            filename=name,
            filename_folded=names.key(name),
            media_name=media_name,
            duration=round(prepared.duration, 3),
            size=len(prepared.mp3),
            peaks=prepared.peaks,
            created_at=now,
        )
        async with self._db.begin() as uow:
            await uow.accounts.get_user(account_id, lock=True)  # one at a time counts its bytes
            await _require_room(uow, account_id, name, row.size, quota)
            await uow.sounds.add(row)
            uow.accounts.note_change(account_id, ChangeKind.SETUP, now)
        return view_of(row)

    async def _put(self, media_name: str, data: bytes) -> None:
        try:
            await self._media.put(media_name, data)
        except NoSpace as error:
            raise Full from error
        except MediaFailure as error:
            raise Unavailable from error

    async def _discard(self, media_name: str) -> None:
        """Audio whose row is gone. What stays behind is found by `sweep`."""
        try:
            await self._media.delete(media_name)
        except MediaFailure as error:
            log.warning("sound_not_discarded", error=str(error))

    def _new_media_name(self, account_id: int) -> str:
        subject = f"{_FOLDER}:{account_id}:{secrets.token_hex(16)}"
        return f"{_FOLDER}/{hmac.digest(self._media_key, subject.encode(), 'sha256').hex()}.mp3"


async def _require_room(uow: UnitOfWork, account_id: int, name: str, size: int, quota: int) -> None:
    if await uow.sounds.get(account_id, names.key(name)):
        raise SoundExists(filename=name)
    used = await uow.sounds.used_bytes(account_id)
    if used + size > quota:
        raise QuotaExceeded(used=used, quota=quota)


def _setting_that_plays(row: Sound, user: User) -> str | None:
    chosen = user.settings.get("default_gift_sound")
    return "default_gift_sound" if chosen and names.key(chosen) == row.filename_folded else None


def view_of(row: Sound) -> SoundView:
    return SoundView(row.filename, row.media_name, row.duration, row.size, row.created_at)


def _ref(row: Sound) -> SoundRef:
    return SoundRef(row.filename, row.media_name, row.duration)
