"""How soon speech sounds: from the cache, from eSpeak, and for two hundred who ask for the same at once."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from core.clock import Clock
from core.speech.espeak import Espeak
from core.speech.model import VoiceChoice
from core.speech.service import Speech
from core.tasks import TaskPool
from storage.media import MediaStore
from ttboost.bench import ROUNDS, Row

LINE = "Привет всем, это строка номер {}, как настроение сегодня вечером?"
VOICE = VoiceChoice("espeak:ru")
LINES = 20  # of one round
ASKERS = 200
HIT_MS, MISS_MS = 5, 60


class Counted(Espeak):
    """Counts what it is asked to say."""

    asked = 0

    async def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        self.asked += 1
        async for chunk in super().synthesize(text, voice):
            yield chunk


class Bench:
    """One speech service on a disk of its own; every measure speaks lines nobody has said before."""

    def __init__(self, speech: Speech, engine: Counted, media: MediaStore) -> None:
        self._speech = speech
        self._engine = engine
        self._media = media
        self._numbers = count()

    async def round(self) -> tuple[float, float, float, float, int]:
        return await self.hit(), await self.miss(), await self.bare_engine(), *await self.at_once()

    async def miss(self) -> float:
        times = []
        for text in self._lines():
            began = time.perf_counter()
            name = self._name(text)
            await self._first_byte(name)
            times.append(time.perf_counter() - began)
            await self._speech.open(name, whole=True)
        return median(times) * 1000

    async def hit(self) -> float:
        names = [self._name(text) for text in self._lines()]
        for name in names:
            await self._speech.open(name, whole=True)
        times = []
        for name in names:
            began = time.perf_counter()
            await self._first_byte(name)
            times.append(time.perf_counter() - began)
        return median(times) * 1000

    async def bare_engine(self) -> float:
        """Without names, cache and line: the process alone."""
        times = []
        for text in self._lines():
            began = time.perf_counter()
            answer = self._engine.synthesize(text, VOICE)
            await anext(answer)
            times.append(time.perf_counter() - began)
            async for _ in answer:
                pass
        return median(times) * 1000

    async def at_once(self) -> tuple[float, int]:
        """How long all of them took to hear all of it, and how many syntheses that were."""
        text, before = next(iter(self._lines())), self._engine.asked
        began = time.perf_counter()
        await asyncio.gather(*(self._first_byte(self._name(text)) for _ in range(ASKERS)))
        return (time.perf_counter() - began) * 1000, self._engine.asked - before

    def _lines(self) -> list[str]:
        return [LINE.format(next(self._numbers)) for _ in range(LINES)]

    def _name(self, text: str) -> str:
        spoken = self._speech.hand_out(1, text, VOICE)
        return spoken.name if spoken else ""

    async def _first_byte(self, name: str) -> bytes:
        audio = await self._speech.open(name)
        if audio.media_name:
            return await self._media.read_range(audio.media_name, 0, 1)
        return await anext(aiter(audio.chunks()))


@asynccontextmanager
async def _bench(directory: Path) -> AsyncIterator[Bench]:
    media = MediaStore(f"file:{directory}")
    async with TaskPool() as tasks:
        engine = Counted(tasks)
        speech = Speech([engine], media, media_key=b"bench", clock=Clock(), tasks=tasks)
        speech.start()
        await engine.warm()
        try:
            yield Bench(speech, engine, media)
        finally:
            await speech.close()


async def _measure() -> list[Row]:
    with TemporaryDirectory() as directory:
        async with _bench(Path(directory)) as bench:
            rounds = [await bench.round() for _ in range(ROUNDS)]
    hit, miss, bare, took, _ = (median(values) for values in zip(*rounds, strict=True))
    syntheses = max(made for *_, made in rounds)
    return [
        Row("cache hit to first byte", hit, "ms", f"<= {HIT_MS} ms", hit <= HIT_MS),
        Row(
            "eSpeak miss to first byte",
            miss,
            "ms",
            f"<= {MISS_MS} ms",
            miss <= MISS_MS,
            f"the process alone {bare:.3g} ms",
        ),
        Row(f"syntheses for {ASKERS} identical requests at once", syntheses, "", "1", syntheses == 1),
        Row(f"{ASKERS} identical requests at once, all answered", took, "ms"),
    ]


def run() -> list[Row]:
    return asyncio.run(_measure())
