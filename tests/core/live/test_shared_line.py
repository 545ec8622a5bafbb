"""One budget of several processes, on a real Redis: kept, in order, urgent ones first."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from core.clock import Clock
from core.live import shared_line
from core.live.shared_line import SharedLine
from storage.shared import turns
from storage.shared.turns import SharedTurns
from tests.reach_kit import by_wire, reaches
from tests.redis_kit import needs_redis

pytestmark = needs_redis

TWO_IN = "return redis.call('ZCARD', KEYS[1]) == 2 and 1 or 0"


@pytest.fixture
async def two():
    async with reaches(2) as pair:
        yield pair


@asynccontextmanager
async def lines(pair, limit, window=60.0, gap=0.0):
    """Of two processes."""
    made, running = [], []
    for number, reach in enumerate(pair):
        shared = SharedTurns(reach, turns.Line("lookups", limit, window, gap), f"process{number}")
        line = SharedLine(limit, Clock(), shared, window=window, gap=gap)
        made.append(line)
        running.append(asyncio.create_task(line.run()))
    yield made
    for task in running:
        task.cancel()
    await asyncio.wait(running)


async def taken(turn):
    await turn.wait(30)
    return asyncio.get_running_loop().time()


def is_taken(all_turns):
    return [turn.taken.done() for turn in all_turns]


async def settled(line, is_so):
    async with asyncio.timeout(30):
        while not is_so(line):
            await asyncio.sleep(0.02)


async def noted(reach, part, question):
    """Until Redis knows."""
    key = f"{reach.prefix}turns:lookups:{part}"
    async with asyncio.timeout(30):
        while not await reach.ask(lambda redis: question(redis, key)):
            await asyncio.sleep(0.02)


async def test_processes_together_take_no_more_than_one_would(two):
    async with lines(two, 6) as (here, there):
        asked = [line.line_up() for line in (here, there) for _ in range(6)]

        await settled(here, lambda line: sum(is_taken(asked)) == 6)
        await asyncio.sleep(0.5)

        assert sum(is_taken(asked)) == 6
        assert here.used == 6


async def test_the_window_moves_for_all(two):
    async with lines(two, 2, window=1.0) as (here, there):
        times = await asyncio.gather(*[taken(line.line_up()) for line in (here, there) for _ in range(3)])

    times.sort()
    assert all(later - earlier > 0.9 for earlier, later in zip(times, times[2:], strict=False))


async def test_turns_of_different_processes_keep_the_gap(two):
    async with lines(two, 50, gap=0.2) as (here, there):
        times = await asyncio.gather(*[taken(line.line_up()) for line in (here, there) for _ in range(2)])

    times.sort()
    assert times[3] - times[0] > 0.5


async def test_who_came_first_is_first_whichever_process_it_came_to(two):
    order = []

    async def come(line, name):
        await line.line_up().wait(30)
        order.append(name)

    async with lines(two, 1, window=0.5) as (here, there):
        await here.line_up().wait(10)
        coming = []
        for name, line in (("a", here), ("b", there), ("c", here), ("d", there)):
            coming.append(asyncio.create_task(come(line, name)))
            await asyncio.sleep(0.05)
        await asyncio.gather(*coming)

    assert order == ["a", "b", "c", "d"]


async def test_a_reconnect_goes_before_those_who_wait_in_other_processes(two):
    async with lines(two, 1, window=2.0) as (here, there):
        await here.line_up().wait(10)
        patient = here.line_up()
        await asyncio.sleep(0.1)
        urgent = there.line_up(first=True)

        times = await asyncio.gather(taken(patient), taken(urgent))

    assert times[1] < times[0]


async def test_what_the_other_side_said_to_one_all_heed(two):
    async with lines(two, 10) as (here, there):
        await there.line_up().wait(10)
        here.hold(90)
        await noted(two[0], "held", lambda redis, key: redis.exists(key))
        turn = there.line_up()
        await settled(there, lambda line: line.held_seconds)

        assert not turn.taken.done()
        assert 80 < turn.expected_wait() <= 90


async def test_the_expected_wait_knows_of_those_in_other_processes(two):
    async with lines(two, 1, window=10.0) as (here, there):
        await here.line_up().wait(10)
        for _ in range(4):
            here.line_up()
        turns_there = [there.line_up() for _ in range(2)]
        await settled(there, lambda line: turns_there[-1].expected_wait() > 41)

        assert 51 < turns_there[-1].expected_wait() <= 60


async def test_what_was_done_without_a_turn_counts_everywhere(two):
    async with lines(two, 1) as (here, there):
        here.charge()
        await noted(two[0], "taken", lambda redis, key: redis.zcard(key))
        turn = there.line_up()
        await asyncio.sleep(0.3)

        assert not turn.taken.done()


async def test_a_process_that_died_while_it_waited_is_passed_over(two, monkeypatch):
    monkeypatch.setattr(turns, "FRESH_SECONDS", 0.3)
    async with lines(two, 1, window=1.0) as (_, there):
        dead = SharedTurns(two[0], turns.Line("lookups", 1, 1.0, 0.0), "dead")
        await dead.ask(turns.Want(1, 0.0))
        await there.line_up().wait(10)


async def test_redis_that_was_restarted_empty_is_told_what_was_taken(two):
    async with lines(two, 2) as (here, there):
        await asyncio.gather(here.line_up().wait(10), there.line_up().wait(10))
        for key in await two[0].ask(lambda redis: redis.keys(f"{two[0].prefix}*")):
            await two[0].ask(lambda redis, key=key: redis.delete(key))
        here.hold(0.01)
        there.hold(0.01)
        await noted(two[0], "taken", lambda redis, key: redis.eval(TWO_IN, 1, key))
        turn = here.line_up()
        await asyncio.sleep(0.3)

        assert not turn.taken.done()
        assert here.used == 2


async def test_without_redis_a_process_takes_its_share():
    async with by_wire() as (reach, wire), lines([reach], 6) as (line,):
        line.processes = 2
        await wire.cut()
        asked = [line.line_up() for _ in range(6)]
        await settled(line, lambda line: sum(is_taken(asked)) == 3)
        await asyncio.sleep(0.3)

        assert sum(is_taken(asked)) == 3
        assert asked[3].expected_wait() > 50


async def test_what_was_taken_alone_is_told_once_redis_is_back(monkeypatch):
    monkeypatch.setattr(shared_line, "AWAY_SECONDS", 0.2)
    async with by_wire() as (reach, wire), lines([reach], 2) as (line,):
        await wire.cut()
        await line.line_up().wait(10)
        await wire.mend()
        await line.line_up().wait(10)
        await settled(line, lambda line: not line._is_alone)
        turn = line.line_up()
        await asyncio.sleep(0.5)

        assert not turn.taken.done()
        assert line.used == 2
