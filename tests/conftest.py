"""A database for each test: an SQLite file, or Postgres where `DATABASE_URL` names a server."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from core.money.verify import verify
from storage import migrations
from storage.db import Database

SERVER_URL = os.environ.get("DATABASE_URL", "")
IS_POSTGRES = SERVER_URL.startswith("postgresql")


def run_apart(work: Coroutine[Any, Any, None]) -> None:
    """In a loop of its own, so that a session's fixture leaves the tests' loops alone."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def make_schema(url: str) -> None:
    database = Database(url)
    await migrations.upgrade(database)
    await database.close()


async def execute(statement: str, url: str = SERVER_URL) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(statement))
    await engine.dispose()


def named(name: str) -> str:
    return make_url(SERVER_URL).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by the migrations once; each test gets a copy."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    run_apart(make_schema(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The same as the name of a database on the server."""
    yield from made_on_server("template")


@pytest.fixture(scope="session")
def shared_name() -> Iterator[str]:
    """Of a database for all tests of this process, emptied before each: making one takes much longer."""
    yield from made_on_server("shared")


def made_on_server(purpose: str) -> Iterator[str]:
    name = f"ttboost_{purpose}_{uuid4().hex[:12]}"
    run_apart(execute(f"CREATE DATABASE {name}"))
    run_apart(execute(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    run_apart(make_schema(named(name)))
    yield name
    run_apart(execute(f"DROP DATABASE {name} WITH (FORCE)"))


EMPTY = """
DO $$ DECLARE one record; BEGIN
    -- what a killed process has left open
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';
    PERFORM set_config('session_replication_role', 'replica', true); -- no trigger guards what is there
    FOR one IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', one.tablename);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        PERFORM setval(format('%I', one.sequencename)::regclass, 1, false);
    END LOOP;
END $$
"""


@pytest.fixture
def embedded_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Of an SQLite file with the newest schema and no rows, whatever `DATABASE_URL` names."""
    shutil.copyfile(sqlite_template, tmp_path / "test.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
async def database_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Of a database with the newest schema and no rows."""
    if not IS_POSTGRES:
        yield request.getfixturevalue("embedded_url")
        return
    if "tampered" not in request.keywords:
        url = named(request.getfixturevalue("shared_name"))
        await execute(EMPTY, url)
        yield url
        return
    name = f"ttboost_test_{uuid4().hex[:12]}"
    await execute(f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgres_template')}")
    yield named(name)
    await execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def db(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Database]:
    """Afterwards the ledger must hold, whatever the test did; `tampered` is for those that break it."""
    database = Database(database_url)
    yield database
    if "tampered" not in request.keywords:
        async with database.snapshot() as uow:
            assert await verify(uow) == []
    await database.close()
