"""Sounds over HTTP: what is refused, what becomes of uploads that break off."""

import asyncio
from urllib.parse import urlsplit

import pytest
import structlog
from aiohttp import FormData, web

from core.config import Config
from tests.webapp.audio import beep
from webapp.app import build_app

BEEP = beep()


@pytest.fixture
def config(tmp_path, limits):
    return Config(data_dir=tmp_path, limits=limits, sounds={"max_bytes": 200_000, "quota_bytes": 20_000})


@pytest.fixture
def upload(client, streamer):
    async def send(filename, data, field="file", headers=streamer):
        form = FormData()
        form.add_field(field, data, filename=filename, content_type="audio/mpeg")
        async with client.post("/v2/sounds/upload", data=form, headers=headers) as response:
            return response.status, await response.json()

    return send


@pytest.fixture
def listed(client, streamer):
    async def get():
        async with client.get("/v2/sounds/list", headers=streamer) as response:
            return await response.json()

    return get


async def test_a_sound_is_stored_listed_and_served(client, upload, listed, studios):
    status, body = await upload("rose.wav", BEEP)

    assert status == 200
    assert body.keys() == {"status", "filename", "url", "duration", "size"}
    found = await listed()
    assert (found["used"], found["quota"]) == (body["size"], 20_000)
    assert found["sounds"][0].keys() == {"filename", "url", "duration", "size", "created_at"}
    assert studios.reloaded == [1]
    async with client.get(urlsplit(body["url"]).path) as response:
        assert (response.status, len(await response.read())) == (200, body["size"])


@pytest.mark.parametrize("data", [b"", b"#EXTM3U\nhttp://example.com/a.mp3\n", b"\x00" * 5000, BEEP[:60]])
async def test_what_is_no_sound_is_refused(upload, listed, data):
    status, body = await upload("rose.mp3", data)

    assert (status, body["detail"]) == (400, "unsupported sound")
    assert (await listed())["sounds"] == []


async def test_the_same_name_is_refused(upload):
    await upload("Rose.wav", BEEP)

    status, body = await upload("rose.WAV", BEEP)

    assert (status, body["detail"]) == (409, "sound exists")


@pytest.mark.parametrize("size", [200_001, 400_000])
async def test_too_many_bytes_are_refused(upload, size):
    status, body = await upload("rose.wav", BEEP + b"\x00" * (size - len(BEEP)))

    assert (status, body["detail"]) == (413, "file too large")


async def test_the_quota_ends(upload):
    answers = [await upload(f"{number}.wav", beep(1.0)) for number in range(4)]

    assert (answers[-1][0], answers[-1][1]["detail"]) == (507, "quota exceeded")


async def test_another_field_is_no_file(upload):
    status, body = await upload("rose.wav", BEEP, field="sound")

    assert (status, body["field"]) == (400, "file")


async def test_an_upload_needs_a_token(upload):
    assert (await upload("rose.wav", BEEP, headers={}))[0] == 401


@pytest.mark.parametrize("kind", ["application/json", "audio/mpeg", "multipart/mixed; boundary=x"])
async def test_only_forms_are_uploads(client, streamer, kind):
    async with client.post(
        "/v2/sounds/upload", data=b"{}", headers=streamer | {"Content-Type": kind}
    ) as response:
        assert response.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x",
        b"no boundary at all",
        b"--x\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + BEEP,
        b"--x--\r\n",
    ],
    ids=range(6),
)
async def test_a_form_that_breaks_off_is_refused(client, streamer, listed, body):
    headers = streamer | {"Content-Type": "multipart/form-data; boundary=x"}

    async with client.post("/v2/sounds/upload", data=body, headers=headers) as response:
        assert response.status == 400
        assert (await response.json())["field"] == "file"
    assert (await listed())["sounds"] == []


FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
FIELD = b'--x\r\nContent-Disposition: form-data; name="more"\r\n\r\n1\r\n'
SOUND = b"\r\n" + BEEP + b"\r\n--x--\r\n"


@pytest.fixture
def post_form(client, streamer):
    async def send(body):
        headers = streamer | {"Content-Type": "multipart/form-data; boundary=x"}
        async with client.post("/v2/sounds/upload", data=body, headers=headers) as response:
            return response.status, await response.json()

    return send


@pytest.mark.parametrize(
    "form",
    [
        FIELD * 20 + FILE + SOUND,
        FIELD * 100_000,
        b"\r\n" * 40_000 + FILE + SOUND,
        FILE + b"a: b\r\n" * 30 + SOUND,
    ],
    ids=["fields", "very many fields", "empty lines", "headers"],
)
async def test_a_form_is_not_much_more_than_its_file(post_form, form):
    status, body = await post_form(form[:260_000])

    assert (status, body["field"]) == (400, "file")


async def test_a_form_may_hold_some_more(post_form):
    assert (await post_form(b"hello\r\n" * 5 + FIELD * 19 + FILE + SOUND))[0] == 200


@pytest.mark.parametrize(
    "form",
    [
        FILE.replace(b"a.wav", b"a\0b.wav") + SOUND,
        FILE + b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\na\r\n--y--\r\n" + SOUND,
        FILE + b"X-Long: " + b"x" * 200_000 + b"\r\n" + SOUND,
        b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n'
        + b"u" * 40
        + b"\r\n"
        + FILE
        + SOUND,
    ],
    ids=["null", "nested", "long header", "charset"],
)
async def test_an_odd_form_is_a_bad_request(post_form, form):
    status, body = await post_form(form)

    assert (status, body["field"]) == (400, "file")


@pytest.fixture
async def port(services):
    """Served as in production: the test server would cancel a call whose client is gone."""
    runner = web.AppRunner(build_app(services), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def hang_up_half_way(port, streamer):
    """Send half an upload to a server known to be reading it, and be gone."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /v2/sounds/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n"
        f"Authorization: {streamer['Authorization']}\r\nExpect: 100-continue\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    writer.write(head.encode())
    await reader.readuntil(b"100 Continue\r\n\r\n")
    writer.write(b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + BEEP)
    await writer.drain()
    writer.close()


async def told(logs, event):
    async with asyncio.timeout(30):
        while event not in [line["event"] for line in logs]:
            await asyncio.sleep(0.01)


async def test_an_upload_cut_off_half_way_leaves_nothing(port, streamer, listed, services):
    with structlog.testing.capture_logs() as logs:
        await hang_up_half_way(port, streamer)
        await told(logs, "request")

    assert [line["event"] for line in logs] == ["client_gone", "request"]
    assert (await listed())["sounds"] == []
    assert await services.media.list("sounds") == []


async def test_a_sound_is_deleted_with_its_audio(client, streamer, upload, listed):
    _, body = await upload("звук.wav", BEEP)

    async with client.delete("/v2/sounds/звук.wav", headers=streamer) as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})

    assert (await listed())["sounds"] == []
    async with client.get(urlsplit(body["url"]).path) as response:
        assert response.status == 404


async def test_an_unknown_sound_cannot_be_deleted(client, streamer):
    async with client.delete("/v2/sounds/nothing.mp3", headers=streamer) as response:
        assert response.status == 404


async def test_a_sound_in_use_names_the_triggers(client, streamer, upload):
    await upload("rose.wav", BEEP)
    body = {"event_type": "gift", "action": "play_sound", "action_params": {"sound_filename": "rose.wav"}}
    saved = await (await client.post("/v2/triggers/set", json=body, headers=streamer)).json()

    async with client.delete("/v2/sounds/rose.wav", headers=streamer) as response:
        refused = await response.json()

    assert (response.status, refused["detail"]) == (409, "sound in use")
    assert [one["id"] for one in refused["triggers"]] == [saved["trigger"]["id"]]


async def test_sounds_of_others_are_not_seen(client, join, upload):
    await upload("rose.wav", BEEP)
    other = await join("another")

    async with client.get("/v2/sounds/list", headers=other) as response:
        assert (await response.json())["sounds"] == []
    async with client.delete("/v2/sounds/rose.wav", headers=other) as response:
        assert response.status == 404


# Another name


async def test_a_sound_is_renamed_with_what_plays_it(client, streamer, upload, listed, studios):
    await upload("rose.wav", BEEP)
    body = {"event_type": "gift", "action": "play_sound", "action_params": {"sound_filename": "rose.wav"}}
    await client.post("/v2/triggers/set", json=body, headers=streamer)
    studios.reloaded.clear()

    async with client.post(
        "/v2/sounds/rose.wav/rename", json={"filename": "Роза & b.wav"}, headers=streamer
    ) as response:
        answer = await response.json()

    assert (response.status, answer["sound"]["filename"]) == (200, "Роза & b.wav")
    assert (await listed())["sounds"] == [answer["sound"]]
    async with client.get("/v2/triggers/list", headers=streamer) as response:
        [trigger] = (await response.json())["triggers"]
    assert trigger["action_params"]["sound_filename"] == "Роза & b.wav"
    assert studios.reloaded == [1]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"filename": "bell.WAV"}, 409, "sound_exists"),
        ({"filename": "chime"}, 409, "sound_exists"),
        ({"filename": "/"}, 400, "invalid"),
        ({"filename": "a/b"}, 400, "invalid"),
        ({}, 400, "invalid"),
    ],
)
async def test_a_name_it_cannot_have_is_refused(client, streamer, upload, body, status, code):
    await upload("rose.wav", BEEP)
    await upload("bell.wav", BEEP)

    async with client.post("/v2/sounds/rose.wav/rename", json=body, headers=streamer) as response:
        assert (response.status, (await response.json())["code"]) == (status, code)


async def test_what_is_not_there_is_not_renamed(client, streamer):
    async with client.post("/v2/sounds/chime/rename", json={"filename": "x"}, headers=streamer) as response:
        assert response.status == 404


@pytest.mark.parametrize(("data", "why"), [(b"", "empty"), (b"x" * 500, "kind"), (BEEP[:60], "short")])
async def test_a_refusal_says_why_for_programs_too(upload, data, why):
    assert (await upload("rose.wav", data))[1]["why"] == why
