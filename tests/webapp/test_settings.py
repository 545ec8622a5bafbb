"""Settings over HTTP: any subset and nothing else."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from core.config import Config
from storage.models import SpokenDay, User


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
        "pronunciations": [],
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
        ({"pronunciations": [{"name": "ann"}]}, "pronunciations[0].say"),
        ({"pronunciations": [{"name": "ann", "say": "x" * 65}]}, "pronunciations[0].say"),
        ({"pronunciations": [{"name": "ann", "say": "a", "lang": "ru"}]}, "pronunciations[0].lang"),
        ({"pronunciations": [{"name": str(number), "say": "a"} for number in range(201)]}, "pronunciations"),
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


async def test_how_names_are_said_is_a_setting(update):
    status, body = await update({"pronunciations": [{"name": "xX_Max_Xx", "say": "Max"}]})

    assert (status, body["pronunciations"]) == (200, [{"name": "xX_Max_Xx", "say": "Max"}])


# A line to try, of the WebApp API alone


@pytest.fixture
async def try_line(client, enter):
    pronunciations = [{"name": "ann", "say": "Anna"}]
    who = await enter(settings={"blocked_words": ["spam"], "pronunciations": pronunciations})

    async def send(**body):
        async with client.post("/api/settings/try-line", json=body, headers=who) as response:
            return response.status, await response.json()

    return send


async def test_a_line_is_tried_and_can_be_heard(client, try_line, voice, studios):
    voice.go_on.set()

    status, body = await try_line(text="hello @ann 🔥", name="Bob")

    assert (status, body["text"], body["skipped_by"]) == (200, "hello Anna", None)
    async with client.get(urlsplit(body["tts_url"]).path) as response:
        assert await response.read() == voice.head + voice.tail
    assert voice.spoken == ["hello Anna"]
    assert studios.reloaded == []


async def test_a_line_that_stays_silent_says_why(try_line, voice):
    assert (await try_line(text="no spam"))[1] == {
        "success": True,
        "text": None,
        "skipped_by": "blocked_word",
        "tts_url": None,
    }
    assert voice.spoken == []


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 501}, {"text": "hi", "name": ""}])
async def test_what_is_no_line_is_not_tried(try_line, body):
    assert (await try_line(**body))[0] == 400


class TestOnASmallPlan:
    @pytest.fixture
    def config(self, tmp_path, limits):
        small = {"title": "Small", "speech_characters_per_day": 20}
        return Config(data_dir=tmp_path, limits=limits, plans={"standard": small})

    async def test_more_than_a_day_may_cost_is_refused_with_its_numbers(self, try_line):
        status, body = await try_line(text="what a nice evening it is")

        told = body["error"]["details"]
        assert (status, body["error"]["code"]) == (403, "plan_limit")
        assert (told["what"], told["limit"], told["title"]) == ("speech_characters_per_day", 20, "Small")

    async def test_what_another_process_has_spoken_today_counts(self, try_line, services, voice):
        voice.go_on.set()
        async with services.db.begin() as uow:
            [user] = (await uow.accounts._session.scalars(select(User))).all()
            day = SpokenDay(user_id=user.id, began_at=services.clock.now(), characters=15)
            uow.accounts._session.add(day)

        assert (await try_line(text="a nice evening"))[1]["error"]["details"]["used"] == 15
