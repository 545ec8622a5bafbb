"""A LIVE source that does what a list says, and a sink that remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Self

from core.live.events import Frame, LiveEnded
from core.live.source import LiveStatus, LiveTrouble, Room
from tests.core.live.virtual_time import LoopClock

QUIET = Frame("hb")
END = Frame("msg", events=[LiveEnded(1, 0, False)])

Step = float | Frame | Exception  # a wait, a frame, a failure


class ScriptedConnection:
    def __init__(self, steps: Iterable[Step]) -> None:
        self.raw: Callable[[bytes], None] | None = None
        self.skipped = 0
        self._steps = iter(steps)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        for step in self._steps:
            if isinstance(step, Frame):
                return step
            if isinstance(step, Exception):
                raise step
            await asyncio.sleep(step)
        raise StopAsyncIteration


class ScriptedSource:
    """Looks and connections in their order; when a list is at its end, its last entry stays."""

    pause_after_end = 30.0

    def __init__(
        self, looks: list[str | Exception], connections: list[list[Step] | Exception] | None = None
    ) -> None:
        self._looks = looks
        self._connections = connections or [[1e9]]
        self.looked_at: list[float] = []
        self.connected_at: list[tuple[float, str, bool]] = []

    async def find_room(self, unique_id: str) -> Room:
        self.looked_at.append(LoopClock().monotonic())
        look = self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]
        if isinstance(look, Exception):
            raise look
        return Room(look, unique_id)

    async def alive(self, room_ids: list[str]) -> set[str]:
        return set()

    @asynccontextmanager
    async def connect(self, room: Room, *, reconnecting: bool) -> AsyncIterator[ScriptedConnection]:
        self.connected_at.append((LoopClock().monotonic(), room.room_id, reconnecting))
        steps = self._connections.pop(0) if len(self._connections) > 1 else self._connections[0]
        if isinstance(steps, Exception):
            raise steps
        yield ScriptedConnection(steps)


class Story:
    """A sink and the listener of a status, told apart by what they write."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.statuses: list[LiveStatus] = []

    def began(self, room_id: str, *, is_new: bool) -> None:
        self.told.append(f"began {room_id}" if is_new else f"again {room_id}")

    def frame(self, frame: Frame) -> bool:
        return any(isinstance(event, LiveEnded) for event in frame.events)

    def lost(self) -> None:
        self.told.append("lost")

    def ended(self) -> None:
        self.told.append("ended")

    def changed(self, status: LiveStatus) -> None:
        self.statuses.append(status)

    @property
    def states(self) -> list[str]:
        """Each state once in a row."""
        states = [status.state.value for status in self.statuses]
        return [state for at, state in enumerate(states) if at == 0 or states[at - 1] != state]

    def errors(self) -> set[str]:
        return {status.error_code for status in self.statuses if status.error_code}


def trouble(kind: type[LiveTrouble], retry_after: float) -> LiveTrouble:
    return kind(retry_after=retry_after)
