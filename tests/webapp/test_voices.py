"""Voices over HTTP."""

import pytest


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
