"""A bus that is away keeps nobody's request waiting."""

import asyncio

import pytest

from core.clock import Clock
from core.cluster import calls, exchange
from core.cluster.context import Context
from core.cluster.exchange import Exchange
from core.errors import Unavailable
from core.live.source import LiveStatus
from core.tasks import TaskPool
from storage.bus import Bus
from storage.redis_link import open_redis
from tests.reach_kit import Wire
from tests.redis_kit import needs_redis

pytestmark = needs_redis


@pytest.fixture
async def asking(db, monkeypatch):
    monkeypatch.setattr(exchange, "PATIENCE", 60.0)
    wire = Wire()
    await wire.mend()
    async with open_redis(wire.url) as redis, TaskPool() as tasks:
        made = Exchange(Context("web", Bus(redis), db, Clock(), tasks))
        made.start()
        yield made, wire
        await wire.cut()


async def test_a_call_is_refused_soon_while_the_bus_is_silent(asking):
    caller, wire = asking
    wire.is_silent = True

    async with asyncio.timeout(30):
        with pytest.raises(Unavailable):
            await caller.ask(1, calls.StartLive(), LiveStatus)
        assert await caller.ask_owner(1, calls.Look(), LiveStatus) is None


async def test_a_call_is_refused_soon_while_the_bus_is_cut(asking):
    caller, wire = asking
    await wire.cut()

    async with asyncio.timeout(30):
        with pytest.raises(Unavailable):
            await caller.ask(1, calls.StartLive(), LiveStatus)
