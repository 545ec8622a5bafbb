"""Voices over HTTP."""

import pytest

from core.config import Config


@pytest.fixture
def preview(client, streamer):
    async def send(**body):
        async with client.post("/v2/voices/preview", json=body, headers=streamer) as response:
            return response.status, await response.read()

    return send


async def test_voices_of_a_language(client, streamer):
    async with client.get("/v2/voices/list?lang=ru", headers=streamer) as response:
        voices = (await response.json())["voices"]

    assert {voice["lang"].partition("-")[0] for voice in voices} == {"ru"}
    assert voices[0].keys() == {"id", "name", "lang", "engine", "available"}


async def test_all_voices(client, streamer):
    async with client.get("/v2/voices/list", headers=streamer) as response:
        assert {"en-US", "ru-RU", "es-ES"} <= {voice["lang"] for voice in (await response.json())["voices"]}


async def test_a_preview_is_audio(preview, voice):
    voice.go_on.set()

    assert await preview(voice_id="ru-RU-SvetlanaNeural") == (200, voice.head + voice.tail)
    assert voice.spoken == ["Привет! Вот так я читаю ваш чат."]


async def test_a_preview_says_what_was_asked(preview, voice):
    voice.go_on.set()

    await preview(text="Good evening")

    assert voice.spoken == ["Good evening"]


@pytest.mark.parametrize(
    "body", [{"voice_id": "nobody"}, {"text": ""}, {"text": "..."}, {"speech_rate": 900}]
)
async def test_what_cannot_be_said_is_refused(preview, body):
    assert (await preview(**body))[0] == 400


class TestOnASmallPlan:
    @pytest.fixture
    def config(self, tmp_path, limits):
        small = {"title": "Small", "speech_characters_per_day": 20}
        large = {"title": "Large", "speech_characters_per_day": 9_000, "stars": 5}
        return Config(data_dir=tmp_path, limits=limits, plans={"standard": small, "large": large})

    @pytest.mark.parametrize("path", ["/v2/voices/preview", "/api/voices/preview"])
    async def test_a_days_speech_ends_in_plain_words(self, client, streamer, enter, voice, path):
        voice.go_on.set()
        headers = streamer if path.startswith("/v2") else await enter()

        async with client.post(path, json={"text": "x" * 21}, headers=headers) as response:
            body = await response.json()

        told = body if path.startswith("/v2") else body["error"] | body["error"]["details"]
        assert (response.status, told["code"], told["limit"], told["used"]) == (403, "plan_limit", 20, 0)
        assert (told["plan"], told["larger"]["plan"]) == ("standard", "large")
        assert told.get("detail", told.get("message")) == (
            "plan limit: Small allows 20 characters of speech a day, 0 are used; Large allows 9,000"
        )
