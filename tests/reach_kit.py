"""Several processes' ways to one Redis, which can be cut or fall silent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit
from uuid import uuid4

from redis.asyncio import Redis

from storage.redis_link import open_redis
from storage.shared.reach import Reach
from tests.redis_kit import redis_url

PATIENCE = 30.0  # of processes whose Redis is there, on however busy a machine


class Wire:
    """Stands between a process and Redis."""

    def __init__(self) -> None:
        self.is_silent = False
        self._server: asyncio.Server | None = None
        self._port = 0
        self._ends: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return urlsplit(redis_url())._replace(netloc=f"127.0.0.1:{self._port}").geturl()

    async def mend(self) -> None:
        self.is_silent = False
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for end in self._ends:
            end.close()
        await asyncio.sleep(0.05)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        parts = urlsplit(redis_url())
        far = await asyncio.open_connection(parts.hostname, parts.port or 6379)
        self._ends |= {writer, far[1]}
        await asyncio.gather(self._pass_on(reader, far[1]), self._pass_on(far[0], writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65_536):
                while self.is_silent:
                    await asyncio.sleep(0.01)
                writer.write(data)
        except OSError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def reaches(count: int) -> AsyncIterator[list[Reach]]:
    """Of so many processes, with keys of their own that are gone afterwards."""
    prefix = f"test:{uuid4().hex}:"
    clients = [Redis.from_url(redis_url()) for _ in range(count)]
    yield [Reach(client, prefix, PATIENCE) for client in clients]
    for key in [key async for key in clients[0].scan_iter(f"{prefix}*")]:
        await clients[0].delete(key)
    for client in clients:
        await client.aclose()


@asynccontextmanager
async def by_wire() -> AsyncIterator[tuple[Reach, Wire]]:
    wire = Wire()
    await wire.mend()
    async with open_redis(wire.url) as redis:
        assert redis
        yield Reach(redis, f"test:{uuid4().hex}:"), wire
        await wire.cut()
