"""Triggers over HTTP; their rules are tested where they live."""

import pytest

from core.config import Config
from core.live.events import EventType

ROSE = {
    "event_type": "gift",
    "condition_key": "gift_name",
    "condition_value": "Rose",
    "action": "play_sound",
    "action_params": {"sound_filename": "chime"},
}
HELLO = {"event_type": "chat", "action": "tts", "action_params": {"text_template": "Hi {user}"}}


@pytest.fixture
def config(tmp_path, limits):
    return Config(data_dir=tmp_path, limits=limits, plans={"standard": {"title": "Standard", "triggers": 2}})


@pytest.fixture
def post(client, streamer):
    async def send(path, body, headers=streamer):
        async with client.post(f"/v2/triggers/{path}", json=body, headers=headers) as response:
            return response.status, await response.json()

    return send


@pytest.fixture
def listed(client, streamer):
    async def get(headers=streamer):
        async with client.get("/v2/triggers/list", headers=headers) as response:
            return (await response.json())["triggers"]

    return get


async def test_a_trigger_is_saved_listed_changed_and_deleted(post, listed, studios):
    status, body = await post("set", ROSE)
    saved = body["trigger"]
    assert (status, body["status"]) == (200, "ok")
    assert await listed() == [saved]

    status, body = await post("set", {"id": saved["id"], "priority": 5, "name": "Roses"})
    changed = {"priority": 5, "name": "Roses", "version": body["trigger"]["version"]}
    assert (status, body["trigger"]) == (200, saved | changed)

    assert await post("delete", {"id": saved["id"]}) == (200, {"status": "ok"})
    assert await listed() == []
    assert studios.reloaded == [1, 1, 1]


async def test_all_fields_of_the_contract_are_told(post):
    _, body = await post("set", ROSE)

    assert body["trigger"].keys() == {
        "id", "event_type", "condition_key", "condition_value", "action", "action_params", "name",
        "enabled", "priority", "cooldown_seconds", "user_cooldown_seconds", "once_per_stream",
        "conditions", "when", "stop", "version",
    }  # fmt: skip


async def test_a_change_somebody_else_made_meanwhile_is_not_undone_unseen(post, listed):
    _, body = await post("set", ROSE)
    seen = {"id": body["trigger"]["id"], "version": body["trigger"]["version"]}
    status, _ = await post("set", seen | {"name": "Theirs"})
    assert status == 200

    status, refused = await post("set", seen | {"priority": 5})

    assert (status, refused["code"]) == (409, "trigger_changed")
    [trigger] = await listed()
    assert (trigger["name"], trigger["priority"]) == ("Theirs", 0)
    status, _ = await post("set", seen | {"priority": 5, "version": trigger["version"]})
    assert status == 200
    status, _ = await post("set", {"id": seen["id"], "name": "Whatever is there"})
    assert status == 200


async def test_the_same_seed_fields_replace(post, listed):
    await post("set", ROSE)
    await post("set", ROSE | {"action_params": {"sound_filename": "chime", "volume": 50}})

    assert [trigger["action_params"]["volume"] for trigger in await listed()] == [50]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (ROSE | {"event_type": "sneeze"}, "event_type"),
        (ROSE | {"condition_key": "message_contains"}, "condition_key"),
        (ROSE | {"priority": 101}, "priority"),
        (ROSE | {"colldown_seconds": 3}, "colldown_seconds"),
        ({"action": "tts"}, "event_type"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named(post, listed, body, field):
    status, refused = await post("set", body)

    assert (status, refused["field"]) == (400, field)
    assert field in refused["detail"]
    assert await listed() == []


async def test_an_unknown_template_field_is_refused(post):
    body = HELLO | {"action_params": {"text_template": "Hi {usre}"}}

    status, refused = await post("set", body)

    assert status == 400
    assert "text_template" in refused["field"]


async def test_an_unknown_sound_is_not_found(post):
    body = ROSE | {"action_params": {"sound_filename": "nothing.mp3"}}

    status, refused = await post("set", body)

    assert (status, refused["detail"]) == (404, "sound file not found")


async def test_the_plan_ends_the_list(post):
    await post("set", ROSE)
    await post("set", HELLO)

    status, refused = await post("set", HELLO | {"event_type": "follow"})

    assert (status, refused["code"]) == (403, "plan_limit")
    assert refused["detail"] == (
        "plan limit: Standard allows 2 triggers, 2 are used; no plan here allows more"
    )
    assert (refused["limit"], refused["used"], refused["plan"]) == (2, 2, "standard")


@pytest.mark.parametrize("path", ["delete", "set", "test"])
async def test_an_unknown_trigger_is_not_found(post, path):
    assert (await post(path, {"id": 999}))[0] == 404


async def test_triggers_of_others_are_not_found(post, listed, join):
    _, body = await post("set", ROSE)
    other = await join("another")

    assert await listed(other) == []
    assert (await post("delete", {"id": body["trigger"]["id"]}, other))[0] == 404
    assert len(await listed()) == 1


async def test_a_trigger_is_tried(post, studios):
    _, body = await post("set", ROSE)

    assert await post("test", {"id": body["trigger"]["id"]}) == (200, {"status": "ok", "heard_by": []})

    assert studios.tried == [body["trigger"]["id"]]


@pytest.mark.parametrize("kind", list(EventType))
async def test_every_event_can_be_tried(post, studios, kind):
    status, _ = await post("test", {"event": {"type": kind, "user": "Bob", "count": 3, "diamonds": 10}})

    assert status == 200
    [fact] = studios.tried
    assert (fact.type, fact.test) == (kind, True)


async def test_a_made_up_gift_counts_its_diamonds(post, studios):
    event = {
        "type": "gift",
        "gift_name": "Rose",
        "count": 3,
        "diamonds": 10,
        "roles": ["moderator", "follower"],
    }

    await post("test", {"event": event})

    [fact] = studios.tried
    assert (fact.count, fact.added, fact.total_diamonds, fact.viewer.roles) == (3, 3, 30, 9)


@pytest.mark.parametrize("body", [{}, {"id": 1, "event": {"type": "chat"}}, {"event": {"type": "sneeze"}}])
async def test_a_trial_is_of_one_thing(post, body):
    assert (await post("test", body))[0] == 400


async def test_the_webhook_secret_is_the_accounts_own(client, join):
    secrets = []
    for name in ("anna", "boris"):
        async with client.get("/v2/webhooks/secret", headers=await join(name)) as response:
            secrets.append((await response.json())["secret"])

    assert all(one.startswith("whsec_") for one in secrets)
    assert secrets[0] != secrets[1]
