"""One LIVE in detail over HTTP."""

import pytest

from storage.models import Live, LiveMinute
from tests.webapp.fakes import START


@pytest.fixture
async def who(enter):
    return await enter()


@pytest.fixture
async def a_live(services, who):
    async with services.db.begin() as uow:
        session = uow.lives._session
        session.add(Live(id=7, user_id=1, unique_id="host", room_id="71", started_at=START, diamonds=5))
        await session.flush()
        session.add(LiveMinute(live_id=7, minute=2, viewers=9, messages=1, gifts=1, diamonds=5, likes=3))


async def test_the_minutes_of_a_live(client, who, a_live):
    answer = await client.get("/api/stats/sessions/7/minutes", headers=who)

    assert answer.status == 200
    assert (await answer.json())["minutes"] == [
        {
            "minute": 2,
            "at": "2026-01-01T00:18:00.000Z",
            "viewers": 9,
            "messages": 1,
            "gifts": 1,
            "diamonds": 5,
            "likes": 3,
            "follows": 0,
        }
    ]


@pytest.mark.parametrize("live_id", ["8", "x", "99999999999999999999"])
async def test_a_live_that_is_not_there(client, who, a_live, live_id):
    answer = await client.get(f"/api/stats/sessions/{live_id}/minutes", headers=who)

    assert answer.status == 404


async def test_somebody_elses_live_is_not_there(client, enter, a_live):
    answer = await client.get("/api/stats/sessions/7/minutes", headers=await enter(telegram_id=43))

    assert answer.status == 404
