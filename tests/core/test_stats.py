"""What LIVEs added up to."""

from datetime import timedelta

import pytest

from core import stats
from core.errors import NotFound
from storage.models import Live, LiveMinute, LiveViewer, User
from tests.fakes import MovedClock
from tests.webapp.fakes import START

HOUR = timedelta(hours=1)
ANN, BOB = 1, 2


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
async def lives(db):
    """Ann: one LIVE ten days ago, one that runs. Bob: one."""
    async with db.begin() as uow:
        for user_id in (ANN, BOB):
            await uow.accounts.add_user(User(id=user_id, username=f"user{user_id}", created_at=START))
        session = uow.lives._session
        old = START - timedelta(days=10)
        session.add_all(
            [
                Live(id=1, user_id=ANN, unique_id="ann", room_id="71", started_at=old, ended_at=old + HOUR,
                     messages=10, gifts=5, diamonds=500, likes=30, likes_total=40, peak_viewers=90, joins=3),
                Live(id=2, user_id=ANN, unique_id="ann", room_id="72", started_at=START - HOUR,
                     messages=1, gifts=2, diamonds=20, likes=1, likes_total=1, peak_viewers=7,
                     deaf_seconds=1.5),
                Live(id=3, user_id=BOB, unique_id="bob", room_id="73", started_at=START - HOUR, diamonds=9),
            ]
        )  # fmt: skip
        await session.flush()
        session.add_all(
            [
                LiveViewer(live_id=1, viewer_id=7, unique_id="carl", nickname="Carl", gifts=4, diamonds=400),
                LiveViewer(live_id=1, viewer_id=8, unique_id="dora", nickname="Dora", gifts=1, diamonds=100),
                LiveViewer(
                    live_id=2, viewer_id=7, unique_id="carl", nickname="King Carl", gifts=1, diamonds=5
                ),
                LiveViewer(live_id=2, viewer_id=9, unique_id="emil", nickname="", gifts=1, diamonds=15),
                LiveViewer(live_id=2, viewer_id=6, unique_id="fred", nickname="Fred", messages=1),
                LiveViewer(live_id=3, viewer_id=5, unique_id="gina", nickname="Gina", gifts=1, diamonds=9),
            ]
        )


@pytest.fixture
def donors(db, lives, clock):
    async def find(user_id, period, limit=10):
        async with db.read() as uow:
            found = await stats.top_donors(uow, user_id, period, limit, clock)
        return [(donor.user, donor.diamonds, donor.gifts) for donor in found]

    return find


async def test_an_overview_adds_up_all_lives(db, lives, clock):
    async with db.read() as uow:
        found = await stats.overview(uow, ANN, clock)

    assert (found.sessions, found.live_seconds, found.viewers) == (2, 7200.0, 4)
    assert (found.messages, found.gifts, found.diamonds) == (11, 7, 520)
    assert (found.likes, found.likes_total, found.peak_viewers, found.deaf_seconds) == (31, 41, 90, 1.5)


async def test_without_lives_everything_is_nothing(db, clock):
    async with db.read() as uow:
        found = await stats.overview(uow, ANN, clock)

    assert (found.sessions, found.diamonds, found.viewers, found.peak_viewers) == (0, 0, 0, 0)


async def test_donors_are_summed_over_lives_under_their_last_name(donors):
    assert await donors(ANN, "all") == [("King Carl", 405, 5), ("Dora", 100, 1), ("emil", 15, 1)]


@pytest.mark.parametrize("period", ["day", "week"])
async def test_a_period_leaves_older_lives_out(donors, period):
    assert await donors(ANN, period) == [("emil", 15, 1), ("King Carl", 5, 1)]


async def test_a_month_reaches_further(donors):
    assert len(await donors(ANN, "month")) == 3


async def test_the_list_ends_where_asked(donors):
    assert await donors(ANN, "all", 1) == [("King Carl", 405, 5)]


async def test_sessions_newest_first(db, lives):
    async with db.read() as uow:
        page = await stats.list_sessions(uow, ANN, 10, 0)
        second = await stats.list_sessions(uow, ANN, 10, 1)

    assert [one.id for one in page.sessions] == [2, 1]
    assert page.total == 2
    assert page.sessions[0].ended_at is None
    assert page.sessions[1].started_at == "2025-12-22T00:16:40.000Z"
    assert [one.id for one in second.sessions] == [1]


@pytest.fixture
async def minutes(db, lives):
    """Two minutes of Ann's LIVE that runs, one of her old one."""
    async with db.begin() as uow:
        uow.lives._session.add_all(
            [
                LiveMinute(live_id=1, minute=0, viewers=9),
                LiveMinute(live_id=2, minute=4, viewers=7, diamonds=20, gifts=2),
                LiveMinute(live_id=2, minute=1, messages=1, likes=1, follows=3),
            ]
        )


async def test_minutes_in_order_with_the_time_they_began(db, minutes):
    async with db.read() as uow:
        found = await stats.minutes(uow, ANN, 2)
        running = await stats.running_minutes(uow, ANN)

    assert [(one.minute, one.at, one.viewers, one.diamonds, one.follows) for one in found] == [
        (1, "2025-12-31T23:17:00.000Z", 0, 0, 3),
        (4, "2025-12-31T23:20:00.000Z", 7, 20, 0),
    ]
    assert running == found


async def test_minutes_of_somebody_else_are_not_there(db, minutes):
    async with db.read() as uow:
        with pytest.raises(NotFound):
            await stats.minutes(uow, BOB, 2)
        assert await stats.running_minutes(uow, BOB) == []


async def test_a_live_whose_end_nobody_saw_ended_when_it_was_last_heard(db, lives, minutes, clock):
    clock.move(3_600)  # the LIVE that began an hour before that was last heard in its fifth minute
    async with db.read() as uow:
        found = await stats.overview(uow, ANN, clock)

    assert found.live_seconds == 3_600 + 300


async def test_a_period_is_compared_with_the_one_before(db, lives, clock):
    async with db.read() as uow:
        week = await stats.change(uow, ANN, "week", clock)
        ever = await stats.change(uow, ANN, "all", clock)

    assert (week.now.sessions, week.now.diamonds, week.now.viewers) == (1, 20, 3)
    assert week.before is not None
    assert (week.before.sessions, week.before.diamonds, week.before.viewers) == (1, 500, 2)
    assert (ever.now.diamonds, ever.before) == (520, None)


async def test_sessions_of_a_period(db, lives, clock):
    async with db.read() as uow:
        week = await stats.sessions_of(uow, ANN, "week", 10, clock)

    assert ([one.id for one in week.sessions], week.total) == ([2], 1)


async def test_a_live_in_detail(db, lives, minutes):
    async with db.read() as uow:
        found = await stats.detail(uow, ANN, 2)
        with pytest.raises(NotFound):
            await stats.detail(uow, BOB, 2)

    assert found.live.id == 2
    assert [one.minute for one in found.minutes] == [1, 4]
    assert [one.minute for one in found.best] == [4, 1]
    assert [(one.user, one.diamonds) for one in found.gifters] == [("emil", 15), ("King Carl", 5)]
