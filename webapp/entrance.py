"""How many sockets look for their place at once.

When a process dies, its thousands of sockets come to another one within seconds. Let in all together they
wait for one another at the database until each is given up by its phone, which then comes again: nobody
gets in. A few at a time each take milliseconds; who would wait longer than a phone does is told to come
again at once, while that is cheap.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.errors import Unavailable

AT_ONCE = 64
PATIENCE = 6.0  # seconds in line; phones give up a socket after 10 or more
MAX_WAITING = 2000


class Entrance:
    def __init__(
        self, at_once: int = AT_ONCE, patience: float = PATIENCE, max_waiting: int = MAX_WAITING
    ) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._patience = patience
        self._max_waiting = max_waiting
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """In the order of coming. Raises `Unavailable` where the line is too long, or does not move."""
        if self._waiting >= self._max_waiting:
            raise Unavailable(service="sockets")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError as error:
            raise Unavailable(service="sockets") from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()
