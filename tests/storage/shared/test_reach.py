"""Redis away: nobody waits long for it, and it is used again once it is back."""

import asyncio

import pytest

from storage.shared import reach as reach_module
from storage.shared.once import Once
from storage.shared.reach import Away
from tests.redis_kit import needs_redis

pytestmark = needs_redis


async def seconds_of(work):
    began = asyncio.get_running_loop().time()
    with pytest.raises(Away):
        await work
    return asyncio.get_running_loop().time() - began


async def test_a_silent_redis_is_waited_for_once_and_briefly(wired):
    reach, wire = wired
    once = Once(reach, "thing")
    await once.put("a", b"1", 10)

    wire.is_silent = True
    first = await seconds_of(once.take("a"))
    others = [await seconds_of(once.take("a")) for _ in range(20)]

    assert first < 2
    assert sum(others) < 0.5


async def test_it_is_used_again_once_it_is_back(wired, monkeypatch):
    monkeypatch.setattr(reach_module, "PAUSE_SECONDS", (0.1, 0.5))
    reach, wire = wired
    once = Once(reach, "thing")
    await wire.cut()
    await seconds_of(once.put("a", b"1", 10))

    await wire.mend()
    await asyncio.sleep(0.2)

    await once.put("a", b"2", 10)
    assert await once.take("a") == b"2"


async def test_while_it_is_away_one_alone_tries_it(wired, monkeypatch):
    monkeypatch.setattr(reach_module, "PAUSE_SECONDS", (0.1, 0.5))
    reach, wire = wired
    asked = []
    wire.is_silent = True
    await seconds_of(reach.ask(lambda redis: redis.get("x")))
    await asyncio.sleep(0.2)

    def question(redis):
        asked.append(redis)
        return redis.get("x")

    await asyncio.gather(*[seconds_of(reach.ask(question)) for _ in range(10)])

    assert len(asked) == 1


async def test_who_tries_a_silent_redis_waits_less_than_the_first_one(wired, monkeypatch):
    monkeypatch.setattr(reach_module, "PAUSE_SECONDS", (0.1,))
    reach, wire = wired
    wire.is_silent = True
    first = await seconds_of(reach.ask(lambda redis: redis.get("x")))
    await asyncio.sleep(0.15)

    assert await seconds_of(reach.ask(lambda redis: redis.get("x"))) < first


async def test_more_at_once_than_places_are_all_answered(two):
    once = Once(two[0], "thing")

    await asyncio.gather(*[once.put(str(number), b"x", 10) for number in range(500)])

    found = await asyncio.gather(*[once.take(str(number)) for number in range(500)])
    assert found == [b"x"] * 500
