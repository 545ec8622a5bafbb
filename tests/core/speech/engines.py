"""Engines under a test's control, a clock it moves, and a Speech around them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.clock import Clock
from core.speech.model import SpeechFailed, Synthesizer, VoiceChoice
from core.speech.service import Speech
from core.speech.voices import is_espeak
from core.tasks import TaskPool
from storage.media import MediaStore

RUSSIAN = VoiceChoice("ru-RU-SvetlanaNeural")
ROBOT = VoiceChoice("espeak:ru")


class MovedClock(Clock):
    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1000.0 + self.passed


@dataclass
class FakeEngine:
    """Says `NAME:TEXT` in two chunks. `failure` is raised before them, or after the first if `is_cut`."""

    name: str = "edge"
    parallel: int = 6
    is_local: bool = False
    failure: SpeechFailed | None = None
    is_cut: bool = False
    spoken: list[str] = field(default_factory=list)
    going_on: asyncio.Event = field(default_factory=asyncio.Event)  # not set: it keeps us waiting
    half_way: asyncio.Event = field(default_factory=asyncio.Event)  # not set: it stops after the first chunk
    stopped: int = 0

    def __post_init__(self) -> None:
        self.going_on.set()
        self.half_way.set()

    def has_voice(self, voice_id: str) -> bool:
        return is_espeak(voice_id) == (self.name == "espeak")

    async def warm(self) -> None: ...

    async def close(self) -> None: ...

    async def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        self.spoken.append(text)
        try:
            await self.going_on.wait()
            if self.failure and not self.is_cut:
                raise self.failure
            yield f"{self.name}:".encode()
            await self.half_way.wait()
            if self.failure:
                raise self.failure
            yield text.encode()
        except asyncio.CancelledError:
            self.stopped += 1
            raise


def robot() -> FakeEngine:
    return FakeEngine("espeak", parallel=1, is_local=True)


@asynccontextmanager
async def speech_of(
    engines: Sequence[Synthesizer], directory: Path, clock: Clock | None = None, **more: Any
) -> AsyncIterator[Speech]:
    media = MediaStore(f"file:{directory}")
    async with TaskPool() as tasks:
        speech = Speech(engines, media, media_key=b"k" * 32, clock=clock or Clock(), tasks=tasks, **more)
        speech.start()
        try:
            yield speech
        finally:
            await speech.close()


def name_of(speech: Speech, text: str, voice: VoiceChoice = RUSSIAN, account_id: int = 1) -> str:
    spoken = speech.hand_out(account_id, text, voice)
    assert spoken is not None
    return spoken.name


async def heard(speech: Speech, name: str, directory: Path) -> bytes:
    """All of it, as a client gets it: streamed, or from the store."""
    audio = await speech.open(name)
    if audio.media_name:
        return (directory / audio.media_name).read_bytes()
    return b"".join([chunk async for chunk in audio.chunks()])


async def until_kept(speech: Speech, name: str) -> str:
    audio = await speech.open(name, whole=True)
    assert audio.media_name is not None
    return audio.media_name
