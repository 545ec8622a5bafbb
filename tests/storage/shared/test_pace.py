"""Turns that all processes take from one bucket."""

from storage.shared.pace import LastOne, SharedBucket
from tests.redis_kit import needs_redis

pytestmark = needs_redis


async def test_processes_take_turns_from_one_bucket(two):
    here, there = (SharedBucket(reach, "pace", 100.0, 3) for reach in two)

    waits = [await one.take("7") for one in (here, there, here, there, here)]

    assert waits[:3] == [0, 0, 0]
    assert 99 < waits[3] <= 100
    assert 199 < waits[4] <= 200


async def test_names_do_not_meet(two):
    bucket = SharedBucket(two[0], "pace", 100.0, 1)
    await bucket.take("7")

    assert await bucket.take("8") == 0


async def test_who_is_told_to_wait_tells_all(two):
    here, there = (SharedBucket(reach, "pace", 1.0, 3) for reach in two)

    await here.hold("7", 30)

    assert 29 < await there.take("7") <= 30


async def test_a_shorter_hold_does_not_end_a_longer_one(two):
    here, there = (SharedBucket(reach, "pace", 1.0, 3) for reach in two)
    await here.hold("7", 30)
    await there.hold("7", 5)

    assert await here.take("7") > 29


async def test_nothing_is_kept_of_a_bucket_that_is_full_again(two):
    bucket = SharedBucket(two[0], "pace", 0.01, 3)
    await bucket.take("7")

    left = await two[0].ask(lambda redis: redis.pttl(f"{two[0].prefix}pace:7"))

    assert 0 < left < 2000


async def test_the_last_one_is_the_last_of_any_process(two):
    here, there = (LastOne(reach, "refused", 10) for reach in two)

    assert await here.replace("7") is None
    assert await there.replace("8") == "7"
    assert await here.replace("9") == "8"
