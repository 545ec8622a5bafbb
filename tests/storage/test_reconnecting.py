"""A server that was restarted: what was open is gone, what comes next is served."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.db import Database
from tests.conftest import IS_POSTGRES, execute

pytestmark = pytest.mark.skipif(not IS_POSTGRES, reason="an embedded database has no connection to lose")

CUT = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


async def test_the_next_one_has_a_new_connection(db: Database):
    async with db.begin() as uow:
        await uow.accounts.set_meta("mark", "kept")
    await execute(CUT, db.url)

    async with db.read() as uow:
        assert await uow.accounts.get_meta("mark") == "kept"
    async with db.begin() as uow:
        await uow.accounts.set_meta("mark", "newer")


async def test_what_was_under_way_is_refused_and_leaves_nothing(db: Database):
    async def cut_short() -> None:
        async with db.begin() as uow:
            await uow.accounts.set_meta("half", "x")
            await execute(CUT, db.url)
            await uow.accounts.set_meta("other half", "x")

    with pytest.raises(DBAPIError):
        await cut_short()

    async with db.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM meta WHERE key LIKE '%half'")) == 0
