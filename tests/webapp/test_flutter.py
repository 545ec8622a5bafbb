"""The seed's Flutter client, byte for byte: the requests as Dart's `http` package puts them on the wire."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest

from tests.webapp.audio import beep

BOUNDARY = "dart-http-boundary-Ve2+9Q_.yfjFJ4dX0l8wTgnKaqpC-ZxH1oMRsBUv3iDz7NEkP6h"
LICENSE = {"username": "streamer123", "password": "SecurePass123!"}


def dart_json(body):
    """`jsonEncode` leaves no blanks and no letter escaped."""
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.fixture
def phone(client):
    """Sends raw bytes to the server and gives back status and decoded body."""
    base = urlsplit(str(client.make_url("/")))

    async def send(method, path, headers, body=b""):
        reader, writer = await asyncio.open_connection(base.hostname, base.port)
        head = {
            "user-agent": "Dart/3.5 (dart:io)",
            "accept-encoding": "gzip",
            "content-length": str(len(body)),
            "host": base.netloc,
            "connection": "close",
        } | headers
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        answer = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        head, _, text = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(text)

    return send


@pytest.fixture
def post(phone):
    async def send(path, body, token=None):
        headers = {"content-type": "application/json; charset=utf-8"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        return await phone("POST", path, headers, dart_json(body))

    return send


@pytest.fixture
async def token(post, issue):
    _, body = await post("/v2/auth/redeem-license", LICENSE | {"license_key": await issue()})
    return body["access_token"]


def multipart(filename, data, kind="application/octet-stream"):
    head = (
        f"--{BOUNDARY}\r\n"
        f"content-type: {kind}\r\n"
        f'content-disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
    )
    return head.encode() + data + b"\r\n" + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def upload(phone):
    async def send(token, filename, data):
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"content-type": kind, "authorization": f"Bearer {token}"}
        return await phone("POST", "/v2/sounds/upload", headers, multipart(filename, data))

    return send


async def test_redeem_license(post, issue):
    status, body = await post("/v2/auth/redeem-license", LICENSE | {"license_key": await issue()})

    assert status == 200
    assert isinstance(body["access_token"], str)
    assert body["license_expires_at"].endswith("Z")


async def test_login(post, token):
    status, body = await post("/v2/auth/login", LICENSE)

    assert status == 200
    assert isinstance(body["access_token"], str)


async def test_profile(phone, token):
    status, body = await phone("GET", "/v2/auth/me", {"authorization": f"Bearer {token}"})

    assert (status, body["username"]) == (200, "streamer123")


SEMICOLONS = pytest.param(
    "a;b;c.mp3", marks=pytest.mark.filterwarnings("ignore::aiohttp.BadContentDispositionHeader")
)


@pytest.mark.parametrize(
    "filename", ["rose_sound.mp3", "звук розы.wav", SEMICOLONS, "it%22s.mp3", "naïve – ünï.ogg"]
)
async def test_upload_and_list(phone, token, upload, filename):
    status, body = await upload(token, filename, beep())
    assert status == 200, body
    assert body["status"] == "ok"
    assert body["url"].startswith("http://")

    status, listed = await phone("GET", "/v2/sounds/list", {"authorization": f"Bearer {token}"})

    assert status == 200
    assert [(sound["filename"], sound["url"]) for sound in listed["sounds"]] == [
        (body["filename"], body["url"])
    ]


async def test_rose_trigger(post, token, upload):
    await upload(token, "rose_sound.mp3", beep())
    wanted = {
        "event_type": "gift",
        "action": "play_sound",
        "condition_key": "gift_name",
        "condition_value": "Rose",
        "action_params": {"sound_filename": "rose_sound.mp3"},
    }

    status, body = await post("/v2/triggers/set", wanted, token)

    assert status == 200, body
    assert {name: body["trigger"][name] for name in wanted if name != "action_params"} == {
        name: value for name, value in wanted.items() if name != "action_params"
    }
    assert body["trigger"]["action_params"]["sound_filename"] == "rose_sound.mp3"
    assert isinstance(body["trigger"]["id"], int)


async def test_speech_trigger(post, token):
    wanted = {
        "event_type": "chat",
        "action": "tts",
        "condition_key": "message_contains",
        "condition_value": "привет",
        "action_params": {"text_template": "Привет, {user}! Добро пожаловать в стрим!"},
    }

    status, body = await post("/v2/triggers/set", wanted, token)

    assert status == 200, body
    assert body["trigger"]["condition_value"] == "привет"


async def test_volumes(post, token):
    wanted = {"tts_volume": 80, "gifts_volume": 90, "tts_enabled": True, "gift_sounds_enabled": True}

    status, body = await post("/v2/settings/update", wanted, token)

    assert status == 200
    assert {name: body[name] for name in wanted} == wanted


async def test_no_setting_at_all(post, token):
    assert (await post("/v2/settings/update", {}, token))[0] == 200


async def test_token_that_was_never_stored(phone):
    status, body = await phone("GET", "/v2/auth/me", {"authorization": "Bearer null"})

    assert (status, body["detail"]) == (401, "invalid token")
