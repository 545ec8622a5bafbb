"""Keeps one streamer heard: looks, waits, connects, reconnects, and says where it stands.

Nothing here ends by itself; whatever goes wrong is shown with its cure and tried again after a pause.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import Clock
from core.live.budgets import Budgets, Line, Turn
from core.live.events import Frame, ViewersCounted
from core.live.source import (
    Blocked,
    ConnectionLost,
    Head,
    LiveConnection,
    LiveSource,
    LiveState,
    LiveStatus,
    LiveTrouble,
    LookupFailed,
    Offline,
    Room,
    SessionSink,
    SignLimited,
    SignRefused,
    UnknownStreamer,
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Intervals:
    """Seconds."""

    urgent: float = 3  # at least, between two looks somebody asked for
    same_room: float = 300  # a room that ended is over, whatever the page says
    unknown: float = 600
    blocked: float = 120
    retry: float = 1  # doubles with every failure
    retry_max: float = 60
    healthy: float = 60  # a connection that lasted so long clears the failures before it
    turn: float = 600  # longer than foreseen nobody stays in a line
    favoured: int = 3  # not seconds: so many reconnects in a row go before all others
    stale: float = 60  # after so long in the line for a signature the room is looked up again


class Supervisor:
    def __init__(
        self,
        unique_id: str,
        source: LiveSource,
        sink: SessionSink,
        budgets: Budgets,
        clock: Clock,
        on_change: Callable[[LiveStatus], None],
        intervals: Intervals | None = None,
    ) -> None:
        self._unique_id = unique_id
        self._source = source
        self._sink = sink
        self._budgets = budgets
        self._clock = clock
        self._on_change = on_change
        self._intervals = intervals or Intervals()
        self._status = LiveStatus(LiveState.OFF, clock.now())
        self._open: Room | None = None  # the LIVE the sink is in, also while it is being reconnected
        self._over: tuple[str, float] = ("", 0.0)  # the room that ended last, and when
        self._known_room: str | None = None
        self._wake: asyncio.Event | None = None  # while it pauses
        self._is_urgent = False
        self._failures = 0
        self._trouble: LiveTrouble | None = None  # the last one, shown until a connection stands
        self._looked_at = float("-inf")
        self._connected_at: float | None = None
        self._last_frame_at: datetime | None = None
        self._viewers: int | None = None
        self._turn: Turn | None = None
        self._next_try_at: float | None = None
        self.head: Head | None = None
        """Where to go on, set before it runs."""

    @property
    def state(self) -> LiveState:
        return self._status.state

    @property
    def status(self) -> LiveStatus:
        known = self._status
        return LiveStatus(
            state=known.state,
            since=known.since,
            room_id=self._open.room_id if self._open else known.room_id,
            viewers=self._viewers if self._open else None,
            error=known.error,
            error_code=known.error_code,
            last_frame_at=self._last_frame_at,
            expected_wait_seconds=self._expected_wait(),
        )

    def check_now(self) -> None:
        """Look at an offline or unknown streamer at once, as far as the budget allows."""
        if self._wake:
            self._wake.set()

    async def run(self) -> None:
        try:
            self._become(LiveState.CONNECTING)
            if self.head is not None:
                await self._go_on()
            while True:
                await self._round()
        finally:
            self._end()
            self._become(LiveState.OFF)

    async def _go_on(self) -> None:
        """In the room where another process was, by the connection that stands, else by one of our own."""
        head, self.head = self.head, None
        if head is None:
            return
        self._open, self._known_room = head.room, head.room.room_id
        if head.connection is None:
            return
        try:
            async with head.connection as connection:
                self._begin(head.room)
                await self._read(connection)
            self._require_over(head.room)
        except LiveTrouble as error:
            await self._recover(error)

    async def _round(self) -> None:
        try:
            await self._listen(await self._look())
        except Offline as error:
            await self._wait_offline(error)
        except UnknownStreamer as error:
            self._become(LiveState.FAILED, error)
            await self._pause(self._intervals.unknown)
        except LiveTrouble as error:
            await self._recover(error)
        except Exception:
            # An unforeseen error of one connection must not leave the streamer deaf for good.
            log.exception("live_round_failed", unique_id=self._unique_id)
            await self._recover(LiveTrouble())

    async def _look(self) -> Room:
        """The room to listen to. While a LIVE is open, a failing look does not stop reconnecting to it."""
        await self._stand_in(self._budgets.lookups, first=self._is_urgent or self._open is not None)
        self._looked_at = self._clock.monotonic()
        try:
            room = await self._source.find_room(self._unique_id)
        except (LookupFailed, UnknownStreamer):
            if self._open is None:
                raise
            return self._open
        self._known_room = room.room_id
        room_id, ended_at = self._over
        if room.room_id == room_id and self._looked_at - ended_at < self._intervals.same_room:
            raise Offline(room_id=room_id)
        return room

    async def _listen(self, room: Room) -> None:
        self._become(LiveState.CONNECTING, self._trouble, room.room_id)
        # A room that keeps failing must not keep everybody else from ever getting a signature.
        is_first = self._open is not None and self._failures < self._intervals.favoured
        waited = await self._stand_in(self._budgets.signatures, first=is_first)
        if waited > self._intervals.stale:
            room = await self._look()
        if self._open and self._open.room_id != room.room_id:
            self._end()
        async with self._source.connect(room, reconnecting=self._open is not None) as connection:
            self._begin(room)
            await self._read(connection)
        self._require_over(room)
        self._become(LiveState.WAITING)
        await self._pause(self._source.pause_after_end)

    def _require_over(self, room: Room) -> None:
        """The connection is gone: fine where the LIVE is over, else raises `ConnectionLost`."""
        if self._open:
            raise ConnectionLost
        self._connected_at = None
        self._over = (room.room_id, self._clock.monotonic())

    async def _read(self, connection: LiveConnection) -> None:
        """Feed the sink until the stream ends (then no LIVE is open any more) or the other side closes."""
        async for frame in connection:
            self._last_frame_at = self._clock.now()
            self._count_viewers(frame)
            if self._sink.frame(frame):
                self._end()
                return
            del frame  # or every room keeps its last one until the next comes

    def _count_viewers(self, frame: Frame) -> None:
        for event in frame.events:
            if isinstance(event, ViewersCounted):
                self._viewers = event.current

    def _begin(self, room: Room) -> None:
        is_new = self._open is None
        self._open = room
        self._trouble = None
        self._connected_at = self._clock.monotonic()
        self._sink.began(room.room_id, is_new=is_new)
        self._become(LiveState.LIVE)

    def _disconnected(self) -> None:
        if self._connected_at is None:
            return
        if self._clock.monotonic() - self._connected_at >= self._intervals.healthy:
            self._failures = 0
        self._connected_at = None
        self._sink.lost()

    def _end(self) -> None:
        if self._open:
            self._open = None
            self._viewers = None
            self._sink.ended()

    async def _wait_offline(self, error: Offline) -> None:
        self._end()
        self._failures = 0
        self._trouble = None
        self._known_room = error.room_id or self._known_room
        self._become(LiveState.WAITING)
        lookout, wake = self._budgets.lookout, asyncio.Event()
        with lookout.waiting(self._known_room, wake):
            await self._pause(lookout.interval * random.uniform(0.9, 1.1), wake)

    async def _recover(self, error: LiveTrouble) -> None:
        """After a failure: say it, and stay away for a while that grows with each one."""
        self._disconnected()
        self._trouble = error
        self._become(self._state_in(error), error)
        pause = min(self._intervals.retry * 2.0**self._failures, self._intervals.retry_max)
        self._failures = min(self._failures + 1, 30)
        if isinstance(error, Blocked):
            pause = max(pause, self._intervals.blocked)
        pause *= random.uniform(0.5, 1.0)
        if isinstance(error, SignLimited):
            self._budgets.signatures.hold(error.retry_after or pause)
        else:
            pause = max(pause, error.retry_after or 0.0)
        if isinstance(error, LookupFailed):
            await self._pause(pause)
        else:
            await self._sleep(pause)

    def _state_in(self, error: LiveTrouble) -> LiveState:
        if self._open is None and isinstance(error, Blocked | SignRefused):
            return LiveState.FAILED
        if self._status.state is LiveState.WAITING and isinstance(error, LookupFailed):
            return LiveState.WAITING
        return LiveState.CONNECTING

    async def _stand_in(self, line: Line, *, first: bool) -> float:
        """Wait for a turn; how long it took."""
        since = self._clock.monotonic()
        self._turn = line.line_up(first=first)
        try:
            if self._turn.expected_wait() > 1:
                self._on_change(self.status)
            await self._turn.wait(self._turn.expected_wait() + self._intervals.turn)
        finally:
            self._turn = None
        return self._clock.monotonic() - since

    async def _pause(self, seconds: float, wake: asyncio.Event | None = None) -> None:
        """A sleep that `check_now` ends, or who else has `wake`."""
        self._wake = wake = wake or asyncio.Event()
        try:
            async with asyncio.timeout(seconds):
                await wake.wait()
            self._is_urgent = True
            await self._sleep(self._looked_at + self._intervals.urgent - self._clock.monotonic())
        except TimeoutError:
            self._is_urgent = False
        finally:
            self._wake = None

    async def _sleep(self, seconds: float) -> None:
        self._next_try_at = self._clock.monotonic() + seconds
        try:
            await asyncio.sleep(seconds)
        finally:
            self._next_try_at = None

    def _expected_wait(self) -> float | None:
        if self._turn:
            return self._turn.expected_wait()
        if self._next_try_at is not None:
            return max(0.0, self._next_try_at - self._clock.monotonic())
        return None

    def _become(self, state: LiveState, error: LiveTrouble | None = None, room_id: str | None = None) -> None:
        known = self._status
        self._status = LiveStatus(
            state=state,
            since=known.since if known.state is state else self._clock.now(),
            room_id=room_id,
            error=error.detail if error else None,
            error_code=error.code if error else None,
        )
        code = self._status.error_code
        if (state, code) != (known.state, known.error_code):
            log.info("live_state", unique_id=self._unique_id, state=state.value, error=code)
        if self._status != known:
            self._on_change(self.status)
