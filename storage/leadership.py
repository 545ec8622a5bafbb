"""Being the only process that does something: by a lock that lives as long as its connection to Postgres."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import Database, DatabaseError

log = structlog.get_logger(__name__)

STANDBY_SECONDS = 3.0  # between two tries of one that waits
ALIVE_SECONDS = 2.0  # between two looks whether the connection still holds
ANSWER_SECONDS = 3.0
SILENCE_SECONDS = 9  # after which Postgres gives up somebody who stands still or whose machine is cut off


class Lost(Exception):
    """Another process may lead by now."""


@asynccontextmanager
async def leading(db: Database, what: str) -> AsyncIterator["Lead"]:
    """Waits until nobody else leads. An embedded database has one process, which leads."""
    if db.is_embedded:
        yield Lead(None)
        return
    connection = await _elected(db, what)
    log.info("leading", what=what)
    try:
        yield Lead(connection)
    finally:
        await _let_go(connection)


class Lead:
    def __init__(self, connection: AsyncConnection | None) -> None:
        self._connection = connection
        self._gone = asyncio.Event()

    async def hold(self) -> None:
        """Until cancelled; raises `Lost` as soon as the lock may be another's."""
        if self._connection is not None:
            await self._look_out(self._connection)
        while self._connection is not None:
            if await self._is_gone():
                raise Lost
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._connection.execute(text("SELECT 1"))
            except (DatabaseError, OSError, TimeoutError) as error:
                raise Lost from error
        await asyncio.Event().wait()

    async def _look_out(self, connection: AsyncConnection) -> None:
        """For the end of the connection, which is often told at once."""
        driver = (await connection.get_raw_connection()).driver_connection
        if driver is not None:
            driver.add_termination_listener(lambda _: self._gone.set())

    async def _is_gone(self) -> bool:
        """Waits until the next look is due."""
        with suppress(TimeoutError):
            async with asyncio.timeout(ALIVE_SECONDS):
                return await self._gone.wait()
        return False


def key_of(what: str) -> int:
    """Of its lock."""
    return int.from_bytes(hashlib.blake2b(f"ttboost:{what}".encode(), digest_size=8).digest(), signed=True)


async def _elected(db: Database, what: str) -> AsyncConnection:
    key = key_of(what)
    while True:
        try:
            if connection := await _try_lock(db, key):
                return connection
        except (DatabaseError, OSError, TimeoutError) as error:
            log.warning("lead_not_sought", what=what, error=type(error).__name__)
        await asyncio.sleep(STANDBY_SECONDS)


async def _try_lock(db: Database, key: int) -> AsyncConnection | None:
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    async with asyncio.timeout(ANSWER_SECONDS), AsyncExitStack() as stack:
        connection = await stack.enter_async_context(engine.connect())
        if await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
            await connection.execute(text(f"SET idle_session_timeout = '{SILENCE_SECONDS}s'"))
            _ = stack.pop_all()
            return connection
    return None


async def _let_go(connection: AsyncConnection) -> None:
    """The connection is not given back: whatever it still holds must go with it."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await connection.invalidate()
            await connection.close()
    except (DatabaseError, OSError, TimeoutError):
        log.info("lead_connection_was_gone")
