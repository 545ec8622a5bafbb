"""On a real Redis: what is fenced is fenced by it."""

import asyncio
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from storage import bus as bus_module
from storage.bus import REFUSED, Bus, Owner, Words
from tests.redis_kit import needs_redis, redis_url

pytestmark = needs_redis


@pytest.fixture
async def bus(monkeypatch):
    monkeypatch.setattr(bus_module, "PREFIX", f"test:{uuid4().hex}:")
    async with Redis.from_url(redis_url()) as redis:
        yield Bus(redis)
        keys = [key async for key in redis.scan_iter(f"{bus_module.PREFIX}*")]
        if keys:
            await redis.delete(*keys)


class Ear:
    def __init__(self, bus, channel):
        self.heard = []
        self.connected = asyncio.Event()
        self.task = asyncio.create_task(bus.listen(channel, self.heard.append, self.connected.set))

    async def __aenter__(self):
        async with asyncio.timeout(30):
            await self.connected.wait()
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        await asyncio.wait([self.task])

    async def until(self, count):
        async with asyncio.timeout(30):
            while len(self.heard) < count:
                await asyncio.sleep(0.01)


async def test_what_is_said_is_heard_in_order(bus):
    async with Ear(bus, "web") as ear:
        counts = await bus.speak(
            [Words(1, 1, "web", b"a"), Words(2, 5, "web", b"b"), Words(1, 1, "web", b"c")]
        )

        await ear.until(3)
        assert counts == [1, 1, 1]
        assert ear.heard == [b"a", b"b", b"c"]


async def test_who_was_replaced_is_refused_and_nothing_of_it_is_kept(bus):
    _ = await bus.speak([Words(1, 2, "", b"")])

    assert await bus.speak([Words(1, 1, "web", b"late", [b"late"]), Words(2, 1, "", b"")]) == [REFUSED, 0]
    assert await bus.said(1) == []


async def test_a_claim_alone_fences_off_the_one_before(bus):
    await bus.hold("new", {1: 7}, 10)

    assert await bus.speak([Words(1, 6, "web", b"late")]) == [REFUSED]


async def test_an_old_owner_does_not_put_its_name_back(bus):
    await bus.hold("new", {1: 7}, 10)
    await bus.hold("old", {1: 6, 2: 1}, 10)

    assert await bus.owners([1, 2, 3]) == {1: Owner("new", 7), 2: Owner("old", 1)}


async def test_a_name_goes_with_its_time(bus):
    await bus.hold("worker", {1: 1}, 0.05)
    await asyncio.sleep(0.1)

    assert await bus.owners([1]) == {}


async def test_what_was_said_is_remembered_with_its_age(bus):
    _ = await bus.speak([Words(1, 1, "", b"", [b"one", b"two"])])
    await asyncio.sleep(0.05)

    kept = await bus.said(1)
    assert [one.data for one in kept] == [b"one", b"two"]
    assert all(0.04 < one.age < 5 for one in kept)


async def test_a_value_is_taken_once(bus):
    await bus.put("state", b"x", 10)

    assert (await asyncio.gather(*(bus.take("state") for _ in range(5)))).count(b"x") == 1
    assert await bus.get("state") is None
