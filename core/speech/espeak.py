"""eSpeak NG, the voice that needs nobody, in processes of its own: hostile text can crash the library."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
    ("ru", re.compile("[\u0400-\u04ff]"), ("ru", "uk", "bg", "kk", "uz")),
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


_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")


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
        self._starting = asyncio.Lock()
        self._idle: list[EspeakProcess] = []
        self._live: set[EspeakProcess] = set()
        self._dying: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def has_voice(self, voice_id: str) -> bool:
        return voices.is_espeak(voice_id)

    async def warm(self) -> None:
        """Start a process for every place that has none."""
        try:
            async with self._starting:
                while len(self._live) < self.parallel:
                    self._idle.append(await self._start())
        except SpeechFailed as failure:
            log.warning("espeak_not_started", error=str(failure))

    async def close(self) -> None:
        self._is_closed = True
        self._idle.clear()
        for process in list(self._live):
            self._discard(process)
        async with self._starting:  # one that was just being started sees that it is not wanted any more
            pass
        await asyncio.gather(*self._dying, return_exceptions=True)

    async def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        reader = reading_voice(text, voices.espeak_of(voice.voice_id))
        request = json.dumps([text, reader, voice.rate, voice.pitch]).encode()
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
        process = await self._take()
        try:
            async for chunk in process.speak(request, self._patience):
                yield chunk
        finally:
            self._give_back(process)

    async def _take(self) -> EspeakProcess:
        if self._idle:
            return self._idle.pop()
        async with self._starting:
            return self._idle.pop() if self._idle else await self._start()

    async def _start(self) -> EspeakProcess:
        process = await EspeakProcess.start(self._command)
        self._live.add(process)
        try:
            await process.get_ready()
        finally:
            if self._is_closed or not process.is_idle:
                self._discard(process)
        if self._is_closed:
            raise SpeechFailed(Reason.DOWN, "closed")
        return process

    def _give_back(self, process: EspeakProcess) -> None:
        """A broken or worn-out one is replaced at once, not when the next text needs it."""
        if process not in self._live:
            return  # closed meanwhile
        if process.is_idle and process.texts < TEXTS_A_PROCESS:
            self._idle.append(process)
            return
        self._discard(process)
        _ = self._tasks.spawn(self.warm(), name="espeak")

    def _discard(self, process: EspeakProcess) -> None:
        process.kill()
        self._live.discard(process)
        dying = self._tasks.spawn(process.ended(), name="espeak ends")
        self._dying.add(dying)
        dying.add_done_callback(self._dying.discard)


def reading_voice(text: str, espeak: str) -> str:
    """`espeak`, or the voice of another language with the same tone where that reads the text better."""
    language, plus, tone = espeak.partition("+")
    letters = sum(map(str.isalpha, text))
    found = next((one for one in _SCRIPTS if len(one[1].findall(text)) * 3 > letters), None)
    if found is None:
        return espeak
    reader, _, also = found
    if reader == "ru" and _UKRAINIAN.search(text):
        reader, also = "uk", ("uk", "kk")
    return espeak if language in also else f"{reader}{plus}{tone}"
