"""What became of each event."""

from datetime import timedelta

import pytest

from core import history
from core.errors import Invalid, NotFound
from storage.models import HistoryRow
from tests.webapp.fakes import START

ANN, BOB = 1, 2


@pytest.fixture
async def rows(db):
    """Ten of Ann's, a second apart, and one of Bob's in between."""
    async with db.begin() as uow:
        uow.history._session.add_all(
            HistoryRow(
                user_id=BOB if number == 5 else ANN,
                live_id=None,
                message_id=f"m{number}",
                seq=number,
                at=START + timedelta(seconds=number),
                type="chat",
                data={"message": f"line {number}", "sent": True},
                played_at=START if number == 1 else None,
            )
            for number in range(11)
        )


@pytest.fixture
def listed(db, rows):
    async def get(since="", limit=100, user_id=ANN):
        async with db.read() as uow:
            return [event["id"] for event in await history.list_events(uow, user_id, since, limit)]

    return get


async def test_without_since_the_latest_oldest_first(listed):
    assert await listed(limit=3) == ["m8", "m9", "m10"]


async def test_after_an_event_page_by_page(listed):
    assert await listed("m2", 3) == ["m3", "m4", "m6"]
    assert await listed("m6", 3) == ["m7", "m8", "m9"]
    assert await listed("m10") == []


@pytest.mark.parametrize(
    "since",
    ["2026-01-01T00:16:48Z", "2026-01-01T00:16:48", "2026-01-01T02:16:48+02:00", "2026-01-01T02:16:48 02:00"],
)
async def test_from_a_time_on(listed, since):
    assert await listed(since) == ["m8", "m9", "m10"]


@pytest.mark.parametrize(
    "since", ["nothing", "m5", "99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
async def test_neither_a_time_nor_an_own_event(listed, since):
    with pytest.raises(Invalid) as refused:
        await listed(since)

    assert refused.value.details["field"] == "since"


async def test_one_event_tells_what_became_of_it(db, rows):
    async with db.read() as uow:
        assert await history.get_event(uow, ANN, "m1") == {
            "id": "m1",
            "seq": 1,
            "at": "2026-01-01T00:16:41.000Z",
            "type": "chat",
            "live_id": None,
            "played_at": "2026-01-01T00:16:40.000Z",
            "user": None,
            "message": "line 1",
            "fired": [],
            "refused": [],
            "speech": None,
            "sent": True,
            "heard_by": [],
            "dropped": None,
        }


async def test_events_of_others_are_not_found(db, rows):
    async with db.read() as uow:
        with pytest.raises(NotFound):
            await history.get_event(uow, ANN, "m5")
