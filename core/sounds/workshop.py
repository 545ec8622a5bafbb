"""Makes sounds of uploads, each in a process of its own that is bounded in time, memory and rights."""

import asyncio
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import IO, Annotated

import msgspec
import structlog
from msgspec import Meta, Struct

from core.errors import FileTooLarge, Full, Invalid, Unavailable, UnsupportedSound
from core.sounds.kinds import HEAD_BYTES, container_of

log = structlog.get_logger(__name__)

MAX_WORKERS = 2
MAX_WAITING = 20
WAIT_SECONDS = 30.0
UPLOAD_SECONDS = 300.0
WORK_SECONDS = 30.0
MAX_PEAKS = 64

_CPU_SECONDS = 20
_MEMORY = 700_000_000
_MEMORY_A_SECOND = 12_000_000
_MP3_A_SECOND = 16_000  # bytes at 128 kbit/s
_ROOT = Path(__file__).parents[2]
_ENVIRONMENT = {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}  # nothing of ours: no keys, no proxies


class PreparedSound(Struct, frozen=True):
    mp3: bytes
    duration: float  # seconds, measured
    peaks: list[int]  # how loud it is from beginning to end, 0 to 100


Peak = Annotated[int, Meta(ge=0, le=100)]


class _Answer(Struct):
    sizes: list[int]
    duration: float = 0.0
    peaks: Annotated[list[Peak], Meta(max_length=MAX_PEAKS)] = []
    refused: str | None = None
    why: str = "damaged"
    names: list[str] = []


class SoundWorkshop:
    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_WORKERS)
        self._waiting = 0

    async def prepare(
        self, chunks: AsyncIterable[bytes], *, max_seconds: float, max_bytes: int
    ) -> PreparedSound:
        """One upload as an even mp3. Raises `FileTooLarge`, `UnsupportedSound` with a `reason`, `Full`."""
        with _temporary_file() as file:
            async with _in_time(UPLOAD_SECONDS, Invalid("the upload took too long", field="file")):
                container = await _collect(chunks, file, max_bytes)
            answer, parts = await self._work(["prepare", container, str(max_seconds)], file, max_seconds)
        if answer.refused:
            raise UnsupportedSound(reason=answer.refused, why=answer.why)
        if len(parts) != 1:
            raise _undecodable()
        return PreparedSound(parts[0], answer.duration, answer.peaks)

    async def measure(self, mp3: bytes, *, max_seconds: float) -> list[int]:
        """The peaks of a sound made earlier; none where it cannot be read any more."""
        with _temporary_file() as file:
            _write(file, mp3)
            file.seek(0)
            answer, _ = await self._work(["measure", "mp3", str(max_seconds)], file, max_seconds)
        return answer.peaks

    async def synthesize(self) -> dict[str, bytes]:
        """The built-in sounds by name, as mp3."""
        answer, parts = await self._work(["synthesize"], DEVNULL, 60.0)
        return dict(zip(answer.names, parts, strict=True))

    async def _work(
        self, command: list[str], source: IO[bytes] | int, max_seconds: float
    ) -> tuple[_Answer, list[bytes]]:
        """Run the worker when it is its turn and take its answer apart."""
        memory = int(_MEMORY + _MEMORY_A_SECOND * max_seconds)
        arguments = [*command, str(memory), str(_CPU_SECONDS)]
        busy = Unavailable("too many uploads at the moment, try again")
        async with self._turn(busy), _in_time(WORK_SECONDS, busy):
            output = await _run(arguments, source, limit=int(max_seconds * _MP3_A_SECOND) + 100_000)
        return _taken_apart(output)

    @asynccontextmanager
    async def _turn(self, busy: Unavailable) -> AsyncIterator[None]:
        if self._waiting >= MAX_WAITING:
            raise busy
        self._waiting += 1
        try:
            async with _in_time(WAIT_SECONDS, busy):
                await self._places.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()


def _undecodable() -> UnsupportedSound:
    return UnsupportedSound(reason="it cannot be decoded", why="damaged")


def _temporary_file() -> IO[bytes]:
    """Without a name: nothing is left of it however we end. Unbuffered: a full disk is seen at once."""
    with _disk():
        return tempfile.TemporaryFile(buffering=0)


async def _collect(chunks: AsyncIterable[bytes], file: IO[bytes], max_bytes: int) -> str:
    """Write the upload to `file` and tell its container. All of it is read before anything is refused."""
    size = 0
    head = b""
    async for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise FileTooLarge(max_bytes=max_bytes)
        head += chunk[: HEAD_BYTES - len(head)]
        if len(head) < HEAD_BYTES or container_of(head):
            _write(file, chunk)
    container = container_of(head)
    if container is None:
        kinds = "it is no mp3, wav, ogg, flac, m4a, aac or webm"
        raise UnsupportedSound(reason=kinds if size else "the file is empty", why="kind" if size else "empty")
    file.seek(0)
    return container


def _write(file: IO[bytes], chunk: bytes) -> None:
    rest = memoryview(chunk)
    with _disk():
        while rest:
            rest = rest[file.write(rest) :]


@contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (ENOSPC, EDQUOT):
            raise Full from error
        raise


async def _run(arguments: list[str], source: IO[bytes] | int, *, limit: int) -> bytes:
    """What the worker says, at most `limit` bytes. It does not outlive this call, however that ends."""
    process = await _start(arguments, source)
    try:
        output = await _read(process, limit)
        code = await process.wait()
    finally:
        await _end(process)
    if code:
        # A bomb or a bug: the words it died with may carry the file's own, so they are not kept.
        log.warning("sound_worker_failed", code=code, command=arguments[0])
        raise _undecodable()
    return output


async def _start(arguments: list[str], source: IO[bytes] | int) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-s", "-B", "-m", "core.sounds.worker"),
            *arguments,
            stdin=source,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd=_ROOT,
            env=_ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise Unavailable from error


async def _read(process: Process, limit: int) -> bytes:
    assert process.stdout is not None  # noqa: S101  # asked for above
    output = bytearray()
    while chunk := await process.stdout.read(65_536):
        output += chunk
        if len(output) > limit:
            raise _undecodable()
    return bytes(output)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.communicate()


def _taken_apart(output: bytes) -> tuple[_Answer, list[bytes]]:
    line, _, rest = output.partition(b"\n")
    try:
        answer = msgspec.json.decode(line, type=_Answer)
    except msgspec.MsgspecError as error:
        raise _undecodable() from error
    parts = []
    for size in answer.sizes:
        parts.append(rest[:size])
        rest = rest[size:]
    return answer, parts


@asynccontextmanager
async def _in_time(seconds: float, refusal: Exception) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise refusal from error
