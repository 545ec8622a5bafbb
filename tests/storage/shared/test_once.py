"""Taken once, whoever asks."""

import asyncio

from storage.shared.once import Once
from tests.redis_kit import needs_redis

pytestmark = needs_redis


async def test_what_one_process_put_another_takes(two):
    here, there = (Once(reach, "ticket") for reach in two)
    await here.put("a", b"1", 10)

    assert await there.take("a") == b"1"
    assert await here.take("a") is None


async def test_of_many_who_take_it_one_gets_it(two):
    here, there = (Once(reach, "ticket") for reach in two)
    await here.put("a", b"1", 10)

    found = await asyncio.gather(*[one.take("a") for one in (here, there) for _ in range(50)])

    assert found.count(b"1") == 1


async def test_it_ends_by_itself(two):
    once = Once(two[0], "ticket")
    await once.put("a", b"1", 0.05)
    await asyncio.sleep(0.1)

    assert await once.take("a") is None


async def test_kinds_do_not_meet(two):
    await Once(two[0], "ticket").put("a", b"1", 10)

    assert await Once(two[0], "other").take("a") is None
