"""What the hot path counts in."""

import asyncio
import time

from core.counting import Counts, Spread
from core.tasks import TaskPool


def test_a_duration_counts_under_every_bound_it_does_not_pass():
    spread = Spread(0.1, 1.0)
    for seconds in (0.05, 0.1, 0.5, 7.0):
        spread.note(seconds)

    assert list(spread.cumulative()) == [(0.1, 2), (1.0, 3), (float("inf"), 4)]
    assert spread.sum == 7.65


async def test_what_holds_up_the_loop_is_noticed(monkeypatch):
    monkeypatch.setattr("core.counting.WATCH_SECONDS", 0.01)
    counts = Counts()
    async with TaskPool() as tasks:
        tasks.spawn(counts.watch_loop(), name="watch")
        await asyncio.sleep(0)
        time.sleep(0.3)  # somebody does not give way
        await asyncio.sleep(0.02)

    assert counts.late.sum >= 0.2
