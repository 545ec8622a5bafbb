"""What all streamers share: how often this address may ask TikTok, and how often the sign server.

A `Line` hands out at most `limit` turns in any `window` seconds, first come first
served, those who say `first` before all others.
"""

import asyncio
from bisect import insort
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import structlog

from core.clock import Clock
from core.config import Tiktok
from core.live.source import LiveTrouble

log = structlog.get_logger(__name__)

Alive = Callable[[list[str]], Awaitable[set[str]]]

MAX_WAITING = 10_000
BULK = 50  # rooms asked about in one question


class Busy(LiveTrouble):
    code = "live_busy"
    text = "Too many LIVEs are being connected at once; trying again by itself."


class Turn:
    """A place in a line. Leave it when it is no longer wanted."""

    __slots__ = ("_line", "order", "since", "taken")

    def __init__(self, line: "Line", order: tuple[bool, int], since: float) -> None:
        self._line = line
        self.order = order
        self.since = since
        self.taken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self, timeout: float) -> None:
        """Until it is our turn; raises `Busy` when that takes too long."""
        try:
            async with asyncio.timeout(timeout):
                await self.taken
        except TimeoutError as error:
            raise Busy from error
        finally:
            self._line.leave(self)

    def expected_wait(self) -> float:
        return self._line.expected_wait(self)


class Line:
    def __init__(self, limit: int, clock: Clock, *, window: float = 60.0, gap: float = 0.0) -> None:
        self._window = window
        self._gap = gap  # at least that long between two turns
        self._clock = clock
        self.processes = 1  # that take turns from it
        self._allowed = limit
        self._granted: deque[float] = deque(maxlen=limit)
        self._turns: list[Turn] = []  # in the order they will be served
        self._held_until = float("-inf")
        self._asked = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def limit(self) -> int:
        """Turns in a window."""
        return self._granted.maxlen or 0

    @property
    def used(self) -> int:
        """Turns of the window that ends now."""
        since = self._clock.monotonic() - self._window
        return sum(at > since for at in self._granted)

    @property
    def waiting(self) -> int:
        return len(self._turns)

    @property
    def held_seconds(self) -> float:
        """For how much longer the other side wants nobody."""
        return max(0.0, self._held_until - self._clock.monotonic())

    def line_up(self, *, first: bool = False) -> Turn:
        if len(self._turns) >= MAX_WAITING:
            raise Busy
        self._asked += 1
        turn = Turn(self, (not first, self._asked), self._clock.monotonic())
        insort(self._turns, turn, key=lambda one: one.order)
        self._serve()
        return turn

    def leave(self, turn: Turn) -> None:
        if turn in self._turns:
            self._turns.remove(turn)
            self._serve()

    def charge(self) -> None:
        """Count something that was done without a turn."""
        self._note_turn()

    async def run(self) -> None:
        """What there is to do in the background. To be started once; ends where there is nothing."""

    def hold(self, seconds: float) -> None:
        """The other side said: nobody for so long."""
        self._held_until = max(self._held_until, self._clock.monotonic() + seconds)
        self._serve()

    def expected_wait(self, turn: Turn) -> float:
        """Seconds until this turn comes, as far as can be known now."""
        now = self._clock.monotonic()
        granted = self._granted.copy()
        if turn not in self._turns:
            return 0.0
        at = now
        for _ in range(self._ahead_of(turn) + 1):
            granted.append(at := max(now, self._next_free(granted)))
        return at - now

    def _ahead_of(self, turn: Turn) -> int:
        """How many are served before, as far as can be known now."""
        return self._turns.index(turn)

    def _note_turn(self) -> None:
        self._granted.append(self._clock.monotonic())

    def _next_free(self, granted: deque[float]) -> float:
        free = self._held_until
        if granted:
            free = max(free, granted[-1] + self._gap)
        if len(granted) >= self._allowed:
            free = max(free, granted[-self._allowed] + self._window)
        return free

    def _cancel_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _serve(self) -> None:
        self._cancel_timer()
        while self._turns:
            wait = self._next_free(self._granted) - self._clock.monotonic()
            if wait > 0:
                self._timer = asyncio.get_running_loop().call_later(wait, self._serve)
                return
            turn = self._turns.pop(0)
            if not turn.taken.done():
                self._note_turn()
                turn.taken.set_result(None)


class Lookout:
    """Streamers who are waited for. The more they are, the rarer each of them is looked at."""

    def __init__(self, line: Line, per_minute: int, *, base: float = 30.0) -> None:
        self._line = line
        # A quarter is kept for those who press LIVE.
        self._seconds_each = 60 / (per_minute * 0.75)
        self._base = base
        self._waiting: dict[
            asyncio.Event, str | None
        ] = {}  # what wakes each of them, and the last known room

    @property
    def interval(self) -> float:
        """Seconds between two looks at one offline streamer."""
        return max(self._base, len(self._waiting) * self._seconds_each * self._line.processes)

    @contextmanager
    def waiting(self, room_id: str | None, wake: asyncio.Event) -> Iterator[None]:
        """Counts one streamer among the waiting; `wake` is set when `room_id` comes back on air."""
        self._waiting[wake] = room_id
        try:
            yield
        finally:
            self._waiting.pop(wake, None)

    async def run(self, alive: Alive) -> None:
        """While many wait, ask for their last known rooms in bulk.

        It finds those who go on in the same room sooner; a new LIVE has a new
        room, so it never stands in for looking.
        """
        while True:
            await asyncio.sleep(self._base)
            if self.interval > self._base:
                await self._sweep(alive)

    async def _sweep(self, alive: Alive) -> None:
        asked = {wake: room for wake, room in self._waiting.items() if room}
        asked = dict(islice(asked.items(), BULK))
        try:
            await self._line.line_up().wait(self._base)
            back = await alive(list(asked.values())) if asked else set[str]()
        except LiveTrouble as error:
            log.info("bulk_look_failed", code=error.code)
            return
        for wake, room in asked.items():
            if room in back:
                wake.set()
            elif wake in self._waiting:
                self._waiting[wake] = self._waiting.pop(wake)  # to the end: others are asked about next


@dataclass(frozen=True)
class Budgets:
    lookups: Line
    signatures: Line
    lookout: Lookout

    async def run(self) -> None:
        """Until cancelled, as far as there is anything to do."""
        async with asyncio.TaskGroup() as group:
            for line in (self.lookups, self.signatures):
                _ = group.create_task(line.run())


LineMaker = Callable[[str, int, float], Line]
"""Of its name, the turns in a minute, and the seconds between two."""


def budgets_for(tiktok: Tiktok, clock: Clock, make: LineMaker | None = None) -> Budgets:
    """`make`: lines of several processes. Every key of the sign server brings its own share."""
    make = make or (lambda _, limit, gap: Line(limit, clock, gap=gap))
    lookups = make("lookups", tiktok.lookups_per_minute, 0.1)
    keys = max(1, len(tiktok.sign_api_keys))
    signatures = make("signatures", tiktok.signatures_per_minute * keys, 0.0)
    return Budgets(lookups, signatures, Lookout(lookups, tiktok.lookups_per_minute))


def unlimited(clock: Clock) -> Budgets:
    """For recordings, where nobody is asked."""
    lookups = Line(MAX_WAITING, clock)
    return Budgets(lookups, Line(MAX_WAITING, clock), Lookout(lookups, MAX_WAITING, base=1.0))
