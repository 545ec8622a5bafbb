"""Every refusal has the contract's form, whoever refuses."""

import asyncio
import json

import pytest
import structlog
from aiohttp import ClientError, ClientPayloadError, WSMsgType, web

from core import errors
from core.errors import AppError
from storage.db import DatabaseBusy, DatabaseError
from storage.engines import Unreachable
from webapp.app import build_app
from webapp.errors import status_of

JSON = {"Content-Type": "application/json"}


def kinds(kind=AppError):
    found = [kind]
    for child in kind.__subclasses__():
        found += kinds(child)
    return found


@pytest.mark.parametrize(
    "kind", [kind for kind in kinds() if kind is not AppError], ids=lambda kind: kind.__name__
)
def test_every_refusal_has_a_status_and_a_code(kind):
    assert 400 <= status_of(kind) < 600
    assert kind.code.isidentifier()
    assert kind.code == kind.code.lower()
    assert kind.text


def test_only_bugs_are_500():
    assert [kind for kind in kinds() if status_of(kind) == 500] == [AppError]


@pytest.fixture
async def broken(aiohttp_client, services):
    """The application with calls that go wrong in every way."""
    app = build_app(services)

    def raising(error):
        async def handle(_request):
            raise error

        return handle

    def breaking_off(response):
        async def handle(request):
            await response().prepare(request)
            raise KeyError("s3cret")

        return handle

    def leaving(response):
        async def handle(request):
            request.transport.close()  # as it does by itself when the other side's end comes in
            return await response().prepare(request)

        return handle

    app.router.add_get("/v2/broken/socket", breaking_off(web.WebSocketResponse))
    app.router.add_get("/v2/broken/half", breaking_off(web.StreamResponse))
    app.router.add_get("/v2/broken/left", leaving(web.WebSocketResponse))
    app.router.add_get("/v2/broken/half-left", leaving(web.StreamResponse))
    app.router.add_get("/v2/broken/key", raising(KeyError("s3cret")))
    app.router.add_get("/v2/broken/gone", raising(ConnectionResetError()))
    app.router.add_get("/v2/broken/full", raising(DatabaseError("(sqlite3) database or disk is full")))
    app.router.add_get("/v2/broken/busy", raising(DatabaseError("(sqlite3) database is locked")))
    app.router.add_get("/v2/broken/server", raising(Unreachable("connection refused")))
    app.router.add_get("/api/broken/queue", raising(DatabaseBusy("no turn to write in 10 s")))
    app.router.add_get("/v2/broken/moved", raising(web.HTTPFound("/docs")))
    app.router.add_get("/v2/broken/teapot", raising(web.HTTPConflict()))
    app.router.add_get("/v2/broken/bare", raising(errors.Invalid(field="tts_volume")))
    app.router.add_get(
        "/v2/broken/detailed", raising(errors.SoundInUse(triggers=[{"id": 1, "name": "Rose"}]))
    )
    return await aiohttp_client(app)


async def test_a_bug_is_told_once_with_its_traceback_and_no_words_of_it_go_out(broken):
    with structlog.testing.capture_logs() as logs:
        response = await broken.get("/v2/broken/key")

    body = await response.json()
    assert response.status == 500
    assert body == {
        "detail": "something went wrong",
        "code": "internal",
        "request_id": response.headers["X-Request-ID"],
    }
    told = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line["route"], repr(line["exc_info"])) for line in told] == [
        ("request_failed", "/v2/broken/key", "KeyError('s3cret')")
    ]


async def test_a_bug_on_an_open_socket_is_a_close_frame_and_no_answer(broken):
    with structlog.testing.capture_logs() as logs:
        async with broken.ws_connect("/v2/broken/socket") as socket:
            message = await socket.receive(timeout=30)

    assert (message.type, message.data) == (WSMsgType.CLOSE, 1011)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["request_failed"]


async def test_a_bug_behind_half_an_answer_cuts_the_connection(broken):
    response = await broken.get("/v2/broken/half")

    with pytest.raises(ClientPayloadError):
        await response.read()


@pytest.mark.parametrize("path", ["left", "half-left"])
async def test_who_leaves_while_the_answer_begins_is_no_bug(broken, path):
    with structlog.testing.capture_logs() as logs:
        with pytest.raises(ClientError):
            await broken.ws_connect(f"/v2/broken/{path}")
        async with asyncio.timeout(10):
            while not any(line["event"] == "request" for line in logs):
                await asyncio.sleep(0.01)

    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("info", "client_gone"),
        ("info", "request"),
    ]


async def test_a_connection_of_ours_that_breaks_is_a_bug(broken):
    response = await broken.get("/v2/broken/gone")

    assert response.status == 500


async def test_a_full_disk_is_told(broken):
    response = await broken.get("/v2/broken/full")

    assert (response.status, (await response.json())["detail"]) == (507, "no space left")


async def test_a_database_others_are_busy_with_is_no_bug(broken):
    with structlog.testing.capture_logs() as logs:
        response = await broken.get("/v2/broken/busy")

    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert (await response.json())["service"] == "database"
    assert [line["event"] for line in logs] == ["database_refused", "request"]


async def test_nor_is_a_server_that_is_away(broken):
    response = await broken.get("/v2/broken/server")

    assert (response.status, response.headers["Retry-After"]) == (503, "5")


async def test_nor_is_a_queue_of_our_own_writers(broken):
    response = await broken.get("/api/broken/queue")

    body = await response.json()
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert (body["success"], body["error"]["code"]) == (False, "unavailable")


async def test_redirections_pass(broken):
    response = await broken.get("/v2/broken/moved", allow_redirects=False)

    assert (response.status, response.headers["Location"]) == (302, "/docs")


async def test_refusals_of_the_framework_keep_their_status(broken):
    response = await broken.get("/v2/broken/teapot")

    assert response.status == 409
    assert (await response.json())["detail"] == "conflict"


async def test_a_bare_refusal_names_its_field(broken):
    body = await (await broken.get("/v2/broken/bare")).json()

    assert (body["detail"], body["field"]) == ("tts_volume: invalid request", "tts_volume")


async def test_details_stand_beside_the_words(broken):
    response = await broken.get("/v2/broken/detailed")
    body = await response.json()

    assert (response.status, body["code"]) == (409, "sound_in_use")
    assert body["triggers"] == [{"id": 1, "name": "Rose"}]


@pytest.mark.parametrize("path", ["/v2/nothing", "/nothing", "/v2", "/media/", "/%00", "/v2/auth/login/"])
async def test_what_is_not_there_is_not_found(client, path):
    response = await client.get(path)
    body = await response.json()

    assert (response.status, body["detail"], body["code"]) == (404, "not found", "not_found")


async def test_a_wrong_method_is_told_the_right_ones(client):
    response = await client.put("/v2/auth/login")

    assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert (await response.json())["code"] == "method_not_allowed"


async def sent(client, headers, data, path="/v2/settings/update"):
    async with client.post(path, data=data, headers=headers) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"nonsense",
        b'{"tts_volume": }',
        b"\xff\xfe",
        b'{"tts_volume": 1',
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ],
    ids=["open", "word", "hole", "no text", "cut", "deep list", "deep object"],
)
async def test_broken_json_is_a_bad_request(client, streamer, data):
    status, body = await sent(client, streamer | JSON, data)

    assert (status, body["code"]) == (400, "invalid")


@pytest.mark.parametrize("data", [b"[]", b"null", b'"text"', b"1"])
async def test_json_that_is_no_object_is_a_bad_request(client, streamer, data):
    assert (await sent(client, streamer | JSON, data))[0] == 400


async def test_a_megabyte_of_json_is_too_large(client, streamer):
    data = json.dumps({"silence_text": "x" * 1_000_000}).encode()

    status, body = await sent(client, streamer | JSON, data)

    assert (status, body["detail"], body["code"]) == (413, "body too large", "too_large")


async def test_a_megabyte_is_too_large_for_signing_in(client):
    data = json.dumps({"username": "x" * 1_000_000}).encode()

    assert (await sent(client, JSON, data, "/v2/auth/login"))[0] == 413


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_another_content_type_is_refused(client, streamer, kind):
    status, body = await sent(client, streamer | {"Content-Type": kind}, b'{"tts_volume": 1}')

    assert (status, body["code"]) == (415, "unsupported_media_type")


async def test_a_missing_field_is_named(client):
    status, body = await sent(client, JSON, b'{"username": "ann"}', "/v2/auth/login")

    assert (status, body["field"]) == (400, "password")
    assert "password" in body["detail"]


async def test_what_was_sent_is_not_repeated(client):
    data = b'{"username": "ann", "password": ["s3cret"]}'

    status, body = await sent(client, JSON, data, "/v2/auth/login")

    assert (status, body["field"]) == (400, "password")
    assert "s3cret" not in json.dumps(body)


async def test_unknown_fields_do_not_hinder_signing_in(client, streamer):
    data = b'{"username": "streamer123", "password": "SecurePass123!", "device": "Pixel"}'

    assert (await sent(client, JSON, data, "/v2/auth/login"))[0] == 200
