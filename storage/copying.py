"""A whole database into an empty one, of either kind, in one transaction of the target.

What is read is of one moment; whoever works on the source goes on.
"""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Row, Table, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from storage.db import Database, UnitOfWork
from storage.engines import take_time
from storage.migrations import upgrading
from storage.models import Base

_BATCH = 500
TABLES = Base.metadata.sorted_tables
"""Whoever is referred to comes first."""


class NotEmpty(Exception):
    """The target holds rows."""


class InUse(Exception):
    """Somebody else works with the target."""


class Differs(Exception):
    """What was read back is not what was written."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Not yet committed; `uow` reads it."""

    uow: UnitOfWork
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Content:
    """The same for the same rows in any order: databases sort texts differently."""

    rows: int = 0
    digest: int = 0

    def add(self, row: Row[tuple[object, ...]]) -> "_Content":
        digest = int.from_bytes(hashlib.sha256(repr(tuple(row)).encode()).digest())
        return _Content(self.rows + 1, (self.digest + digest) % (1 << 256))


@asynccontextmanager
async def copying(source: Database, target: Database, *, replace: bool = False) -> AsyncIterator[Copied]:
    """Committed when the block ends; nothing is left where it raises.

    Raises `NotEmpty`, `InUse`, `Differs`. `replace`: what the target holds goes.
    """
    async with upgrading(target) as new, _frozen(source) as old:
        if not target.is_embedded:
            await _check_unused(new)
        async with _unguarded(new, TABLES):
            await (_clear(new) if replace else _check_empty(new))
            written = [(table, await _copy(table, old, new)) for table in TABLES]
            await _carry_numbers(old, new)
        await _check(written, new)
        async with AsyncSession(new) as session:
            yield Copied(UnitOfWork(session), {table.name: content.rows for table, content in written})


@asynccontextmanager
async def _frozen(source: Database) -> AsyncIterator[AsyncConnection]:
    async with source.engine.connect() as plain:
        connection = plain
        if not source.is_embedded:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ")
        await take_time(connection)
        await connection.execute(select(func.count()).select_from(TABLES[0]))  # the moment is now
        yield connection


async def _check_unused(connection: AsyncConnection) -> None:
    # What connections of another role are is hidden from one without rights: that they are is not.
    others = await connection.scalar(
        text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND usesysid IS NOT NULL"
            " AND coalesce(backend_type, 'client backend') = 'client backend'"
        )
    )
    if others:
        raise InUse(f"{others} connections of others work with the target: stop them first")


async def _check_empty(connection: AsyncConnection) -> None:
    for table in TABLES:
        if (await connection.execute(select(table).limit(1))).first():
            raise NotEmpty(f"the target is not empty: {table.name} has rows")


async def _clear(connection: AsyncConnection) -> None:
    for table in reversed(TABLES):
        await connection.execute(table.delete())


async def _copy(table: Table, old: AsyncConnection, new: AsyncConnection) -> _Content:
    read = _Content()
    result = await old.stream(select(table).execution_options(yield_per=_BATCH))
    async for rows in result.partitions():
        for row in rows:
            read = read.add(row)
        await new.execute(insert(table), [dict(row._mapping) for row in rows])  # noqa: SLF001 - its public name
    return read


async def _content(table: Table, connection: AsyncConnection) -> _Content:
    content = _Content()
    async for row in await connection.stream(select(table).execution_options(yield_per=_BATCH)):
        content = content.add(row)
    return content


@asynccontextmanager
async def _unguarded(connection: AsyncConnection, tables: list[Table]) -> AsyncIterator[None]:
    """The ledger's guards make balances out of new entries; what is copied has both already."""
    if connection.dialect.name == "postgresql":
        await _switch(connection, tables, "DISABLE")
        yield
        await _switch(connection, tables, "ENABLE")
        return
    found = await connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    guards = found.all()
    for name, _ in guards:
        await connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, made in guards:
        await connection.exec_driver_sql(made)


async def _switch(connection: AsyncConnection, tables: list[Table], way: str) -> None:
    for table in tables:
        await connection.exec_driver_sql(f'ALTER TABLE "{table.name}" {way} TRIGGER USER')


async def _carry_numbers(old: AsyncConnection, new: AsyncConnection) -> None:
    """The id of a row that was deleted comes back in neither."""
    for table in TABLES:
        if (column := table.autoincrement_column) is None:
            continue
        highest = await new.scalar(select(func.max(column))) or 0
        highest = max(highest, await _last_number(old, table.name, column.name))
        if highest:
            await _set_number(new, table, column.name, highest)


async def _last_number(connection: AsyncConnection, table: str, column: str) -> int:
    statement = "SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, :column)::regclass)"
    given = {"name": table, "column": column}
    if connection.dialect.name != "postgresql":
        statement = "SELECT seq FROM sqlite_sequence WHERE name = :name"
        given = {"name": table}
    return await connection.scalar(text(statement), given) or 0


async def _set_number(connection: AsyncConnection, table: Table, column: str, number: int) -> None:
    given = {"name": table.name, "number": number}
    if connection.dialect.name == "postgresql":
        statement = "SELECT setval(pg_get_serial_sequence(:name, :column)::regclass, :number)"
        await connection.execute(text(statement), given | {"column": column})
    elif table.dialect_options["sqlite"]["autoincrement"]:
        await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), given)
        await connection.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :number)"), given)


async def _check(written: list[tuple[Table, _Content]], connection: AsyncConnection) -> None:
    for table, content in written:
        if content != await _content(table, connection):
            raise Differs(f"{table.name} differs after copying")
    if connection.dialect.name == "sqlite":  # it looked at no references while the schema was made
        found = await connection.exec_driver_sql("PRAGMA foreign_key_check")
        if broken := found.mappings().first():
            raise Differs(f"{broken['table']} refers to a row of {broken['parent']} that is not there")
