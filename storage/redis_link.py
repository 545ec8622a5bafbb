"""The one way to Redis: bounded in time, and closed at the end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
HEALTH_SECONDS = 15
MAX_CONNECTIONS = 100


@asynccontextmanager
async def open_redis(url: str) -> AsyncIterator[Redis | None]:
    """None for `memory://`. Nothing is connected before it is needed, so it may be away at the start."""
    if url.startswith("memory:"):
        yield None
        return
    redis = Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=HEALTH_SECONDS,
        max_connections=MAX_CONNECTIONS,
        # Never by itself: what was said may have been heard though its answer was lost.
        retry=Retry(NoBackoff(), 0),
    )
    async with redis:
        yield redis
