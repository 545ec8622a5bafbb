"""Whatever is sent, the answer is a refusal in the contract's form: never a crash."""

import json

import pytest

from tests.webapp.nonsense import bodies

CALLS = {
    "/v2/auth/redeem-license": ["username", "password", "license_key"],
    "/v2/auth/login": ["username", "password"],
    "/v2/auth/password": ["current_password", "new_password"],
    "/v2/auth/reset": ["username"],
    "/v2/auth/reset/confirm": ["username", "code", "new_password"],
    "/v2/triggers/set": [
        "id", "event_type", "condition_key", "condition_value", "action", "action_params", "name", "enabled",
        "priority", "cooldown_seconds", "conditions", "when", "stop",
    ],
    "/v2/triggers/delete": ["id"],
    "/v2/triggers/test": ["id", "event"],
    "/v2/settings/update": ["tts_volume", "blocked_words", "tiktok_username", "voice_id", "silence_minutes"],
    "/v2/voices/preview": ["voice_id", "text", "speech_rate", "speech_pitch"],
    "/v2/live/start": ["tiktok_username"],
}  # fmt: skip


@pytest.mark.parametrize("path", CALLS)
async def test_nothing_sent_makes_a_call_fail(client, streamer, voice, path):
    voice.go_on.set()
    for body in bodies(CALLS[path]):
        async with client.post(path, json=body, headers=streamer) as response:
            assert response.status < 500, (body, await response.text())
            if response.status >= 400:
                assert {"detail", "code", "request_id"} <= (await response.json()).keys()


@pytest.mark.parametrize("path", ["/v2/gifts/list", "/v2/history", "/v2/stats/top-donors", "/v2/voices/list"])
async def test_nothing_in_the_address_makes_a_call_fail(client, streamer, path):
    for value in ("", "-1", "1e5", "ключ", "%", "x" * 3000, "9" * 40, "\x07", "[]"):
        query = dict.fromkeys(("limit", "offset", "since", "q", "period", "lang"), value)
        async with client.get(path, params=query, headers=streamer) as response:
            assert response.status < 500, (value, await response.text())


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/history/a%00b", 404),
        ("/v2/history?since=%00", 400),
        ("/v2/history?%00=1", 400),
        ("/app/view/history/a%00b", 404),
        ("/app/view/history?q=%00", 400),
    ],
)
async def test_a_null_character_leads_nowhere(client, enter, path, status):
    audience = "mobile" if path.startswith("/v2") else "webapp"
    headers = await enter(audience=audience)

    async with client.get(path, headers=headers) as response:
        assert response.status == status


async def test_a_null_character_in_a_body_is_refused(client):
    body = json.dumps({"username": "a\0b", "password": "x"}).encode()

    async with client.post(
        "/v2/auth/login", data=body, headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 400
