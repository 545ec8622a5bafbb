"""Processes really started, on a real Postgres and a real Redis."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
from redis.asyncio import Redis
from sqlalchemy import make_url

from storage import bus
from storage.db import Database
from storage.redis_link import open_redis
from tests.cluster.houses import Street
from tests.conftest import execute, make_schema, run_apart
from tests.e2e.kit import Phone, Server, tiktok_settings
from tests.e2e.test_phone import PASSWORD, Stage
from tests.fake_tiktok import FakeTikTok
from tests.redis_kit import redis_url
from tests.services import postgres_url

NAME = "streamer123"


class Cluster:
    def __init__(self, directory: Path, database_url: str, bus_url: str, fake: FakeTikTok) -> None:
        self.database_url = database_url
        self.bus_url = bus_url
        self.fake = fake
        self.settings: dict[str, Any] = {
            "database__url": database_url,
            "bus__url": bus_url,
            **tiktok_settings(fake),
        }
        self._directory = directory
        self.started: list[Server] = []

    async def start(self, *roles: str) -> list[Server]:
        servers = [Server(self._directory / "data", roles=role, **self.settings) for role in roles]
        self.started += servers
        await asyncio.gather(*(server.start() for server in servers))
        return servers

    async def owner(self) -> str:
        """Whoever holds the one streamer, as it names itself."""
        database = Database(self.database_url)
        async with database.read() as uow:
            found = await uow.leases.owner(1)
        await database.close()
        return found[0] if found else ""

    async def owner_of(self, servers: list[Server]) -> Server:
        name = await self.owner()
        return next(one for one in servers if f"-{one.pid}-" in name)

    async def other_owner(self, before: str) -> str:
        async with asyncio.timeout(30):
            while (now := await self.owner()) in {"", before}:
                await asyncio.sleep(0.1)
        return now


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[Cluster]:
    server = postgres_url()
    name = f"ttboost_cluster_{uuid4().hex[:12]}"
    await execute(f"CREATE DATABASE {name}", server)
    database_url = make_url(server).set(database=name).render_as_string(hide_password=False)
    await make_schema(database_url)
    bus_url = redis_url(_own_number())
    async with FakeTikTok() as fake, Redis.from_url(bus_url) as redis:
        await redis.flushdb()
        made = Cluster(tmp_path, database_url, bus_url, fake)
        yield made
        await asyncio.gather(*(one.kill() for one in made.started))
        await redis.flushdb()
    await execute(f"DROP DATABASE {name} WITH (FORCE)", server)


@pytest.fixture(scope="session")
def cluster_template() -> Iterator[str]:
    """Of a database with the newest schema, to be copied."""
    server, name = postgres_url(), f"ttboost_houses_{uuid4().hex[:12]}"
    run_apart(execute(f"CREATE DATABASE {name}", server))
    run_apart(make_schema(make_url(server).set(database=name).render_as_string(hide_password=False)))
    yield name
    run_apart(execute(f"DROP DATABASE {name} WITH (FORCE)", server))


@pytest.fixture
async def street(
    cluster_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Street]:
    """Processes' parts within this one."""
    monkeypatch.setattr(bus, "PREFIX", f"test:{uuid4().hex}:")
    server, name = postgres_url(), f"ttboost_street_{uuid4().hex[:12]}"
    await execute(f"CREATE DATABASE {name} TEMPLATE {cluster_template}", server)
    database_url = make_url(server).set(database=name).render_as_string(hide_password=False)
    url = redis_url(_own_number())
    # The houses have the product's own patience; what is looked at from outside may take its time.
    async with open_redis(url) as shared, Redis.from_url(url) as redis:
        assert shared is not None
        made = Street(database_url, shared, redis, tmp_path)
        yield made
        await made.close()
        if keys := [key async for key in redis.scan_iter(f"{bus.PREFIX}*")]:
            await redis.delete(*keys)
    await execute(f"DROP DATABASE {name} WITH (FORCE)", server)


def _own_number() -> int:
    """A database of Redis for each process that runs tests at the same time."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return 10 + int(worker.removeprefix("gw")) % 6


class Ear:
    """A phone's socket that notes everything, and what a viewer says meanwhile, one line after the other."""

    def __init__(self, phone: Phone, stage: Stage) -> None:
        self.phone = phone
        self.stage = stage
        self.messages: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.said = 0
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def lines(self) -> list[str]:
        return [one["message"] for one in self.messages if one["type"] == "chat"]

    def count(self, kind: str) -> int:
        return sum(one["type"] == kind for one in self.messages)

    @property
    def seqs(self) -> list[int]:
        return [one["seq"] for one in self.messages if "seq" in one]

    @property
    def gaps(self) -> int:
        return sum(one.get("gap", 0) for one in self.messages if one["type"] == "status")

    @asynccontextmanager
    async def listening(self, **query: Any) -> AsyncIterator["Ear"]:
        async with self.phone.socket(**query) as ears:
            before = len(self.messages)
            self._tasks = [asyncio.create_task(self._hear(ears.socket))]
            try:
                async with asyncio.timeout(30):
                    while len(self.messages) == before:  # the first one says it has its place
                        await asyncio.sleep(0.02)
                yield self
            finally:
                for task in self._tasks:
                    task.cancel()
                await asyncio.wait(self._tasks)

    @asynccontextmanager
    async def talk(self, pause: float = 0.05) -> AsyncIterator[None]:
        """A viewer writes on and on."""
        talking = asyncio.create_task(self._talk(pause))
        try:
            yield
        finally:
            is_silent = talking.done()
            talking.cancel()
            await asyncio.wait([talking])
        assert not is_silent, "the viewer fell silent"

    async def hears(self, count: int, seconds: float = 30.0) -> None:
        """So many more lines."""
        wanted = len(self.lines) + count
        async with asyncio.timeout(seconds):
            while len(self.lines) < wanted:
                await asyncio.sleep(0.02)

    async def _hear(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self.messages.append(message.json())
        self.closed = socket.close_code

    async def _talk(self, pause: float) -> None:
        while True:
            self.said += 1
            await self.stage.say("ann", f"line {self.said}")
            await asyncio.sleep(pause)


@pytest.fixture
async def evening(cluster: Cluster) -> AsyncIterator["Evening"]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession())
        yield Evening(cluster, http)


class Evening:
    """A streamer with a license who is LIVE, and their phone."""

    def __init__(self, cluster: Cluster, http: aiohttp.ClientSession) -> None:
        self.cluster = cluster
        self.stage = Stage(cluster.fake, NAME)
        self._http = http

    async def phone(self, server: Server) -> Phone:
        phone = Phone(self._http, server)
        await phone.redeem(NAME, PASSWORD, await server.license_key())
        await phone.post("/v2/settings/update", {"tiktok_username": NAME})
        return phone

    def by(self, phone: Phone, server: Server) -> Phone:
        """The same phone, sent to another process."""
        other = Phone(self._http, server)
        other.token = phone.token
        return other

    def ear(self, phone: Phone) -> Ear:
        return Ear(phone, self.stage)
