"""The schema's history. Runs inside a running event loop, from an installed package, without alembic.ini."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.db import Database
from storage.engines import take_time

HERE = Path(__file__).parent
_LOCK = 7_330_002  # of Postgres' advisory locks: one upgrade at a time


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """The revision this program works with."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        raise RuntimeError("the package holds no migrations")
    return revision


def is_known(revision: str) -> bool:
    """False: the database was made by a newer program."""
    scripts = ScriptDirectory.from_config(alembic_config())
    return any(script.revision == revision for script in scripts.walk_revisions())


async def current(database: Database) -> str | None:
    """The revision the database is at; None where it holds no tables of ours."""
    async with database.engine.connect() as connection:
        return await connection.run_sync(_revision)


async def upgrade(database: Database) -> None:
    """All steps in one transaction: a step that fails leaves the schema as it was."""
    async with upgrading(database):
        pass


@asynccontextmanager
async def upgrading(database: Database) -> AsyncIterator[AsyncConnection]:
    """The transaction that has upgraded, for what comes with it. Of those who upgrade at once one does."""
    async with database.engine.connect() as plain:
        connection = await plain.execution_options(sqlite_begin="IMMEDIATE")
        if database.is_embedded:
            await connection.run_sync(_foreign_keys("OFF"))
        _ = await connection.begin()  # before Alembic does, which would commit each step on SQLite
        try:
            if not database.is_embedded:
                await take_time(connection)
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            await connection.run_sync(_run(lambda config: command.upgrade(config, "head")))
            yield connection
            await connection.commit()
        finally:
            await connection.rollback()
            if database.is_embedded:
                await connection.run_sync(_foreign_keys("ON"))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _run(step: Callable[[Config], Any]) -> Callable[[Connection], None]:
    def run(connection: Connection) -> None:
        step(alembic_config(connection))

    return run


def _foreign_keys(switch: str) -> Callable[[Connection], None]:
    """SQLite alters tables by making them anew, which foreign keys forbid; a transaction ignores this."""

    def run(connection: Connection) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(f"PRAGMA foreign_keys={switch}")
        cursor.close()

    return run
