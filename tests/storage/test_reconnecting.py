"""A server that was restarted: what was open is gone, what comes next is served."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import engines
from storage.db import Database, DatabaseError
from tests.conftest import IS_POSTGRES, execute
from tests.services import postgres_url

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


class Gateway:
    """Between us and the server. What it forgets looks open, and is refused with the next word."""

    def __init__(self) -> None:
        self.forgotten = 0  # how often it forgot all it carried

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection("127.0.0.1", urlsplit(postgres_url()).port or 5432)
        back = asyncio.create_task(self._pass_on(far_reader, writer))
        forgotten = self.forgotten
        while data := await reader.read(65_536):
            if self.forgotten != forgotten:
                writer.transport.abort()
                break
            far.write(data)
        far.close()
        await back

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()


@pytest.fixture
async def gateway(db: Database) -> AsyncIterator[tuple[Gateway, Database]]:
    gate = Gateway()
    server = await asyncio.start_server(gate.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    through = Database(str(urlsplit(db.url)._replace(netloc=f"postgres@127.0.0.1:{port}").geturl()))
    yield gate, through
    await through.close()
    server.close()


async def is_served(database: Database) -> bool:
    try:
        async with database.read() as uow:
            await uow.accounts.get_meta("mark")
    except DatabaseError:
        return False
    return True


async def test_a_connection_that_rested_is_tried_before_it_is_used(gateway, monkeypatch):
    gate, through = gateway
    assert await is_served(through)
    gate.forgotten += 1
    assert not await is_served(through)  # used a moment ago: taken for good
    assert await is_served(through)

    gate.forgotten += 1
    monkeypatch.setattr(engines, "RESTED_SECONDS", 0.0)

    assert await is_served(through)
