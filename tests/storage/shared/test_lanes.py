"""One lane for all processes: in order, and nobody who died stays in the way."""

import asyncio

import pytest

from storage.shared import lanes as lanes_module
from storage.shared.lanes import Lanes
from tests.reach_kit import by_wire
from tests.redis_kit import needs_redis

pytestmark = needs_redis


@pytest.fixture
def pair(two):
    return [Lanes(reach, "dialog") for reach in two]


async def test_those_who_wait_come_in_their_order(pair):
    order = []
    places = [lanes.lane("7") for lanes in (*pair, *pair)]
    await places[0].enter()

    async def come(number):
        await places[number].enter()
        order.append(number)
        await places[number].leave()

    waiting = []
    for number in (1, 2, 3):
        waiting.append(asyncio.create_task(come(number)))
        await asyncio.sleep(0.1)
    assert order == []
    await places[0].leave()
    await asyncio.gather(*waiting)

    assert order == [1, 2, 3]


async def test_other_lanes_are_free(pair):
    here, there = pair
    await here.lane("7").enter()

    async with asyncio.timeout(30):
        await there.lane("8").enter()


async def test_nobody_waits_for_one_whose_process_died(pair, monkeypatch):
    monkeypatch.setattr(lanes_module, "_LASTS", (300, 60_000))
    here, there = pair
    await here.lane("7").enter()

    async with asyncio.timeout(30):
        await there.lane("7").enter()


async def test_who_stays_longer_than_a_place_lasts_keeps_it(pair, monkeypatch):
    monkeypatch.setattr(lanes_module, "_LASTS", (2_000, 60_000))
    monkeypatch.setattr(lanes_module, "REFRESH_SECONDS", 0.1)
    here, there = (lanes.lane("7") for lanes in pair)
    staying = asyncio.create_task(here.stay())
    await here.enter()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3):
            await there.enter()

    staying.cancel()


async def test_without_redis_nobody_waits():
    async with by_wire() as (reach, wire):
        lane = Lanes(reach, "dialog").lane("7")
        await wire.cut()

        async with asyncio.timeout(30):
            await lane.enter()
            await lane.leave()
