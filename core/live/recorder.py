"""Writes a LIVE to a file, frame by frame as it came, over cuts and reconnects until it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from core.clock import Clock
from core.errors import AppError, Conflict, Full
from core.live.budgets import Budgets
from core.live.events import Frame, LiveEnded
from core.live.recordings import Header, Writer
from core.live.source import LiveConnection, LiveSource, LiveStatus, Room
from core.live.supervisor import Supervisor
from core.tasks import TaskPool


class _Tapped:
    """The source, with every raw frame also given to `tap`."""

    def __init__(self, source: LiveSource, tap: Callable[[bytes], None]) -> None:
        self._source = source
        self._tap = tap
        self.pause_after_end = source.pause_after_end

    async def find_room(self, unique_id: str) -> Room:
        return await self._source.find_room(unique_id)

    async def alive(self, room_ids: list[str]) -> set[str]:
        return await self._source.alive(room_ids)

    @asynccontextmanager
    async def connect(self, room: Room, *, reconnecting: bool) -> AsyncIterator[LiveConnection]:
        async with self._source.connect(room, reconnecting=reconnecting) as connection:
            connection.raw = self._tap
            yield connection


class _Tape:
    """A sink that opens the file with the LIVE and is done with it."""

    def __init__(self, unique_id: str, path: Path, clock: Clock) -> None:
        if path.exists():
            raise Conflict(f"{path} exists already", field="path")
        self._unique_id = unique_id
        self._path = path
        self._clock = clock
        self._started = 0.0
        self._writer: Writer | None = None
        self.frames = 0
        self.done = asyncio.Event()
        self.failure: AppError | None = None

    def began(self, room_id: str, *, is_new: bool) -> None:
        if not is_new or self._writer:
            return
        self._started = self._clock.monotonic()
        try:
            self._writer = Writer(self._path, Header(self._unique_id, room_id, self._clock.now()))
        except AppError as error:
            self._stop(error)
        except OSError as error:
            self._stop(self._full(error))

    def write(self, frame: bytes) -> None:
        if self._writer is None or self.done.is_set():
            return
        try:
            self._writer.write(self._clock.monotonic() - self._started, frame)
            self.frames += 1
        except OSError as error:
            self._stop(self._full(error))

    def frame(self, frame: Frame) -> bool:
        return any(isinstance(event, LiveEnded) for event in frame.events)

    def lost(self) -> None:
        pass  # the file goes on where the next connection does

    def ended(self) -> None:
        self.done.set()

    def close(self) -> None:
        if self._writer is None:
            return
        try:
            self._writer.close()
        except OSError as error:
            self._stop(self.failure or self._full(error))

    def _full(self, error: OSError) -> Full:
        return Full(f"cannot write {self._path}: {error.strerror}")

    def _stop(self, failure: AppError) -> None:
        self.failure = failure
        self.done.set()


async def record(
    unique_id: str,
    path: Path,
    source: LiveSource,
    budgets: Budgets,
    clock: Clock,
    on_change: Callable[[LiveStatus], None],
) -> int:
    """Record one LIVE, waiting for it where it is not on air; the number of frames written.

    Cancel it to stop earlier: what was written stays whole.
    """
    tape = _Tape(unique_id, path, clock)
    try:
        async with TaskPool() as tasks:
            tapped = _Tapped(source, tape.write)
            supervisor = Supervisor(unique_id, tapped, tape, budgets, clock, on_change)
            running = tasks.spawn(supervisor.run(), name=f"record {unique_id}")
            await tape.done.wait()
            running.cancel()
    finally:
        tape.close()
    if tape.failure:
        raise tape.failure
    return tape.frames
