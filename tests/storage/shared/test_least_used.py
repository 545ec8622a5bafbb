"""Several that take turns in all processes."""

import asyncio

from storage.shared.least_used import LeastUsed
from tests.redis_kit import needs_redis

pytestmark = needs_redis

KEYS = ["a", "b", "c"]


async def test_each_is_picked_as_often_as_the_others(two):
    here, there = (LeastUsed(reach, "key", 60) for reach in two)

    picked = await asyncio.gather(*[one.pick(KEYS) for one in (here, there) for _ in range(15)])

    assert [picked.count(place) for place in range(3)] == [10, 10, 10]


async def test_who_rests_is_not_picked(two):
    here, there = (LeastUsed(reach, "key", 60) for reach in two)
    await here.pick(KEYS)

    assert KEYS[1:][await there.pick(KEYS[1:])] == "b"
    assert ["a", "c"][await here.pick(["a", "c"])] == "c"


async def test_a_use_counts_for_a_while(two):
    keys = LeastUsed(two[0], "key", 0.2)
    await keys.pick(KEYS)
    await asyncio.sleep(0.3)

    assert await keys.pick(KEYS) == 0
