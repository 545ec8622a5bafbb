"""One writer at a time on an embedded database, in the order in which they came.

SQLite lets one writer in, too; but whoever waits there asks again after ever longer naps, and the luckiest
goes first: under load some wait for seconds. Other processes still wait in SQLite's own way.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

WAIT_SECONDS = 10.0  # as long as SQLite waits for another process
MAX_WAITING = 1_000


class WritersBusy(SQLAlchemyError):
    """So many write that this one's turn did not come; nothing was begun."""


class NestedTransaction(RuntimeError):
    """A task that writes wants to write beside itself: it would wait for itself."""


class Writers:
    def __init__(self, wait_seconds: float = WAIT_SECONDS, max_waiting: int = MAX_WAITING) -> None:
        self._wait_seconds = wait_seconds
        self._max_waiting = max_waiting
        self._lock = asyncio.Lock()  # first come, first served
        self._writing: asyncio.Task[Any] | None = None
        self._waiting = 0

    @property
    def waiting(self) -> int:
        return self._waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises `WritersBusy`, `NestedTransaction`."""
        task = asyncio.current_task()
        if self._writing is task:
            raise NestedTransaction("this task is in a transaction already: hand its unit of work on")
        await self._wait()
        self._writing = task
        try:
            yield
        finally:
            self._writing = None
            self._lock.release()

    async def _wait(self) -> None:
        if self._lock.locked() and self._waiting >= self._max_waiting:
            raise WritersBusy(f"{self._waiting} writers wait already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._lock.acquire()
        except TimeoutError as error:
            raise WritersBusy(f"no turn to write in {self._wait_seconds:g} s") from error
        finally:
            self._waiting -= 1
