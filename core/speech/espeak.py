"""eSpeak NG, the voice that needs nobody, in processes of its own: hostile text can crash the library."""

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import structlog

from core.speech import voices
from core.speech.espeak_process import EspeakProcess
from core.speech.model import Reason, SpeechFailed, VoiceChoice
from core.tasks import TaskPool

log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-I", str(Path(__file__).with_name("espeak_worker.py")))
TEXTS_A_PROCESS = 5_000
MAX_WAITING = 100

# A voice spells foreign letters one by one: text mostly in another script is left to a voice that reads it.
# The language that reads a script, the script, and who reads it as well.
_SCRIPTS = (
    ("uk", re.compile("[іїєґІЇЄҐ]"), ("uk", "kk", "be")),
    ("ru", re.compile("[А-Яа-яЁё]"), ("ru", "uk", "bg", "kk", "uz")),
    ("el", re.compile("[\u0370-\u03ff]"), ("el",)),
    ("ka", re.compile("[\u10a0-\u10ff]"), ("ka",)),
    ("he", re.compile("[\u0590-\u05ff]"), ("he",)),
    ("ar", re.compile("[\u0600-\u06ff]"), ("ar",)),
    ("hi", re.compile("[\u0900-\u097f]"), ("hi",)),
    ("th", re.compile("[\u0e00-\u0e7f]"), ("th",)),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]"), ("ko",)),
    ("ja", re.compile("[\u3040-\u30ff]"), ("ja",)),
    ("cmn", re.compile("[\u4e00-\u9fff]"), ("cmn", "ja")),
)


class Espeak:
    name = "espeak"
    is_local = True

    def __init__(
        self, tasks: TaskPool, *, workers: int = 1, command: tuple[str, ...] = COMMAND, patience: float = 3.0
    ) -> None:
        self.parallel = workers
        self._command = command
        self._patience = patience  # for one text; 200 hostile characters took 0.2 s at worst
        self._tasks = tasks
        self._places = asyncio.Semaphore(workers)
        self._waiting = 0
        self._idle: list[EspeakProcess] = []
        self._all: set[EspeakProcess] = set()
        self._is_closed = False

    def has_voice(self, voice_id: str) -> bool:
        return voices.is_espeak(voice_id)

    async def warm(self) -> None:
        """Start a process for every place that has none."""
        try:
            while len(self._all) < self.parallel:
                self._idle.append(await self._start())
        except SpeechFailed as failure:
            log.warning("espeak_not_started", error=str(failure))

    async def close(self) -> None:
        self._is_closed = True
        for process in list(self._all):
            process.kill()
            await process.ended()
        self._all.clear()
        self._idle.clear()

    async def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        reader = reading_voice(text, voices.espeak_of(voice.voice_id))
        request = msgspec.json.encode([text, reader, voice.rate, voice.pitch])
        is_told = False
        async with self._place():
            for attempt in (1, 2):  # a process may have died while it waited: its text is not to blame
                try:
                    async for chunk in self._told(request):
                        is_told = True
                        yield chunk
                except SpeechFailed as failure:
                    if failure.reason is not Reason.CRASHED or is_told or attempt == 2:
                        raise
                else:
                    return

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._waiting >= MAX_WAITING:
            raise SpeechFailed(Reason.LATE, "too many are waiting")
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()

    async def _told(self, request: bytes) -> AsyncGenerator[bytes, None]:
        process = self._idle.pop() if self._idle else await self._start()
        try:
            async for chunk in process.speak(request, self._patience):
                yield chunk
        finally:
            self._give_back(process)

    async def _start(self) -> EspeakProcess:
        if self._is_closed:
            raise SpeechFailed(Reason.DOWN, "closed")
        process = await EspeakProcess.start(self._command)
        self._all.add(process)
        return process

    def _give_back(self, process: EspeakProcess) -> None:
        """A broken or worn-out one is replaced at once, not when the next text needs it."""
        if self._is_closed:
            return
        if process.is_idle and process.texts < TEXTS_A_PROCESS:
            self._idle.append(process)
            return
        process.kill()
        self._all.discard(process)
        _ = self._tasks.spawn(self.warm(), name="espeak")


def reading_voice(text: str, espeak: str) -> str:
    """`espeak`, or the voice of another language with the same tone where that reads the text better."""
    language, plus, tone = espeak.partition("+")
    letters = sum(map(str.isalpha, text))
    for reader, script, also in _SCRIPTS:
        if len(script.findall(text)) * 3 > letters and language not in also:
            return f"{reader}{plus}{tone}"
    return espeak
