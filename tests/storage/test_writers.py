"""Who writes to an embedded database takes turns; the others are told, never left hanging."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from storage.db import Database, DatabaseBusy, DatabaseError
from storage.writers import NestedTransaction, Writers


@pytest.fixture
async def opened(embedded_url: str):
    """Make a database that writers wait for as said."""
    made: list[Database] = []

    def opened(**patience) -> Database:
        made.append(Database(embedded_url, Writers(**patience)))
        return made[-1]

    yield opened
    for database in made:
        await database.close()


@pytest.fixture
def occupied():
    """Begin to write, and do so until told to stop."""

    async def occupied(database: Database) -> tuple[asyncio.Task[None], asyncio.Event]:
        begun, leave = asyncio.Event(), asyncio.Event()

        async def write() -> None:
            async with database.begin() as uow:
                await uow.accounts.set_meta("writer", "first")
                begun.set()
                await leave.wait()

        task = asyncio.create_task(write())
        await begun.wait()
        return task, leave

    return occupied


async def meta(database: Database) -> str | None:
    async with database.read() as uow:
        return await uow.accounts.get_meta("writer")


async def waiting(writers: Writers, count: int) -> None:
    while writers.waiting != count:
        await asyncio.sleep(0)


async def test_writers_get_in_as_they_came(embedded_url, occupied):
    writers = Writers()
    database = Database(embedded_url, writers)
    first, leave = await occupied(database)
    order: list[int] = []

    async def write(number: int) -> None:
        async with database.begin():
            order.append(number)

    later = []
    for number in range(20):
        later.append(asyncio.create_task(write(number)))
        await waiting(writers, number + 1)
    leave.set()
    await asyncio.gather(first, *later)
    await database.close()

    assert order == list(range(20))


async def test_a_turn_that_does_not_come_is_refused_and_nothing_begun(opened, occupied):
    database = opened(wait_seconds=0.01)
    first, leave = await occupied(database)

    with pytest.raises(DatabaseBusy):
        async with database.begin() as uow:
            await uow.accounts.set_meta("writer", "second")

    leave.set()
    await first
    assert await meta(database) == "first"


async def test_the_queue_of_writers_has_an_end(opened, occupied):
    database = opened(max_waiting=0)
    first, leave = await occupied(database)

    with pytest.raises(DatabaseBusy):
        async with database.begin():
            pass

    leave.set()
    await first


async def test_a_writer_who_leaves_the_queue_holds_nobody_up(embedded_url, occupied):
    writers = Writers()
    database = Database(embedded_url, writers)
    first, leave = await occupied(database)

    async def write(text: str) -> None:
        async with database.begin() as uow:
            await uow.accounts.set_meta("writer", text)

    gone = asyncio.create_task(write("gone"))
    await waiting(writers, 1)
    last = asyncio.create_task(write("last"))
    await waiting(writers, 2)
    gone.cancel()
    leave.set()
    await asyncio.gather(first, last)

    assert gone.cancelled()
    assert await meta(database) == "last"
    await database.close()


async def test_a_writer_who_is_cancelled_in_the_middle_leaves_nothing_and_lets_go(opened, occupied):
    database = opened()
    first, _leave = await occupied(database)

    first.cancel()
    await asyncio.wait([first])
    async with database.begin() as uow:
        found = await uow.accounts.get_meta("writer")

    assert found is None


async def test_a_transaction_in_a_transaction_says_so_at_once(opened):
    database = opened()

    with pytest.raises(NestedTransaction):
        async with database.begin(), database.begin():
            pass

    async with database.begin() as uow:
        await uow.accounts.set_meta("writer", "after it")
    assert await meta(database) == "after it"


async def test_reading_waits_for_nobody(opened, occupied):
    database = opened(max_waiting=0)
    first, leave = await occupied(database)

    assert await meta(database) is None

    leave.set()
    await first


async def test_another_process_is_waited_for_by_the_database_itself(opened):
    database = opened()
    assert database.file is not None
    with closing(sqlite3.connect(database.file, isolation_level=None)) as beside:
        beside.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(_write(database))
        await asyncio.wait([writing], timeout=0.1)
        assert not writing.done()
        beside.execute("COMMIT")
        await writing

    assert await meta(database) == "waited"


async def _write(database: Database) -> None:
    async with database.begin() as uow:
        await uow.accounts.set_meta("writer", "waited")


def test_core_knows_a_busy_database_by_the_name_of_all_its_failures():
    assert issubclass(DatabaseBusy, DatabaseError)
