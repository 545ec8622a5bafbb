"""What a speech name stands for, told to the processes whose phones will ask for it."""

import asyncio
from collections import OrderedDict

import msgspec
import structlog
from msgspec import Struct

from core.cluster.calls import UNREADABLE
from core.cluster.context import Context
from core.speech.making import Recipe
from storage.bus import BusError

log = structlog.get_logger(__name__)

KEPT_SECONDS = 900.0
FLUSH_SECONDS = 0.01
MAX_WAITING = 5_000
LOOK_SECONDS = 0.04
MADE = b"made"


class Note(Struct, frozen=True):
    recipe: Recipe
    is_begun: bool  # it is being made; else it is made for whoever asks


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Note).decode


class SpeechNotes:
    """`core.speech.service.Elsewhere`."""

    def __init__(self, context: Context) -> None:
        self._bus = context.bus
        self._waiting: OrderedDict[str, bytes] = OrderedDict()
        self._is_due = asyncio.Event()

    def handed_out(self, name: str, recipe: Recipe, *, is_begun: bool) -> None:
        self._put(f"speech:{name}", _encode(Note(recipe, is_begun)))

    def made(self, name: str) -> None:
        self._put(f"spoken:{name}", MADE)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._is_due.wait()
            self._is_due.clear()
            await self.flush()
            await asyncio.sleep(FLUSH_SECONDS)

    async def flush(self) -> None:
        waiting, self._waiting = self._waiting, OrderedDict()
        if not waiting:
            return
        try:
            await self._bus.put_many(waiting, KEPT_SECONDS)
        except (BusError, OSError, TimeoutError) as error:
            log.warning("speech_not_noted", count=len(waiting), error=type(error).__name__)

    async def recipe(self, name: str) -> tuple[Recipe, bool] | None:
        """What a name stands for and whether it is being made; None: no process knows it."""
        try:
            raw = await self._bus.get(f"speech:{name}")
            note = _decode(raw) if raw else None
        except (BusError, OSError, *UNREADABLE):
            return None
        return (note.recipe, note.is_begun) if note else None

    async def wait_made(self, name: str, seconds: float) -> bool:
        """Whether another process has made it within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    if await self._bus.get(f"spoken:{name}"):
                        return True
                    await asyncio.sleep(LOOK_SECONDS)
        except (BusError, OSError, TimeoutError):
            return False

    def _put(self, key: str, value: bytes) -> None:
        self._waiting[key] = value
        if len(self._waiting) > MAX_WAITING:
            self._waiting.popitem(last=False)
        self._is_due.set()
