"""A line of several processes. Each keeps its own order; Redis says whose first one gets the next turn.

While Redis is away every process goes on with its share.
"""

import asyncio
import itertools
import secrets
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

import structlog

from core.clock import Clock
from core.live.budgets import Line, LineMaker, Turn
from storage.shared import turns
from storage.shared.reach import Away, Reach
from storage.shared.turns import Answer, SharedTurns, Want

log = structlog.get_logger(__name__)

IDLE_SECONDS = 5.0  # between two words of a process where nobody waits
WAITING_SECONDS = 1.0  # the same where somebody does
SOON_SECONDS = 0.05  # the turn is free, and another process has not come for it yet
AWAY_SECONDS = 1.0
LATER = (
    10_000_000_000_000  # places of those who wait are milliseconds since 1970; others come after the urgent
)


@dataclass(frozen=True, slots=True)
class _Others:
    """Who waits in other processes."""

    urgent: int = 0
    rest: int = 0


class SharedLine(Line):
    def __init__(
        self, limit: int, clock: Clock, shared: SharedTurns, *, window: float = 60.0, gap: float = 0.0
    ):
        super().__init__(limit, clock, window=window, gap=gap)
        self._shared = shared
        self._others = _Others()
        self._is_alone = False
        self._numbers = itertools.count(1)
        self._ours: deque[tuple[int, float]] = deque(maxlen=limit)  # number, when
        self._untold: list[tuple[int, float]] = []
        self._stirred = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. Who never asked for a turn is no process of this line."""
        await self._stirred.wait()
        while True:
            self._stirred.clear()
            pause = await self._round()
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stirred.wait()

    async def _round(self) -> float:
        """Ask once; seconds until the next time."""
        want = self._want()
        try:
            answer = await self._shared.ask(want)
        except Away:
            self._go_alone()
            return AWAY_SECONDS
        self._untold = self._untold[len(want.done) :]
        self._take_in(answer)
        if not answer.is_known:
            self._untold = list(self._ours)
            return 0.0
        if answer.is_granted:
            self._note_ours(want.number)
            self._give()
        return self._pause(answer)

    def _want(self) -> Want:
        now = self._clock.monotonic()
        urgent = sum(not turn.order[0] for turn in self._turns)
        return Want(
            number=next(self._numbers),
            place=self._place_of(self._turns[0], now) if self._turns else None,
            urgent=urgent,
            rest=len(self._turns) - urgent,
            hold=self.held_seconds,
            done=[(number, now - at) for number, at in self._untold],
        )

    def _place_of(self, turn: Turn, now: float) -> float:
        came_at = self._clock.now().timestamp() - (now - turn.since)
        return came_at * 1000 + (LATER if turn.order[0] else 0)

    def _take_in(self, answer: Answer) -> None:
        now = self._clock.monotonic()
        if self._is_alone:
            self._is_alone = False
            self._cancel_timer()
        self._allowed = self.limit
        self._held_until = now + answer.held if answer.held else self._held_until
        self._granted = deque((now - age for age in answer.ages), maxlen=self.limit)
        self._others = _Others(answer.urgent, answer.rest)
        self.processes = answer.processes

    def _give(self) -> None:
        while self._turns:
            turn = self._turns.pop(0)
            if not turn.taken.done():
                turn.taken.set_result(None)
                return

    def _pause(self, answer: Answer) -> float:
        if not self._turns:
            return IDLE_SECONDS
        if answer.is_granted:
            return 0.0
        return min(WAITING_SECONDS, max(SOON_SECONDS, answer.free_in))

    def _go_alone(self) -> None:
        if not self._is_alone:
            self._is_alone = True
            self._others = _Others()
            self._allowed = max(1, self.limit // self.processes)
            log.warning("budget_alone", turns=self._allowed, processes=self.processes)
        super()._serve()

    def _serve(self) -> None:
        if self._is_alone:
            super()._serve()
        self._stirred.set()

    def _note_turn(self) -> None:
        """Taken without asking."""
        super()._note_turn()
        self._note_ours(next(self._numbers))
        self._untold.append(self._ours[-1])
        self._stirred.set()

    def _note_ours(self, number: int) -> None:
        self._ours.append((number, self._clock.monotonic()))

    def _ahead_of(self, turn: Turn) -> int:
        """Those of others are thought to stand evenly among ours."""
        own = self._turns.index(turn)
        urgent = sum(not one.order[0] for one in self._turns)
        if not turn.order[0]:
            return own + self._others.urgent * (own + 1) // urgent
        rest = len(self._turns) - urgent
        return own + self._others.urgent + self._others.rest * (own + 1 - urgent) // rest


def lines_of_all(clock: Clock, reach: Reach) -> LineMaker:
    """Lines that all processes of the installation share."""
    me = secrets.token_hex(6)

    def make(name: str, limit: int, gap: float) -> Line:
        line = turns.Line(name, limit, 60.0, gap)
        return SharedLine(limit, clock, SharedTurns(reach, line, me), gap=gap)

    return make
