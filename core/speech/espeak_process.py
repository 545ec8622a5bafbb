"""One eSpeak process and the conversation with it."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator
from typing import Self

from core.speech.model import Reason, SpeechFailed

START_SECONDS = 5.0

_AUDIO, _DONE = b"A", b"D"  # as in the worker


class EspeakProcess:
    def __init__(self, process: Process, stdin: StreamWriter, stdout: StreamReader) -> None:
        self.texts = 0
        self._process = process
        self._stdin = stdin
        self._stdout = stdout
        self._is_busy = True
        self._deadline = asyncio.get_running_loop().time() + START_SECONDS

    @classmethod
    async def start(cls, command: tuple[str, ...]) -> Self:
        try:
            child = await create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                env={"LANG": "C.UTF-8"},
                start_new_session=True,
            )
        except OSError as error:
            raise SpeechFailed(Reason.DOWN, str(error)) from error
        if child.stdin is None or child.stdout is None:
            raise SpeechFailed(Reason.DOWN, "no pipes")
        return cls(child, child.stdin, child.stdout)

    async def get_ready(self) -> None:
        await self._read()
        self._is_busy = False

    @property
    def is_idle(self) -> bool:
        """Alive, and not left in the middle of an answer."""
        return self._process.returncode is None and not self._is_busy

    async def speak(self, request: bytes, patience: float) -> AsyncGenerator[bytes, None]:
        self.texts += 1
        self._is_busy = True
        self._deadline = asyncio.get_running_loop().time() + patience
        await self._write(b"T" + len(request).to_bytes(4, "big") + request)
        kind, data = await self._read()
        while kind == _AUDIO:
            yield data
            kind, data = await self._read()
        self._is_busy = False
        if kind != _DONE:
            raise SpeechFailed(Reason.NO_AUDIO, data.decode("utf-8", "replace"))

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        """Also reads the pipes to their end, so that nothing of them is left open."""
        await self._process.communicate()

    async def _write(self, data: bytes) -> None:
        try:
            self._stdin.write(data)
            await self._stdin.drain()
        except OSError as error:
            raise SpeechFailed(Reason.CRASHED) from error

    async def _read(self) -> tuple[bytes, bytes]:
        """The next message, before the deadline of this text."""
        try:
            async with asyncio.timeout_at(self._deadline):
                head = await self._stdout.readexactly(5)
                return head[:1], await self._stdout.readexactly(int.from_bytes(head[1:], "big"))
        except TimeoutError as error:
            raise SpeechFailed(Reason.HUNG) from error
        except (asyncio.IncompleteReadError, OSError) as error:
            raise SpeechFailed(Reason.CRASHED) from error
