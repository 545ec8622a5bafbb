"""A recording played as if it were a LIVE, for any streamer who is asked for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import structlog

from core.clock import Clock
from core.live import recordings
from core.live.events import Frame, LiveEnded
from core.live.recordings import Recording
from core.live.source import Offline, Room
from core.live.wire import BadFrame, decode_frame

log = structlog.get_logger(__name__)

LONGEST_GAP = 300.0  # seconds between two frames; more is a mistake in the file
END = Frame("msg", events=[LiveEnded(0, 0, suspended=False)])


class ReplaySource:
    """Every round is a stream of its own: a new room, and an end where the recording ends."""

    pause_after_end = 1.0

    def __init__(self, path: Path, clock: Clock, *, speed: float = 1.0, loop: bool = True) -> None:
        """`speed` 0: as fast as it goes. Raises `Invalid` for a file that is no recording."""
        self._path = path
        self._clock = clock
        self._speed = speed
        self._loop = loop
        self._played: set[str] = set()
        self._last_room = 0
        self._told: set[int] = set()  # broken lines that were logged
        recordings.read(path)

    async def find_room(self, unique_id: str) -> Room:
        if unique_id in self._played and not self._loop:
            raise Offline("The recording is over.")
        self._last_room = max(self._last_room + 1, int(self._clock.now().timestamp() * 1_000_000))
        return Room(str(self._last_room), unique_id)

    async def alive(self, room_ids: list[str]) -> set[str]:  # noqa: ARG002 - a round that is over never comes back
        return set()

    @asynccontextmanager
    async def connect(self, room: Room, *, reconnecting: bool) -> AsyncIterator["ReplayConnection"]:  # noqa: ARG002 - nothing is ever cut
        self._played.add(room.unique_id)
        yield ReplayConnection(recordings.read(self._path), self._clock, self._speed, self._told)


class ReplayConnection:
    """A `LiveConnection` over a file."""

    def __init__(self, recording: Recording, clock: Clock, speed: float, told: set[int]) -> None:
        self.raw: Callable[[bytes], None] | None = None
        self.skipped = 0
        self._recording = recording
        self._lines: Iterator[tuple[float, bytes]] = iter(recording)
        self._clock = clock
        self._speed = speed
        self._told = told
        self._t = 0.0  # of the last frame
        self._due = clock.monotonic()
        self._is_over = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        for t, data in self._lines:
            await self._wait_for(t)
            if self.raw:
                self.raw(data)
            if frame := self._decoded(data):
                return frame
        if self._is_over:
            raise StopAsyncIteration
        self._is_over = True
        self._tell_bad_lines()
        return END

    async def _wait_for(self, t: float) -> None:
        if self._speed:
            self._due += min(max(t - self._t, 0.0), LONGEST_GAP) / self._speed
            self._t = t
            await asyncio.sleep(max(0.0, self._due - self._clock.monotonic()))
        else:
            await asyncio.sleep(0)

    def _decoded(self, data: bytes) -> Frame | None:
        try:
            frame = decode_frame(data)
        except BadFrame as error:
            self.skipped += 1
            self._recording.report(str(error))
            return None
        if frame.unreadable:
            self._recording.report(f"{frame.unreadable} messages could not be read")
        return frame

    def _tell_bad_lines(self) -> None:
        for line in self._recording.bad_lines:
            if line.number not in self._told:
                self._told.add(line.number)
                log.warning(
                    "recording_line_skipped",
                    path=str(self._recording.path),
                    line=line.number,
                    reason=line.reason,
                )
