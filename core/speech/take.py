"""Audio while it is made: it grows at one end and is read by many, each from the start."""

import asyncio
from collections.abc import AsyncIterator

from core.speech.model import Reason, SpeechFailed

MAX_BYTES = 4_000_000  # eleven minutes; more is no line of a chat


class Pulse:
    """Wakes everybody who waits for the next change."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        self._event.set()
        self._event = asyncio.Event()

    async def wait(self) -> None:
        await self._event.wait()


class Take:
    """One engine's attempt at one text."""

    def __init__(self, engine: str, pulse: Pulse) -> None:
        self.engine = engine
        self.chunks: list[bytes] = []
        self.size = 0
        self.failure: SpeechFailed | None = None
        self.is_over = False
        self.is_heard = False  # somebody is being given its bytes
        self.began_at: float | None = None  # when the engine took it up; None: still in its line
        self.is_blamed = False  # its engine's health already knows that it is late
        self._pulse = pulse

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > MAX_BYTES:
            raise SpeechFailed(Reason.REFUSED, "endless audio")
        self.chunks.append(chunk)
        self._pulse.beat()

    def end(self, failure: SpeechFailed | None = None) -> None:
        if not self.is_over:
            self.failure = failure
            self.is_over = True
            self._pulse.beat()

    @property
    def is_complete(self) -> bool:
        return self.is_over and self.failure is None

    def data(self) -> bytes:
        return b"".join(self.chunks)

    async def read(self) -> AsyncIterator[bytes]:
        """Every chunk from the first on, waiting for the rest. Raises `SpeechFailed` where it breaks off."""
        told = 0
        while True:
            while told < len(self.chunks):
                yield self.chunks[told]
                told += 1
            if self.is_over:
                break
            await self._pulse.wait()
        if self.failure:
            raise self.failure
