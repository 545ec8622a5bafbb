"""Sockets: what opens one is a secret and never where the page comes from."""

import asyncio
from contextlib import suppress

import msgspec
import pytest

from core.channel import Close


async def opened(client, address, **headers) -> bool:
    async with client.ws_connect(address, headers=headers) as socket:
        await socket.receive()
        return socket.close_code != Close.INVALID_TOKEN


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "file://", "https://web.telegram.org"])
async def test_an_origin_opens_nothing_and_closes_nothing(origin, client, streamer):
    """No cookie is asked for, so a page elsewhere has nothing a browser would lend it; OBS has any origin."""
    token = streamer["Authorization"].removeprefix("Bearer ")

    assert await opened(client, f"/v2/ws?role=monitor&token={token}", Origin=origin)
    assert not await opened(client, "/v2/ws?role=monitor", Origin=origin, Cookie=f"token={token}")


async def test_of_many_who_bring_one_ticket_one_gets_in(client, streamer):
    async with client.post("/v2/ws/ticket", headers=streamer) as response:
        ticket = (await response.json())["ticket"]

    tries = [opened(client, f"/v2/ws?role=monitor&ticket={ticket}") for _ in range(20)]

    assert sum(await asyncio.gather(*tries)) == 1


async def test_a_frame_too_large_ends_its_own_socket_alone(client, streamer):
    token = streamer["Authorization"].removeprefix("Bearer ")
    address = f"/v2/ws?role=monitor&token={token}"
    async with client.ws_connect(address) as other, client.ws_connect(address) as socket:
        await other.receive()
        await socket.receive()

        await socket.send_str("x" * 100_000)
        while not socket.closed:
            await socket.receive(timeout=30)

        assert socket.close_code == 1009
        await other.send_json({"action": "ping"})
        said = [(await other.receive_json(timeout=30))["type"]]
        while "pong" not in said:
            said.append((await other.receive_json(timeout=30))["type"])


async def knocked(client, address, agent=b"x"):
    """A socket that answers nothing by itself, as no library would."""
    reader, writer = await asyncio.open_connection(client.host, client.port, limit=1024)
    writer.write(
        f"GET {address} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n".encode()
        + b"User-Agent: %b\r\n\r\n" % agent
    )
    await reader.readuntil(b"101 Switching Protocols")
    return reader, writer


async def ending(reader):
    """The code it was closed with; None: it stays."""
    said = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            while more := await reader.read(1024):
                said += more
            return int.from_bytes(said[-2:])
    return None


@pytest.mark.parametrize(
    ("role", "stay", "told"), [("monitor", 5, Close.RATE), ("player", 1, Close.REPLACED)]
)
async def test_of_many_sockets_of_one_account_a_few_stay(role, stay, told, client, streamer):
    token = streamer["Authorization"].removeprefix("Bearer ")

    kept = [await knocked(client, f"/v2/ws?role={role}&token={token}") for _ in range(12)]
    codes = await asyncio.gather(*(ending(reader) for reader, _ in kept))

    assert (codes.count(None), codes.count(told)) == (stay, 12 - stay)
    for _, writer in kept:
        writer.close()


async def test_who_reads_nothing_is_let_go_and_keeps_nobody_waiting(client, services, streamer):
    token = streamer["Authorization"].removeprefix("Bearer ")
    address = f"/v2/ws?role=monitor&token={token}"
    async with client.ws_connect(address) as quick:
        _, slow = await knocked(client, address)
        async with asyncio.timeout(30):
            while not (opened := services.local.open_now()) or len(opened[0].channel.everybody) < 2:
                await asyncio.sleep(0.01)
        studio = opened[0]
        lazy = studio.channel.everybody[1]

        told, heard = 0, 0
        while lazy._code is None and told < 100_000:
            studio.channel.broadcast(f'{{"type": "queue", "text": "{"x" * 20_000}"}}')
            told += 1
            while (await quick.receive_json(timeout=30))["type"] != "queue":
                pass
            heard += 1

        assert (lazy._code, lazy.behind) == (Close.TOO_SLOW, 0)
        assert told == heard
        slow.close()


async def test_what_a_program_calls_itself_is_text_whatever_it_sends(client, services, streamer):
    token = streamer["Authorization"].removeprefix("Bearer ")
    _, writer = await knocked(client, f"/v2/ws?token={token}", b"evil \xff\xfe")
    async with asyncio.timeout(30):
        while not (opened := services.local.open_now()) or opened[0].is_empty:
            await asyncio.sleep(0.01)

    [seat] = await services.studios.seats(opened[0].user_id)

    assert msgspec.msgpack.encode(seat)  # as other processes and pages are told
    assert seat.agent == "evil ??"
    writer.close()
