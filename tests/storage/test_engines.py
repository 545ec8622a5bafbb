"""A server that is away, or does not answer, holds nobody up for ever and is named as what it is."""

import asyncio
import socket

import pytest
from sqlalchemy import text

from storage.db import Database, DatabaseError
from storage.engines import is_lost
from storage.migrations import upgrading
from tests.conftest import IS_POSTGRES, execute
from tests.storage.test_reconnecting import CUT

on_a_server = pytest.mark.skipif(not IS_POSTGRES, reason="these are limits of a server")


async def limits(connection) -> list[str]:
    names = ("statement_timeout", "idle_in_transaction_session_timeout")
    return [await connection.scalar(text(f"SHOW {name}")) for name in names]


async def test_a_server_that_is_not_there_is_a_failure_of_the_database():
    with socket.socket() as taken:  # and nobody listens
        taken.bind(("127.0.0.1", 0))
        database = Database(f"postgresql+asyncpg://nobody@127.0.0.1:{taken.getsockname()[1]}/nothing")
        with pytest.raises(DatabaseError) as failed:
            await ask(database, "SELECT 1")
        await database.close()

    assert is_lost(failed.value)


async def cut_off(db: Database) -> None:
    async with db.engine.connect() as connection:
        await execute(CUT, db.url)
        await connection.execute(text("SELECT 1"))


async def ask(db: Database, *statements: str) -> None:
    async with db.engine.begin() as connection, asyncio.timeout(30):
        for one in statements:
            await connection.execute(text(one))


@on_a_server
async def test_a_connection_that_was_cut_is_lost_and_a_wrong_question_is_not(db: Database):
    with pytest.raises(DatabaseError) as cut:
        await cut_off(db)
    with pytest.raises(DatabaseError) as wrong:
        await ask(db, "SELECT * FROM nowhere")

    assert [is_lost(cut.value), is_lost(wrong.value)] == [True, False]


@on_a_server
async def test_statements_and_idle_transactions_end_after_a_minute(db: Database):
    async with db.engine.connect() as connection:
        assert await limits(connection) == ["1min", "1min"]


@on_a_server
async def test_migrations_and_copies_may_take_longer(db: Database):
    async with upgrading(db) as connection:
        assert await limits(connection) == ["0", "0"]
    async with db.engine.connect() as connection:
        assert await limits(connection) == ["1min", "1min"]


@on_a_server
async def test_a_statement_that_waits_too_long_for_a_row_is_refused(db: Database):
    async with db.begin() as uow:
        await uow.accounts.set_meta("mark", "mine")
        with pytest.raises(DatabaseError, match="statement timeout"):
            await ask(
                db,
                "SET LOCAL statement_timeout = '50ms'",
                "INSERT INTO meta (key, value) VALUES ('mark', 'theirs')",
            )
