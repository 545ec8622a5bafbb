"""What is written behind: nothing twice, nothing lost but what the disk refuses."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from core import jobs
from core.journal import MAX_WAITING, Entry, Journal
from core.live.events import EventType, Fact
from core.tally import MAX_MINUTES, Tally, minute_of
from storage.models import Counter, HistoryRow, Live, LiveMinute, LiveViewer, User
from tests.fakes import MovedClock
from tests.studio_kit import ANN, BOB


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def journal(db, clock) -> Journal:
    return Journal(db, clock)


@pytest.fixture
async def user_id(db, clock) -> int:
    async with db.begin() as uow:
        user = User(username="host", created_at=clock.now())
        await uow.accounts.add_user(user)
    return user.id


def entry(clock: MovedClock, user_id: int, number: int, tally: Tally | None = None) -> Entry:
    return Entry(user_id, tally, f"{user_id}-{number}", number, clock.now(), "chat", {"message": "hi"})


def gift(count: int, viewer=ANN) -> Fact:
    return Fact(EventType.GIFT, viewer, diamonds=5, added=count, count=count)


def watching(count: int) -> Fact:
    return Fact(EventType.VIEWER_COUNT, ANN, total=count)


async def minutes(db):
    found = await rows(db, LiveMinute.minute, LiveMinute.viewers, LiveMinute.gifts, LiveMinute.diamonds)
    return sorted(tuple(row) for row in found)


async def rows(db, *columns):
    async with AsyncSession(db.engine) as session:
        return (await session.execute(select(*columns))).all()


async def test_history_and_totals_are_written_together(db, clock, journal, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    tally.count(gift(3), clock.now())
    tally.count(gift(2, BOB), clock.now())
    journal.watch(tally)
    journal.record(entry(clock, user_id, 1, tally))

    await journal.flush()

    [(live_id, gifts, diamonds)] = await rows(db, Live.id, Live.gifts, Live.diamonds)
    assert (gifts, diamonds) == (5, 25)
    assert await rows(db, HistoryRow.message_id, HistoryRow.live_id) == [(f"{user_id}-1", live_id)]
    given = {(name, amount) for name, amount in await rows(db, LiveViewer.unique_id, LiveViewer.gifts)}
    assert given == {("ann", 3), ("bob", 2)}


async def test_what_a_viewer_gives_later_is_added(db, clock, journal, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    journal.watch(tally)
    tally.count(gift(3), clock.now())
    await journal.flush()
    tally.count(gift(4), clock.now())
    clock.move(10)
    await journal.flush()

    assert await rows(db, LiveViewer.gifts) == [(7,)]


async def test_a_restarted_process_goes_on_in_the_same_row(db, clock, journal, user_id):
    first = Tally(user_id, "host", "7001", clock.now())
    first.count(gift(3), clock.now())
    journal.watch(first)
    await journal.flush()

    again, later = Journal(db, clock), Tally(user_id, "host", "7001", clock.now())
    later.count(gift(2), clock.now())
    again.watch(later)
    await again.flush()

    assert await rows(db, Live.gifts) == [(5,)]


async def test_a_live_goes_on_in_its_row_after_a_clean_stop_too(db, clock, journal, user_id):
    first = Tally(user_id, "host", "7001", clock.now(), ended_at=clock.now())
    first.count(gift(3), clock.now())
    journal.watch(first)
    await journal.flush()

    again, later = Journal(db, clock), Tally(user_id, "host", "7001", clock.now())
    later.count(gift(2), clock.now())
    again.watch(later)
    await again.flush()

    assert await rows(db, Live.gifts, Live.ended_at) == [(5, None)]


async def test_played_marks_a_row_whether_written_or_waiting(db, clock, journal, user_id):
    journal.record(entry(clock, user_id, 1))
    await journal.flush()
    journal.record(entry(clock, user_id, 2))
    journal.played(f"{user_id}-1")
    journal.played(f"{user_id}-2")

    await journal.flush()

    assert all(played is not None for (played,) in await rows(db, HistoryRow.played_at))


async def test_counters_add_up(db, clock, journal, user_id):
    journal.add_to_counter(user_id, "deaths", 2)
    await journal.flush()
    journal.add_to_counter(user_id, "deaths", 3)
    await journal.flush()

    assert await rows(db, Counter.value) == [(5,)]


async def test_a_failing_database_loses_nothing(db, clock, journal, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    tally.count(gift(3), clock.now())
    journal.watch(tally)
    journal.record(entry(clock, user_id, 1, tally))
    journal.add_to_counter(user_id, "deaths", 2)
    async with db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE counters RENAME TO elsewhere"))

    await journal._try_flush()
    tally.count(gift(1), clock.now())
    async with db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO counters"))
    await journal.flush()

    assert await rows(db, Live.gifts) == [(4,)]
    assert await rows(db, LiveViewer.gifts) == [(4,)]
    assert await rows(db, func.count(HistoryRow.id)) == [(1,)]
    assert await rows(db, Counter.value) == [(2,)]


async def test_a_deleted_account_does_not_hold_up_the_others(db, clock, journal, user_id):
    gone = Tally(user_id + 99, "gone", "7009", clock.now())
    here = Tally(user_id, "host", "7001", clock.now())
    for tally in (gone, here):
        tally.count(gift(1), clock.now())
        journal.watch(tally)

    await journal.flush()

    assert await rows(db, Live.unique_id) == [("host",)]


async def test_waiting_rows_are_bounded(clock, journal):
    for number in range(MAX_WAITING + 5):
        journal.record(entry(clock, 1, number))

    assert journal.lost == 5
    assert len(journal._waiting) == MAX_WAITING


async def test_old_names_and_texts_are_gone_and_totals_stay(db, clock, journal, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    tally.count(gift(3), clock.now())
    journal.watch(tally)
    journal.record(entry(clock, user_id, 1, tally))
    await journal.flush()
    clock.move(timedelta(days=15).total_seconds())
    journal.record(entry(clock, user_id, 2))
    await journal.flush()

    gone = await jobs.purge_history(db, clock, retention_days=14)

    assert gone == 2
    assert await rows(db, HistoryRow.message_id) == [(f"{user_id}-2",)]
    assert await rows(db, LiveViewer.unique_id) == []
    assert await rows(db, Live.gifts) == [(3,)]


async def test_minutes_are_written_with_the_totals_and_add_up(db, clock, journal, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    journal.watch(tally)
    tally.count(gift(3), clock.now())
    tally.count(watching(90), clock.now())
    await journal.flush()
    clock.move(10)  # still the first minute on the clock
    tally.count(gift(1), clock.now())
    tally.count(watching(40), clock.now())
    clock.move(60)
    tally.count(watching(50), clock.now())
    await journal.flush()

    assert await minutes(db) == [(0, 90, 4, 20), (1, 50, 0, 0)]


async def test_minutes_go_on_counting_from_the_start_of_the_broadcast(db, clock, journal, user_id):
    first = Tally(user_id, "host", "7001", clock.now())
    first.count(gift(3), clock.now())
    journal.watch(first)
    await journal.flush()
    clock.move(10)
    again, later = Journal(db, clock), Tally(user_id, "host", "7001", clock.now())
    later.count(gift(2), clock.now())
    clock.move(180)
    later.count(gift(1), clock.now())
    again.watch(later)
    await again.flush()

    assert await minutes(db) == [(0, 0, 5, 25), (3, 0, 1, 5)]
    assert later.started_at == first.started_at


async def test_minutes_that_could_not_be_written_are_written_later_once(db, clock, journal, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    tally.count(gift(3), clock.now())
    journal.watch(tally)
    async with db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE live_minutes RENAME TO elsewhere"))
    await journal._try_flush()
    tally.count(gift(1), clock.now())
    async with db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO live_minutes"))

    await journal.flush()
    await journal.flush()

    assert await minutes(db) == [(0, 0, 4, 20)]


async def test_minutes_that_wait_are_bounded(clock, user_id):
    tally = Tally(user_id, "host", "7001", clock.now())
    for _ in range(MAX_MINUTES + 5):
        tally.count(gift(1), clock.now())
        clock.move(60)
    waiting, tally.minutes = tally.minutes, {}
    tally.count(gift(1), clock.now())

    tally.take_back({}, waiting)

    assert len(waiting) == len(tally.minutes) == MAX_MINUTES
    assert max(tally.minutes) == minute_of(clock.now())
    assert tally.gifts == MAX_MINUTES + 6
