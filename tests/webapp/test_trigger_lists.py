"""Triggers as a whole over HTTP: order, sets, files; studios follow, and what is refused leaves no trace."""

import json

import pytest

from core.config import Config
from core.triggers.portable import MAX_TRIGGERS
from core.triggers.sets import SETS

ROSE = {
    "event_type": "gift",
    "condition_key": "gift_name",
    "condition_value": "Rose",
    "action": "play_sound",
    "action_params": {"sound_filename": "chime"},
}
HELLO = {"event_type": "chat", "action": "tts", "action_params": {"text_template": "Hi {user}"}}
LIKES = {"event_type": "like", "action": "play_sound", "action_params": {"sound_filename": "pop"}}


@pytest.fixture
def config(tmp_path, limits):
    return Config(data_dir=tmp_path, limits=limits, plans={"standard": {"title": "Standard", "triggers": 6}})


@pytest.fixture
async def streamer(enter):
    return await enter()


@pytest.fixture
def post(client, streamer):
    async def send(path, body, headers=streamer):
        async with client.post(f"/api/{path}", json=body, headers=headers) as response:
            answer = await response.json()
        refusal = answer.get("error", {})
        return response.status, {**refusal, **refusal["details"]} if refusal.get(
            "details"
        ) else refusal or answer

    return send


@pytest.fixture
def listed(client, streamer):
    async def get(headers=streamer):
        async with client.get("/api/triggers/list", headers=headers) as response:
            return (await response.json())["triggers"]

    return get


@pytest.fixture
def three(post):
    async def made(headers):
        answers = [await post("triggers", one, headers) for one in (ROSE, HELLO, LIKES)]
        return [body["trigger"]["id"] for _, body in answers]

    return made


def ids(triggers):
    return [one["id"] for one in triggers]


async def test_an_order_is_kept_and_the_studio_follows(post, listed, studios, three, streamer):
    first, second, third = await three(streamer)
    before = len(studios.reloaded)

    assert await post("triggers/order", {"ids": [third, first, second]}) == (
        200,
        {"success": True, "status": "ok"},
    )
    assert ids(await listed()) == [third, first, second]
    assert len(studios.reloaded) == before + 1

    status, body = await post("triggers/order", {"ids": [first, second]})
    assert (status, body["code"]) == (409, "conflict")
    status, body = await post("triggers/order", {"ids": [first, first, second, third]})
    assert (status, body["code"], body["field"]) == (400, "invalid", "ids")
    assert len(studios.reloaded) == before + 1


@pytest.mark.parametrize("path", ["order", "remove"])
@pytest.mark.parametrize("wrong", [None, "1", [None], ["1"], [1.5], [[1]], [1] * (MAX_TRIGGERS + 1)])
async def test_what_are_no_ids_is_refused(post, path, wrong):
    assert (await post(f"triggers/{path}", {"ids": wrong}))[0] == 400


@pytest.mark.parametrize("path", ["order", "remove"])
@pytest.mark.parametrize("huge", [2**31, 2**63, -(2**63), 10**18])
async def test_an_id_no_database_has_is_no_trouble(post, path, huge):
    status, body = await post(f"triggers/{path}", {"ids": [huge]})

    assert status in (400, 404, 409), body


async def test_several_are_removed_at_once_and_no_others(post, listed, studios, three, streamer, enter):
    first, second, third = await three(streamer)
    stranger = await enter(43)
    [theirs, *_] = await three(stranger)

    assert (await post("triggers/remove", {"ids": [theirs]}))[0] == 404
    assert (await post("triggers/remove", {"ids": [first, third, theirs]}))[0] == 200
    assert ids(await listed()) == [second]
    assert len(await listed(stranger)) == 3
    assert (await post("triggers/remove", {"ids": [first]}))[0] == 404


@pytest.mark.parametrize("name", SETS)
async def test_a_set_is_added_once_and_says_what_it_changed(post, listed, name):
    status, added = await post("triggers/sets", {"set": name})
    assert (status, added["skipped"]) == (200, 0)
    assert ids(await listed()) == added["ids"]

    status, again = await post("triggers/sets", {"set": name})
    assert (status, again["ids"], again["skipped"]) == (200, [], len(added["ids"]))
    assert again["settings"] == {}


async def test_a_set_switches_on_what_it_needs_and_its_answer_takes_it_back(post, client, streamer):
    await post("settings", {"tts_enabled": False, "chat_tts_mode": "off"})

    _, added = await post("triggers/sets", {"set": "chat"})
    assert added["settings"] == {"tts_enabled": False, "chat_tts_mode": "off"}
    async with client.get("/api/settings", headers=streamer) as response:
        settings = await response.json()
    assert (settings["tts_enabled"], settings["chat_tts_mode"]) == (True, "all")

    assert (await post("settings", added["settings"]))[0] == 200
    assert (await post("triggers/remove", {"ids": added["ids"]}))[0] == 200


async def test_a_set_that_does_not_fit_the_plan_changes_nothing(post, listed, client, streamer):
    await post("settings", {"tts_enabled": False})
    await post("triggers/sets", {"set": "gifts"})
    before = await listed()

    status, body = await post("triggers/sets", {"set": "followers"})

    assert (status, body["code"]) == (403, "plan_limit"), body
    assert await listed() == before
    async with client.get("/api/settings", headers=streamer) as response:
        assert (await response.json())["tts_enabled"] is False
    assert (await post("triggers/sets", {"set": "nothing"}))[0] == 400


async def test_a_file_carries_all_to_another_account(post, listed, client, streamer, three, enter):
    await three(streamer)
    async with client.get("/api/triggers/export", headers=streamer) as response:
        assert "ttboost-triggers.json" in response.headers["Content-Disposition"]
        text = await response.text()
    other = await enter(43)

    status, added = await post("triggers/import", {"text": text}, other)
    assert (status, added["skipped"]) == (200, 0)
    assert [one | {"id": 0} for one in await listed(other)] == [one | {"id": 0} for one in await listed()]
    assert await post("triggers/import", {"text": text}, other) == (
        200,
        {"success": True, "ids": [], "skipped": 3},
    )


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        (
            ROSE | {"action_params": {"sound_filename": "gone"}},
            "sound_not_found",
            "action_params.sound_filename",
        ),
        (ROSE | {"event_type": "follow"}, "invalid", "condition_key"),
        (HELLO | {"action_params": {"text_template": "{nobody}"}}, "invalid", "action_params.text_template"),
        (HELLO | {"name": "\ud800"}, "invalid", None),
        (HELLO | {"priority": 10**30}, "invalid", "priority"),
        ({}, "invalid", None),
    ],
)
async def test_a_file_with_one_wrong_trigger_is_refused_by_its_line_and_adds_none(
    post, listed, studios, wrong, code, field
):
    text = "[\n" + ",\n".join(json.dumps(one) for one in (LIKES, wrong, ROSE)) + "\n]"

    status, body = await post("triggers/import", {"text": text})

    assert (status in (400, 404), body["code"]) == (True, code), body
    if field:
        assert (body["field"], body["line"]) == (field, 3), body
    assert await listed() == []
    assert studios.reloaded == []


@pytest.mark.parametrize(
    "text", ["", "{}", "[" * 10_000, "[" + "9" * 5_000 + "]", '{"triggers":[{}],"version":7}']
)
async def test_what_is_no_file_is_refused(post, text):
    status, body = await post("triggers/import", {"text": text})

    assert (status, body["code"]) == (400, "invalid"), body


async def test_a_file_beyond_the_plan_or_beyond_all_measure_is_refused(post, listed):
    many = [ROSE | {"condition_value": f"Gift {number}"} for number in range(7)]

    status, body = await post("triggers/import", {"text": json.dumps(many)})
    assert (status, body["code"], body["limit"]) == (403, "plan_limit", 6), body
    assert (await post("triggers/import", {"text": " " * 400_001}))[0] in (400, 413)
    assert await listed() == []
