"""The door on a bare socket: who says nothing, nonsense, takes nothing, or comes in hundreds."""

import asyncio
import json
import logging

import pytest
import structlog
from aiohttp import web

from webapp import server
from webapp.app import build_app
from webapp.server import LOOPBACK, Runner

GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
SECRET = b"s3cret"


@pytest.fixture
async def door(services):
    """Opens a server; gives the way to connect to it."""
    runners = []

    async def big(_request):
        return web.Response(body=b"x" * 20_000_000)

    async def start(**options):
        app = build_app(services)
        app.router.add_get("/big", big)
        runners.append(Runner(app, shutdown_timeout=1, **options))
        await runners[-1].setup()
        await web.TCPSite(runners[-1], "127.0.0.1", 0).start()
        port = runners[-1].addresses[0][1]
        return lambda: asyncio.open_connection("127.0.0.1", port)

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(server, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(server, "TAKE_SECONDS", 0.2)


async def rest(reader):
    """All that comes until the other side closes."""
    async with asyncio.timeout(30):
        return await reader.read()


async def answer(reader):
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return head, json.loads(await reader.readexactly(int(length)))


@pytest.mark.parametrize("said", [b"", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-a: "], ids=["nothing", "half"])
async def test_who_never_asks_is_let_go(door, hasty, said):
    reader, writer = await (await door())()
    writer.write(said)

    assert await rest(reader) == b""
    writer.close()


async def test_half_a_head_after_a_request_is_let_go(door, hasty):
    reader, writer = await (await door())()
    writer.write(GET)
    await answer(reader)
    writer.write(b"GET /healthz HTTP/1.1\r\nX-a: ")

    assert await rest(reader) == b""
    writer.close()


async def test_who_is_silent_between_requests_may_stay(door, hasty):
    reader, writer = await (await door())()
    writer.write(GET)
    await answer(reader)
    await asyncio.sleep(0.5)

    writer.write(GET)

    assert (await answer(reader))[1] == {"status": "ok"}
    writer.close()


async def test_who_takes_nothing_of_an_answer_is_cut_off(door, hasty):
    connect = await door()
    reader, writer = await connect()
    reader._limit = 1  # the stream stops reading at once
    writer.write(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.sleep(1.5)
    reader._limit = 30_000_000

    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        async with asyncio.timeout(30):
            await reader.readexactly(20_000_000)
    writer.close()


async def test_one_address_has_so_many_connections_and_no_more(door, monkeypatch):
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 3)
    connect = await door()
    kept = [await connect() for _ in range(3)]
    for reader, writer in kept:
        writer.write(GET)
        await answer(reader)

    reader, refused = await connect()
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    kept[0][1].close()
    await kept[0][1].wait_closed()
    reader, again = await connect()
    again.write(GET)

    assert (await answer(reader))[1] == {"status": "ok"}
    for writer in [refused, again, *(writer for _, writer in kept)]:
        writer.close()


def upgrade(authorization: str) -> bytes:
    return (
        "GET /v2/ws?role=monitor HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Authorization: {authorization}\r\n\r\n"
    ).encode()


async def test_sockets_that_are_not_let_in_are_counted(door, monkeypatch):
    """Whoever does not answer their goodbye would keep any number of them for ten seconds."""
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    connect = await door()
    kept = [await connect() for _ in range(2)]
    for reader, writer in kept:
        writer.write(upgrade("Bearer nobody"))
        await reader.readuntil(b"invalid token")

    reader, refused = await connect()

    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    for writer in (refused, *(writer for _, writer in kept)):
        writer.close()


async def test_sockets_of_listeners_are_not_counted(door, services, streamer, monkeypatch, aiohttp_client):
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    connect = await door()
    reader, writer = await connect()
    writer.write(upgrade(streamer["Authorization"]))
    await reader.readuntil(b"101 Switching Protocols")
    await reader.readuntil(b'"status"')

    other, plain = await connect()
    plain.write(GET)

    assert (await answer(other))[1] == {"status": "ok"}
    plain.close()
    writer.close()


async def test_proxies_have_any_number_of_connections(door, monkeypatch):
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 1)
    connect = await door(uncounted=LOOPBACK)
    kept = [await connect() for _ in range(3)]

    for reader, writer in kept:
        writer.write(GET)
        assert (await answer(reader))[1] == {"status": "ok"}
        writer.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"FOO\x00 / HTTP/1.1\r\n\r\n" + SECRET,
        b"GET /v2/ws?token=" + SECRET + b"\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + SECRET + b"\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\nX-a: "
        + SECRET
        + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-a: " + SECRET * 2000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + SECRET + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + SECRET,
    ],
    ids=["method", "path", "header", "two lengths", "long", "chunk", "tls"],
)
async def test_what_is_no_request_is_refused_in_our_words_and_not_repeated(door, nonsense, caplog):
    reader, writer = await (await door())()
    with structlog.testing.capture_logs() as logs, caplog.at_level(logging.DEBUG):
        writer.write(nonsense)
        got = await rest(reader)

    head, _, raw = got.rpartition(b"\r\n\r\n")
    body = json.loads(raw)
    assert b"\r\nServer: ttboost\r\n" in head
    assert b"\r\nX-Content-Type-Options: nosniff\r\n" in head
    assert f"X-Request-ID: {body['request_id']}".encode() in head
    assert body.keys() == {"detail", "code", "request_id"}
    assert SECRET not in got
    assert SECRET.decode() not in str(logs) + caplog.text
    assert len(logs) <= 2
    assert not any("exc_info" in line for line in logs)
    writer.close()


async def test_a_request_that_is_no_request_is_400_and_one_line(door):
    reader, writer = await (await door())()
    with structlog.testing.capture_logs() as logs:
        writer.write(b"nonsense\r\n\r\n")
        head, body = await answer(reader)

    assert head.startswith(b"HTTP/1.0 400 Bad Request")
    assert (body["detail"], body["code"]) == ("this is no valid HTTP request", "invalid")
    assert [(line["event"], line["log_level"]) for line in logs] == [("unreadable_request", "info")]
    writer.close()


@pytest.mark.parametrize("line", [b"FOO /api/user", b"BR\x00EW /api/wallet?x=1", b"get /api/"])
async def test_under_the_webapp_api_its_envelope_is_kept_even_then(door, line):
    reader, writer = await (await door())()
    writer.write(line + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    head, body = await answer(reader)

    assert head.startswith(b"HTTP/1.0 400 Bad Request")
    assert (body["success"], body["error"]["code"]) == (False, "invalid")
    assert body["request_id"]
    writer.close()


async def test_so_it_is_on_a_connection_that_was_used_before(door):
    reader, writer = await (await door())()
    writer.write(GET)
    await answer(reader)
    writer.write(b"FOO /api/user HTTP/1.1\r\nHost: x\r\n\r\n")

    assert (await answer(reader))[1]["success"] is False
    writer.close()
