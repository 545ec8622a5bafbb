"""Audio by name: whole, in parts, from caches, and while it is being made."""

import asyncio

import pytest
from aiohttp import ClientPayloadError

from core.speech.model import VoiceChoice
from core.speech.voices import default_voice

NAME = "sounds/" + "ab" * 20 + ".mp3"
DATA = bytes(range(256)) * 4
VOICE = VoiceChoice(default_voice("en"))


@pytest.fixture
async def stored(services):
    await services.media.put(NAME, DATA)
    return f"/media/{NAME}"


@pytest.fixture
async def spoken(services):
    """The address of speech that begins to be made."""
    return f"/media/{services.speech.hand_out(1, 'Hello there', VOICE).name}"


async def test_audio_is_audio_and_nothing_else(client, stored):
    async with client.get(stored) as response:
        assert (response.status, await response.read()) == (200, DATA)

    assert response.headers["Content-Type"] == "audio/mpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "immutable" in response.headers["Cache-Control"]


async def test_head_tells_the_size(client, stored):
    async with client.head(stored) as response:
        assert (response.status, await response.read()) == (200, b"")

    assert response.headers["Content-Length"] == "1024"


@pytest.mark.parametrize("asked", ["{}", "W/{}", '"other", {}', "*"])
async def test_what_is_known_is_not_sent_again(client, stored, asked):
    etag = (await client.get(stored)).headers["ETag"]

    async with client.get(stored, headers={"If-None-Match": asked.format(etag)}) as response:
        assert (response.status, await response.read()) == (304, b"")
    assert response.headers["ETag"] == etag


async def test_another_version_is_sent(client, stored):
    async with client.get(stored, headers={"If-None-Match": '"other"'}) as response:
        assert (response.status, len(await response.read())) == (200, 1024)


@pytest.mark.parametrize(
    ("asked", "told", "data"),
    [
        ("bytes=0-1", "bytes 0-1/1024", DATA[:2]),
        ("bytes=0-", "bytes 0-1023/1024", DATA),
        ("bytes=1000-", "bytes 1000-1023/1024", DATA[1000:]),
        ("bytes=1000-9999", "bytes 1000-1023/1024", DATA[1000:]),
        ("bytes=-24", "bytes 1000-1023/1024", DATA[-24:]),
        ("bytes=-9999", "bytes 0-1023/1024", DATA),
        ("bytes=1023-1023", "bytes 1023-1023/1024", DATA[-1:]),
    ],
)
async def test_a_part_is_206(client, stored, asked, told, data):
    async with client.get(stored, headers={"Range": asked}) as response:
        assert (response.status, response.headers["Content-Range"]) == (206, told)
        assert await response.read() == data


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000"])
async def test_a_part_beyond_the_end_is_416(client, stored, asked):
    async with client.get(stored, headers={"Range": asked}) as response:
        assert (response.status, response.headers["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "items=0-1", "bytes=x-y", "bytes=9-1", "bytes=", "bytes=-"]
)
async def test_what_is_no_one_part_gets_the_whole(client, stored, asked):
    async with client.get(stored, headers={"Range": asked}) as response:
        assert (response.status, len(await response.read())) == (200, 1024)


async def test_a_part_of_another_version_gets_the_whole(client, stored):
    async with client.get(stored, headers={"Range": "bytes=0-1", "If-Range": '"other"'}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "path",
    [
        "sounds/nothing.mp3",
        "tts/unknown.mp3",
        "../ttboost.db",
        "..%2f..%2fttboost.db",
        "sounds/%2e%2e/x.mp3",
        "sounds/x.html",
        "sounds/" + "a" * 500 + ".mp3",
        "sounds/a%00.mp3",
    ],
)
async def test_nothing_else_is_served(client, path):
    async with client.get(f"/media/{path}") as response:
        assert response.status == 404


async def test_other_pages_may_ask_first(client):
    async with client.options(f"/media/{NAME}", headers={"Origin": "https://example.com"}) as response:
        assert response.status == 204
        assert "Range" in response.headers["Access-Control-Allow-Headers"]


async def test_speech_streams_while_it_is_made(client, spoken, voice):
    async with client.get(spoken) as response:
        first = await asyncio.wait_for(response.content.readany(), 30)
        voice.go_on.set()
        rest = await response.read()

    assert (response.status, first, rest) == (200, voice.head, voice.tail)
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert "ETag" not in response.headers


async def test_a_part_of_speech_waits_for_its_end(client, spoken, voice):
    asked = asyncio.ensure_future(client.get(spoken, headers={"Range": "bytes=0-3"}))
    await asyncio.sleep(0.05)
    assert not asked.done()

    voice.go_on.set()
    response = await asyncio.wait_for(asked, 30)

    assert (response.status, await response.read()) == (206, voice.head[:4])


async def test_afterwards_speech_is_an_ordinary_file(client, spoken, voice):
    voice.go_on.set()
    await (await client.get(spoken)).read()
    await (await client.get(spoken, headers={"Range": "bytes=0-0"})).read()

    async with client.get(spoken) as response:
        assert await response.read() == voice.head + voice.tail
        assert response.content_length == len(voice.head + voice.tail)
        assert response.headers["ETag"]
    assert voice.spoken == ["Hello there"]


async def test_many_listeners_are_one_making(client, spoken, voice):
    asked = [asyncio.ensure_future(client.get(spoken)) for _ in range(20)]
    voice.go_on.set()
    answers = await asyncio.gather(*asked)

    assert {await answer.read() for answer in answers} == {voice.head + voice.tail}
    assert voice.spoken == ["Hello there"]


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-1"}])
async def test_when_no_engine_speaks_it_is_503(client, services, voice, headers):
    voice.is_broken = True
    name = services.speech.hand_out(1, "Nobody says this", VOICE).name

    async with client.get(f"/media/{name}", headers=headers) as response:
        assert response.status == 503
        assert (await response.json())["code"] == "unavailable"


async def test_speech_that_breaks_off_ends_with_the_connection(client, spoken, voice):
    voice.breaks_off = True
    async with client.get(spoken) as response:
        assert await response.content.readany() == voice.head

        voice.go_on.set()
        with pytest.raises(ClientPayloadError):
            await asyncio.wait_for(response.read(), 30)
