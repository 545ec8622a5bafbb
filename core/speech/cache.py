"""Complete audio in the media store: which of it is there, by whom it was made, and what goes first."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta

import structlog

from core.clock import Clock
from storage.media import MediaFailure, MediaStore

log = structlog.get_logger(__name__)

FOLDER = "speech"
LIFE_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Kept:
    media_name: str
    engine: str
    size: int
    made_at: float  # monotonic


class SpeechCache:
    """Least recently used goes first when the bytes run out; nothing stays longer than a day."""

    def __init__(self, media: MediaStore, clock: Clock, capacity: int) -> None:
        self._media = media
        self._clock = clock
        self._capacity = capacity
        self._kept: OrderedDict[str, Kept] = OrderedDict()  # by media name, least recently used first
        self._by_age: deque[Kept] = deque()
        self._size = 0

    async def load(self) -> None:
        """Take over what an earlier run left; what is found broken or old is deleted."""
        now, wall = self._clock.monotonic(), self._clock.now()
        found = sorted(await self._media.list(FOLDER), key=lambda info: info.modified)
        for info in found:
            parts = info.name.split("/")
            age = max(wall - info.modified, timedelta(0)).total_seconds()
            if len(parts) == 3 and info.name not in self._kept:
                self._add(Kept(info.name, parts[1], info.size, now - age))
        await self._shrink()

    def find(self, name: str, engine: str) -> Kept | None:
        kept = self._kept.get(_media_name(name, engine))
        if kept is None or self._clock.monotonic() - kept.made_at > LIFE_SECONDS:
            return None
        self._kept.move_to_end(kept.media_name)
        return kept

    async def put(self, name: str, engine: str, data: bytes) -> Kept:
        """Raises `MediaFailure`; then nothing was kept."""
        kept = Kept(_media_name(name, engine), engine, len(data), self._clock.monotonic())
        await self._media.put(kept.media_name, data)
        self._add(kept)
        await self._shrink()
        return kept

    async def adopt(self, name: str, engine: str) -> Kept | None:
        """Take over what another process may have put there."""
        info = await self._media.head(_media_name(name, engine))
        if info is None:
            return None
        kept = Kept(info.name, engine, info.size, self._clock.monotonic())
        self._add(kept)
        return kept

    async def is_there(self, kept: Kept) -> bool:
        """Whether the store still has it; otherwise it is forgotten here too."""
        if await self._media.head(kept.media_name):
            return True
        self._remove(kept)
        return False

    def _add(self, kept: Kept) -> None:
        if before := self._kept.get(kept.media_name):
            self._remove(before)
        self._kept[kept.media_name] = kept
        self._by_age.append(kept)
        self._size += kept.size

    def _remove(self, kept: Kept) -> None:
        if self._kept.get(kept.media_name) is kept:
            del self._kept[kept.media_name]
            self._size -= kept.size

    async def _shrink(self) -> None:
        while gone := self._surplus():
            self._remove(gone)
            try:
                await self._media.delete(gone.media_name)
            except MediaFailure as error:
                log.warning("speech_not_deleted", error=str(error))

    def _surplus(self) -> Kept | None:
        oldest_allowed = self._clock.monotonic() - LIFE_SECONDS
        while self._by_age and (
            self._by_age[0].made_at < oldest_allowed
            or self._kept.get(self._by_age[0].media_name) is not self._by_age[0]
        ):
            kept = self._by_age.popleft()
            if self._kept.get(kept.media_name) is kept:
                return kept
        if self._size > self._capacity:
            return next(iter(self._kept.values()))
        return None


def _media_name(name: str, engine: str) -> str:
    """`tts/HMAC.mp3` as handed out -> `speech/ENGINE/HMAC.mp3` as stored."""
    return f"{FOLDER}/{engine}/{name.removeprefix('tts/')}"
