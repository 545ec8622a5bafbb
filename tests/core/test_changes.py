import asyncio
from datetime import timedelta

import pytest

from core.changes import ChangeFeed
from storage.db import Database
from storage.models import Change, ChangeKind
from tests.fakes import MovedClock

ACCESS, SETUP = ChangeKind.ACCESS, ChangeKind.SETUP


@pytest.fixture
def told() -> list[tuple[int, ChangeKind]]:
    return []


@pytest.fixture
async def feed(db: Database, clock: MovedClock, told) -> ChangeFeed:
    made = ChangeFeed(db, clock, poll_seconds=0.01)
    made.subscribe(lambda user_id, kind: told.append((user_id, kind)))
    await made.start()
    return made


@pytest.fixture
def note(db: Database, clock: MovedClock):
    async def note(user_id: int, kind: ChangeKind = ACCESS) -> None:
        async with db.begin() as uow:
            uow.accounts.note_change(user_id, kind, clock.now())

    return note


async def test_a_change_is_told_once(feed: ChangeFeed, note, told):
    await note(7)

    await feed.poll()
    await feed.poll()

    assert told == [(7, ACCESS)]


async def test_many_changes_of_one_account_are_told_as_one(feed: ChangeFeed, note, told):
    for kind in (ACCESS, SETUP, ACCESS, SETUP):
        await note(7, kind)

    await feed.poll()

    assert told == [(7, ACCESS), (7, SETUP)]


async def test_what_was_changed_before_the_start_is_not_told(db: Database, clock: MovedClock, note, told):
    await note(7)
    feed = ChangeFeed(db, clock)
    feed.subscribe(lambda user_id, kind: told.append((user_id, kind)))

    await feed.start()
    await feed.poll()

    assert told == []


async def test_a_change_that_became_visible_late_is_told(
    feed: ChangeFeed, note, told, db: Database, clock: MovedClock
):
    await note(1)
    async with db.begin() as uow:
        uow.accounts._session.add(Change(id=9, user_id=2, kind=ACCESS, at=clock.now()))
    await feed.poll()
    async with db.begin() as uow:
        uow.accounts._session.add(Change(id=5, user_id=3, kind=ACCESS, at=clock.now()))

    await feed.poll()

    assert told == [(1, ACCESS), (2, ACCESS), (3, ACCESS)]


async def test_what_was_told_is_not_remembered_for_ever(feed: ChangeFeed, note, clock: MovedClock):
    for number in range(5):
        await note(number)
        await feed.poll()
        clock.move(100)

    await feed.poll()

    assert feed._told == set()


async def test_old_changes_are_deleted_and_new_ones_still_told(
    feed: ChangeFeed, note, told, db: Database, clock: MovedClock
):
    await note(1)
    await note(2)
    clock.move(timedelta(hours=2).total_seconds())
    await feed._purge()
    await note(3)
    await feed.poll()

    async with db.read() as uow:
        kept = await uow.accounts.changes_after(0)
    assert [change.user_id for change in kept] == [2, 3]
    assert told[-1] == (3, ACCESS)


async def test_running_it_tells_changes_as_they_come(feed: ChangeFeed, note, told):
    running = asyncio.get_running_loop().create_task(feed.run())
    await note(7)
    async with asyncio.timeout(30):
        while not told:
            await asyncio.sleep(0.01)
    running.cancel()

    assert told == [(7, ACCESS)]


async def test_checking_now_does_not_wait_for_the_next_round(db: Database, clock: MovedClock, note, told):
    feed = ChangeFeed(db, clock, poll_seconds=3_600)
    seen = asyncio.Event()
    feed.subscribe(lambda user_id, kind: seen.set())
    await feed.start()
    running = asyncio.get_running_loop().create_task(feed.run())
    await asyncio.sleep(0)
    await note(7)

    feed.check_now()
    async with asyncio.timeout(30):
        await seen.wait()
    running.cancel()

    assert seen.is_set()


async def test_a_database_that_is_gone_for_a_moment_is_asked_again(
    feed: ChangeFeed, note, told, db: Database
):
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE changes RENAME TO gone")
    running = asyncio.get_running_loop().create_task(feed.run())
    await asyncio.sleep(0.1)
    async with db.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO changes")
    await note(7)

    async with asyncio.timeout(30):
        while not told:
            await asyncio.sleep(0.01)
    running.cancel()

    assert told == [(7, ACCESS)]
