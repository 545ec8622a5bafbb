"""Asking Redis as somebody who can do without the answer: soon, or not at all.

After a failure it is left alone for a moment, each time for longer; then one who asks tries it for all, more
briefly. Whoever is refused (`Away`) falls back to what its own process knows.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from storage.redis_link import open_redis

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 0.8  # a request of ours waits no longer
PROBE_SECONDS = 0.3  # or whoever happens to try it while it is silent
PAUSE_SECONDS = (1.0, 2.0, 5.0)
AT_ONCE = 16  # it answers one after the other anyway

PREFIX = "ttboost:"


class Away(Exception):
    """Redis does not answer now."""


class Reach:
    def __init__(self, redis: Redis, prefix: str = PREFIX, answer_seconds: float = ANSWER_SECONDS) -> None:
        """`prefix`: what the names of all keys begin with."""
        self.prefix = prefix
        self._answer_seconds = answer_seconds
        self._redis = redis
        self._places = asyncio.Semaphore(AT_ONCE)
        self._away_until: float | None = None
        self._probes = 0  # in vain

    async def ask(self, question: Callable[[Redis], Any]) -> Any:
        """Awaits what `question` makes of the connection. Raises `Away`."""
        seconds = self._answer_seconds
        if self._away_until is not None:
            self._probe()
            seconds = min(seconds, PROBE_SECONDS)
        try:
            async with asyncio.timeout(seconds), self._places:
                answer = await question(self._redis)
        except (RedisError, OSError, TimeoutError) as error:
            self._note_away(error)
            raise Away from error
        if self._away_until is not None:
            self._away_until, self._probes = None, 0
            log.info("redis_back")
        return answer

    def script(self, text: str) -> "Script":
        return Script(self, self._redis.register_script(text))

    def _probe(self) -> None:
        """Raises `Away` where it is not time yet; the others leave it to this one."""
        if self._away_until is not None and asyncio.get_running_loop().time() < self._away_until:
            raise Away
        self._probes += 1
        self._rest()

    def _note_away(self, error: Exception) -> None:
        if self._away_until is None:
            log.warning("redis_away", error=type(error).__name__)
        self._rest()

    def _rest(self) -> None:
        pause = PAUSE_SECONDS[min(self._probes, len(PAUSE_SECONDS) - 1)]
        self._away_until = asyncio.get_running_loop().time() + pause


class Script:
    """Runs in Redis, undisturbed by others."""

    def __init__(self, reach: Reach, registered: AsyncScript) -> None:
        self._reach = reach
        self._registered = registered

    async def __call__(self, *keys: str, args: tuple[Any, ...]) -> list[Any]:
        """Raises `Away`."""
        named = [self._reach.prefix + key for key in keys]
        return cast("list[Any]", await self._reach.ask(lambda _: self._registered(keys=named, args=args)))


@asynccontextmanager
async def open_reach(url: str) -> AsyncIterator[Reach | None]:
    """None for `memory://`: what there is to share stays in this process."""
    async with open_redis(url) as redis:
        yield Reach(redis) if redis else None
