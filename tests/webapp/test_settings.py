"""Settings over HTTP: any subset and nothing else."""

import pytest


@pytest.fixture
def update(client, streamer):
    async def send(body):
        async with client.post("/v2/settings/update", json=body, headers=streamer) as response:
            return response.status, await response.json()

    return send


async def test_one_setting_changes_the_others_stay(client, streamer, update, studios):
    await update({"tts_volume": 10, "blocked_words": ["x"]})

    status, body = await update({"gifts_volume": 20})

    assert status == 200
    assert (body["tts_volume"], body["gifts_volume"], body["blocked_words"]) == (10, 20, ["x"])
    async with client.get("/v2/settings/get", headers=streamer) as response:
        assert await response.json() == body
    assert studios.reloaded == [1, 1]


async def test_defaults_are_the_contracts(client, streamer):
    async with client.get("/v2/settings/get", headers=streamer) as response:
        body = await response.json()

    assert body == {
        "tts_enabled": True,
        "gift_sounds_enabled": True,
        "tts_volume": 100,
        "gifts_volume": 100,
        "tiktok_username": "streamer123",
        "voice_id": None,
        "auto_connect_live": False,
        "chat_tts_mode": "all",
        "chat_tts_prefixes": [],
        "chat_tts_min_diamonds": 0,
        "chat_tts_max_length": 200,
        "chat_tts_template": "{message}",
        "profanity_mode": "mask",
        "blocked_words": [],
        "blocked_users": [],
        "user_tts_cooldown_seconds": 0.0,
        "silence_enabled": False,
        "silence_minutes": 5.0,
        "silence_text": "",
        "default_gift_sound": "chime",
        "language": "en",
        "speech_rate": 0,
        "speech_pitch": 0,
        "max_backlog_seconds": 30,
        "play_on": "auto",
    }


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tts_volume": 101}, "tts_volume"),
        ({"tts_volume": -1}, "tts_volume"),
        ({"tts_volume": "80"}, "tts_volume"),
        ({"tts_volume": None}, "tts_volume"),
        ({"tts_enabled": 1}, "tts_enabled"),
        ({"chat_tts_mode": "loud"}, "chat_tts_mode"),
        ({"play_on": "radio"}, "play_on"),
        ({"blocked_words": ["ok", 5]}, "blocked_words[1]"),
        ({"blocked_words": ["x" * 65]}, "blocked_words[0]"),
        ({"max_backlog_seconds": 0}, "max_backlog_seconds"),
        ({"tiktok_username": "no handle"}, "tiktok_username"),
        ({"volume": 5}, "volume"),
        ({"id": 5}, "id"),
        ({"tts_volume": 1, "gifts_volume": 500}, "gifts_volume"),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named_and_nothing_changes(client, streamer, update, body, field):
    status, refused = await update(body)

    assert (status, refused["field"]) == (400, field)
    async with client.get("/v2/settings/get", headers=streamer) as response:
        assert (await response.json())["tts_volume"] == 100


async def test_a_setting_may_be_taken_back(update):
    await update({"default_gift_sound": None})

    assert (await update({"voice_id": None}))[1]["default_gift_sound"] is None


async def test_settings_are_each_streamers_own(client, update, join):
    await update({"tts_volume": 10})
    other = await join("another")

    async with client.get("/v2/settings/get", headers=other) as response:
        assert (await response.json())["tts_volume"] == 100
