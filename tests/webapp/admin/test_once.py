"""What an admin sends again because the answer got lost is done once."""

import pytest

from tests.webapp.admin.conftest import Headers

FIRST = {"Idempotency-Key": "first-try"}


@pytest.fixture
def post(client):
    async def call(who: Headers, path: str, **body):
        async with client.post(f"/api/admin{path}", headers=who | FIRST, json=body) as response:
            return response.status, await response.json()

    return call


async def test_days_are_added_once(post, ask, boss, world):
    path = f"/licenses/{world['license']}/extend"

    told = [await post(boss, path, days=7) for _ in range(2)]

    assert [(status, answer["license"]["days"]) for status, answer in told] == [(200, 37), (200, 37)]
    _, answer = await ask(boss, "GET", f"/licenses/{world['license']}")
    assert answer["license"]["days"] == 37


async def test_keys_are_made_once_and_can_be_read_by_who_did_not_get_the_answer(post, ask, boss, world):
    before = (await ask(boss, "GET", "/licenses"))[1]["total"]

    (first, made), (again, same) = [await post(boss, "/licenses", days=30, count=3) for _ in range(2)]

    assert (first, again) == (201, 201)
    assert same["keys"] == made["keys"]
    assert len({one["key"] for one in made["keys"]}) == 3
    assert (await ask(boss, "GET", "/licenses"))[1]["total"] == before + 3


async def test_without_a_key_each_time_is_another(ask, boss, world):
    path = f"/licenses/{world['license']}/extend"

    told = [(await ask(boss, "POST", path, {"days": 7}))[1]["license"]["days"] for _ in range(2)]

    assert told == [37, 44]


async def test_an_answer_is_said_once(post, helper, world):
    path = f"/tickets/{world['ticket']}/say"

    told = [await post(helper, path, text="Try again now.") for _ in range(2)]

    assert [status for status, _ in told] == [200, 200]
    assert [one["text"] for one in told[1][1]["ticket"]["messages"]] == ["help", "Try again now."]


@pytest.mark.parametrize(
    ("path", "once", "other"),
    [
        ("/licenses/{license}/extend", {"days": 7}, {"days": 8}),
        ("/licenses", {"days": 7}, {"days": 8}),
        ("/licenses", {"days": 7, "note": "Ann"}, {"days": 7, "note": "Bob"}),
        ("/tickets/{ticket}/say", {"text": "Yes."}, {"text": "No."}),
    ],
)
async def test_the_same_key_for_something_else_is_refused(post, boss, world, path, once, other):
    path = path.format(**world)
    assert (await post(boss, path, **once))[0] in {200, 201}

    status, answer = await post(boss, path, **other)

    assert (status, answer["error"]["code"]) == (409, "key_reused")


async def test_one_admins_key_is_nothing_to_another(post, boss, helper, world):
    path = f"/tickets/{world['ticket']}/say"

    told = [await post(who, path, text="Yes.") for who in (boss, helper)]

    assert len(told[1][1]["ticket"]["messages"]) == 3
