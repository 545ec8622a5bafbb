"""What a process counts since its start, in plain numbers; `webapp/metrics.py` shows them."""

import asyncio
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

WATCH_SECONDS = 0.5


class Spread:
    """How many durations stayed within each bound, and their sum. Seconds."""

    __slots__ = ("_bounds", "_counts", "sum")

    def __init__(self, *bounds: float) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def note(self, seconds: float) -> None:
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.sum += seconds

    def cumulative(self) -> Iterator[tuple[float, int]]:
        """Each bound, infinity last, with how many were not above it."""
        return zip((*self._bounds, float("inf")), accumulate(self._counts), strict=True)


def _quick() -> Spread:
    """Frames, statements: what should take milliseconds."""
    return Spread(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


def spoken() -> Spread:
    """What somebody listens for."""
    return Spread(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 30)


def _patient() -> Spread:
    """What waits for its turn."""
    return Spread(0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 120)


@dataclass(slots=True)
class Sending:
    """Messages to Telegram."""

    waiting: int = 0  # for their turn
    delay: Spread = field(default_factory=_patient)  # that turn took
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Counts:
    frame_to_socket: Spread = field(default_factory=_quick)
    closed: Counter[int] = field(default_factory=Counter)  # sockets ended by us, by close code
    sending: Sending = field(default_factory=Sending)
    reads: Spread = field(default_factory=_quick)  # units of work, with the wait for a connection
    writes: Spread = field(default_factory=_quick)
    late: Spread = field(default_factory=_quick)  # whom the event loop woke, and with them all others

    async def watch_loop(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + WATCH_SECONDS
            await asyncio.sleep(WATCH_SECONDS)
            self.late.note(max(0.0, loop.time() - due))

    def unit_of_work(self, seconds: float, *, writes: bool) -> None:
        (self.writes if writes else self.reads).note(seconds)
