"""How a database is connected to: a file of our own, or a server."""

import time
from typing import Any

from sqlalchemy import Connection, Dialect, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

STATEMENT_SECONDS = 60  # of one statement on a server, waiting for locks included
IDLE_SECONDS = 60  # of a transaction nobody goes on with: a stopped process holds its locks no longer
POOL = 12  # connections a process keeps; SQLAlchemy's own 5 were opened and closed all the time under load
MORE = 4  # for a rush: closed after it
RESTED_SECONDS = 5.0  # a connection unused for so long may have died without a word, and is tried first


class Unreachable(SQLAlchemyError):
    """The server does not take connections."""


def is_lost(error: SQLAlchemyError) -> bool:
    """The server is away, or was while it was asked: no fault of the question."""
    return isinstance(error, Unreachable) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def make_engine(url: str) -> AsyncEngine:
    if url.startswith("sqlite"):
        engine = create_async_engine(url, hide_parameters=True)
        _configure_embedded(engine)
        return engine
    limits = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
    }
    engine = create_async_engine(
        url,
        hide_parameters=True,  # they would stand in logs
        pool_size=POOL,
        max_overflow=MORE,
        connect_args={"server_settings": limits},
    )
    _name_failures(engine)
    _drop_dead(engine)
    return engine


async def take_time(connection: AsyncConnection) -> None:
    """The transaction that has begun may last as long as it must."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(text("SELECT set_config(:name, '0', true)"), {"name": limit})


def _name_failures(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "do_connect")
    def _connect(
        dialect: Dialect, _record: object, args: list[Any], named: dict[str, Any]
    ) -> DBAPIConnection:
        try:
            return dialect.connect(*args, **named)
        except OSError as error:  # of the network: the driver has no word of its own for it
            raise Unreachable(str(error) or type(error).__name__) from error


def _drop_dead(engine: AsyncEngine) -> None:
    """A server that was restarted has closed the connections that were kept: the pool begins anew.

    SQLAlchemy's own pre-ping asks before every use, in a transaction of its own: three ways to the server
    where most units of work need one. What was closed is known here without asking.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def _rest(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["rests_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def _wake(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        now = time.monotonic()
        if now - entry.info.get("rests_since", now) > RESTED_SECONDS and not _answers(engine, connection):
            raise InvalidatePoolError


def _answers(engine: AsyncEngine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False


def _configure_embedded(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred writer that reads first can fail with SQLITE_BUSY at its first
        # write, where no time-out helps; IMMEDIATE queues it at BEGIN instead.
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")
