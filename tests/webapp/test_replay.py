"""What happened, once more."""

import pytest

from core.listener import Listener, Place
from core.live.events import EventType
from tests.history_kit import gift, keep, row


@pytest.fixture
async def who(enter):
    return await enter()


@pytest.fixture
def replay(client, who):
    async def post(message_id, headers=who):
        async with client.post(f"/api/history/{message_id}/replay", json={}, headers=headers) as answer:
            return answer.status, (await answer.json()).get("heard_by")

    return post


async def test_the_same_happens_again_as_a_test(replay, services, studios):
    await keep(services.db, gift(1, count=3, phase="more"))

    assert await replay("m1") == (200, [])

    [fact] = studios.tried
    assert (fact.type, fact.test, fact.count, fact.viewer.name) == (EventType.GIFT, True, 3, "Ann")


async def test_it_says_which_places_play_it(replay, services, studios):
    await keep(services.db, row(1, message="hi"))
    (await studios.open(1)).join(Listener(Place.PLAYER, "http://host"), None)

    assert await replay("m1") == (200, ["player"])


async def test_what_is_not_there_or_not_ones_own(replay, enter, services, studios):
    await keep(services.db, gift(1))

    assert (await replay("m2"))[0] == 404
    assert (await replay("m1", await enter(telegram_id=43)))[0] == 404
    assert studios.tried == []
