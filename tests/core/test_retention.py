"""What is old goes, and nobody waits until all of it is gone."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from core import jobs
from core.tally import Tally, ViewerTally
from storage.models import HistoryRow, Live, LiveViewer, User
from tests.fakes import MovedClock

MANY = 10 * jobs.PURGE_ROWS + 7


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def user_id(db, clock) -> int:
    async with db.begin() as uow:
        user = User(username="host", created_at=clock.now())
        await uow.accounts.add_user(user)
    return user.id


async def broadcast(db, user_id, room_id, at, viewers):
    """A LIVE and those who were in it."""
    async with AsyncSession(db.engine) as session, session.begin():
        live = Live(user_id=user_id, unique_id="host", room_id=room_id, started_at=at)
        session.add(live)
        await session.flush()
        rows = [
            {"live_id": live.id, "viewer_id": number, "unique_id": f"viewer{number}", "nickname": "V"}
            for number in range(viewers)
        ]
        await session.execute(insert(LiveViewer), rows)
        return live.id


async def viewers_of(db, live_id):
    async with AsyncSession(db.engine) as session:
        return await session.scalar(
            select(func.count()).select_from(LiveViewer).where(LiveViewer.live_id == live_id)
        )


async def test_viewers_of_old_lives_go_to_the_last_and_those_of_young_ones_stay(db, clock, user_id):
    first = await broadcast(db, user_id, "7001", clock.now(), 5)
    second = await broadcast(db, user_id, "7002", clock.now(), MANY)
    clock.move(timedelta(days=15).total_seconds())
    young = await broadcast(db, user_id, "7003", clock.now(), 5)

    assert await jobs.purge_history(db, clock, retention_days=14) == MANY + 5
    assert [await viewers_of(db, live_id) for live_id in (first, second, young)] == [0, 0, 5]
    assert await jobs.purge_history(db, clock, retention_days=14) == 0


async def test_one_batch_takes_no_more_than_it_may(db, clock, user_id):
    for room_id in ("7001", "7002"):
        await broadcast(db, user_id, room_id, clock.now(), 5)
    clock.move(timedelta(days=15).total_seconds())

    async with db.begin() as uow:
        assert await uow.retention.purge_viewers(clock.now() - timedelta(days=14), limit=7) == 7

    assert await viewers_of(db, 1) + await viewers_of(db, 2) == 3


async def test_who_writes_of_the_same_live_does_not_wait_for_the_end(db, clock, user_id):
    live_id = await broadcast(db, user_id, "7001", clock.now(), MANY)
    tally = Tally(user_id, "host", "7001", clock.now(), live_id=live_id)
    clock.move(timedelta(days=15).total_seconds())
    purging = asyncio.create_task(jobs.purge_history(db, clock, retention_days=14))
    while await viewers_of(db, live_id) == MANY:
        await asyncio.sleep(0)

    async with db.begin() as uow:
        await uow.journal.add_viewers([(tally, {0: ViewerTally("viewer0", "V")})])

    assert not purging.done()
    await purging


async def test_old_rows_of_history_go_in_batches(db, clock, user_id):
    row = {"user_id": user_id, "type": "chat", "data": {}}
    async with AsyncSession(db.engine) as session, session.begin():
        rows = [{**row, "message_id": str(n), "seq": n, "at": clock.now()} for n in range(MANY)]
        await session.execute(insert(HistoryRow), rows)
    clock.move(timedelta(days=15).total_seconds())

    async with db.begin() as uow:
        before = clock.now() - timedelta(days=14)
        assert await uow.retention.purge_history(before, jobs.PURGE_ROWS) == jobs.PURGE_ROWS
    assert await jobs.purge_history(db, clock, retention_days=14) == MANY - jobs.PURGE_ROWS
