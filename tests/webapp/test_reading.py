"""Gifts, history and statistics over HTTP."""

import pytest

from core import gifts
from core.gifts import GiftInfo
from storage.models import HistoryRow
from tests.webapp.fakes import START


@pytest.fixture
def get(client, streamer):
    async def send(path):
        async with client.get(f"/v2{path}", headers=streamer) as response:
            return response.status, await response.json()

    return send


async def test_gifts_are_searched_and_paged(get, services):
    async with services.db.begin() as uow:
        await gifts.learn(uow, [GiftInfo(5655, "Rose", 1), GiftInfo(6369, "Lion", 29_999)], services.clock)

    status, body = await get("/gifts/list?q=ROSE&limit=5&offset=0")

    assert status == 200
    assert body == {"gifts": [{"gift_id": 5655, "name": "Rose", "diamond_count": 1, "image": ""}], "total": 1}


async def test_history_by_page_and_by_id(get, services):
    async with services.db.begin() as uow:
        uow.history._session.add(
            HistoryRow(
                user_id=1, message_id="m1", seq=1, at=START, type="chat", data={"fired": [], "sent": True}
            )
        )

    status, body = await get("/history?limit=10")

    assert status == 200
    assert [(event["id"], event["sent"]) for event in body["events"]] == [("m1", True)]
    assert await get("/history/m1") == (200, body["events"][0])
    assert (await get("/history/m2"))[0] == 404


async def test_statistics_of_who_never_was_live(get):
    assert (await get("/stats/overview"))[1]["sessions"] == 0
    assert await get("/stats/top-donors") == (200, {"period": "all", "donors": []})
    assert await get("/stats/sessions") == (200, {"sessions": [], "total": 0})


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/gifts/list?limit=0", "limit"),
        ("/gifts/list?limit=many", "limit"),
        ("/gifts/list?offset=-1", "offset"),
        ("/history?limit=501", "limit"),
        ("/history?since=never", "since"),
        ("/stats/top-donors?period=year", "period"),
        ("/stats/top-donors?limit=1e9", "limit"),
        ("/stats/sessions?offset=99999999999999999999", "offset"),
    ],
)
async def test_what_is_wrong_is_named(get, path, field):
    status, body = await get(path)

    assert (status, body["field"]) == (400, field)


async def test_unknown_parameters_do_not_hinder(get):
    assert (await get("/gifts/list?utm_source=app"))[0] == 200
