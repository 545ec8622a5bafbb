"""The socket as clients meet it: who gets in, who takes whose place, what is answered."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from aiohttp import WSMsgType
from sqlalchemy import text

from core import licenses
from core.audit import Act
from core.listener import Close
from core.live.events import EventType, Fact, Viewer
from storage.models import ChangeKind

ANN = Viewer(1, "ann", "Ann")


@pytest.fixture
async def phone(join):
    """Headers of a streamer with a license."""
    return await join("streamer123")


def token_of(headers):
    return headers["Authorization"].removeprefix("Bearer ")


async def closed_with(socket):
    """The close code; whatever else comes before it is left out."""
    async with asyncio.timeout(30):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
            pass
    return socket.close_code


async def hear(socket, kind):
    async with asyncio.timeout(30):
        while True:
            message = json.loads(await socket.receive_str())
            if message["type"] == kind:
                return message


async def user_id(services, name="streamer123"):
    async with services.db.read() as uow:
        return (await uow.accounts.get_by_username(name)).id


@pytest.fixture
async def studio(services, phone):
    return await services.studios.open(await user_id(services))


def chat(text):
    return Fact(EventType.CHAT, ANN, text=text)


async def test_the_status_comes_first(client, phone):
    async with client.ws_connect("/v2/ws", params={"token": token_of(phone)}) as socket:
        status = json.loads(await socket.receive_str())

    assert status["type"] == "status"
    assert status["place"] == "player"
    assert status["username"] == "streamer123"
    assert status["last_seq"] == 0


@pytest.mark.parametrize("way", ["query", "header"])
async def test_a_token_opens_the_socket(client, phone, way):
    given = {"params": {"token": token_of(phone)}} if way == "query" else {"headers": phone}
    async with client.ws_connect("/v2/ws", **given) as socket:
        assert await hear(socket, "status")


async def test_a_ticket_opens_the_socket_once(client, phone):
    async with client.post("/v2/ws/ticket", headers=phone) as answer:
        ticket = (await answer.json())["ticket"]

    async with client.ws_connect("/v2/ws", params={"ticket": ticket}) as socket:
        assert await hear(socket, "status")
    async with client.ws_connect("/v2/ws", params={"ticket": ticket}) as socket:
        assert await closed_with(socket) == Close.INVALID_TOKEN


@pytest.mark.parametrize("params", [{}, {"token": "x"}, {"token": ""}, {"ticket": "x"}, {"token": "й" * 300}])
async def test_no_valid_token_is_4401(client, params):
    async with client.ws_connect("/v2/ws", params=params) as socket:
        assert await closed_with(socket) == Close.INVALID_TOKEN


async def test_no_license_is_4403(client, phone, services, clock):
    clock.move(31 * 86_400)
    async with client.post("/v2/auth/login", json=LOGIN) as answer:
        token = (await answer.json())["access_token"]

    async with client.ws_connect("/v2/ws", params={"token": token}) as socket:
        assert await closed_with(socket) == Close.LICENSE


LOGIN = {"username": "streamer123", "password": "SecurePass123!"}


async def test_no_tiktok_name_is_4400(client, phone):
    async with client.post("/v2/settings/update", json={"tiktok_username": None}, headers=phone) as answer:
        assert answer.status == 200

    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        assert await closed_with(socket) == Close.USERNAME_NOT_SET


async def test_a_plain_request_is_told_to_upgrade(client, phone):
    async with client.get("/v2/ws", headers=phone) as answer:
        assert (answer.status, answer.headers["Upgrade"]) == (426, "websocket")
        assert (await answer.json())["code"] == "upgrade_required"
    async with client.get("/api/ws") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (426, "upgrade_required")


async def test_a_second_player_replaces_the_first(client, phone):
    async with client.ws_connect("/v2/ws", headers=phone) as first:
        await hear(first, "status")
        async with client.ws_connect("/v2/ws", headers=phone) as second:
            await hear(second, "status")
            assert await closed_with(first) == Close.REPLACED
            await second.send_json({"action": "ping"})
            assert await hear(second, "pong")


async def test_a_monitor_replaces_nobody_and_sees_all(client, phone, studio):
    async with (
        client.ws_connect("/v2/ws", headers=phone) as player,
        client.ws_connect("/v2/ws", headers=phone, params={"role": "monitor"}) as monitor,
    ):
        await hear(player, "status")
        await hear(monitor, "status")
        studio.stage.play(chat("hello"))

        assert (await hear(player, "chat"))["message"] == "hello"
        assert (await hear(monitor, "chat"))["message"] == "hello"


@pytest.mark.parametrize("kind", ["overlay", "player"])
async def test_a_pages_secret_opens_its_socket(client, phone, kind):
    async with client.get("/v2/overlay", headers=phone) as answer:
        pages = await answer.json()
    address = pages["url" if kind == "overlay" else "player_url"]

    async with client.ws_connect(f"{urlsplit(address).path}/ws") as socket:
        assert (await hear(socket, "status"))["place"] == kind


async def test_one_pages_secret_does_not_open_the_other(client, phone):
    async with client.get("/v2/overlay", headers=phone) as answer:
        secret = (await answer.json())["url"].rpartition("/")[2]

    async with client.ws_connect(f"/player/{secret}/ws") as socket:
        assert await closed_with(socket) == Close.INVALID_TOKEN


async def test_rotating_ends_open_pages(client, phone, services, studio):
    async with client.get("/v2/overlay", headers=phone) as answer:
        address = (await answer.json())["url"]
    async with client.ws_connect(f"{urlsplit(address).path}/ws") as socket:
        await hear(socket, "status")
        async with client.post("/v2/overlay/rotate", headers=phone):
            pass
        await _notice(services, studio)

        assert await closed_with(socket) == Close.INVALID_TOKEN


async def test_a_password_change_ends_open_sockets(client, phone, services, studio):
    change = {"current_password": LOGIN["password"], "new_password": "another-password"}
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await hear(socket, "status")
        async with client.post("/v2/auth/password", json=change, headers=phone) as answer:
            assert answer.status == 200
        await _notice(services, studio)

        assert await closed_with(socket) == Close.INVALID_TOKEN


async def test_a_revoked_license_ends_open_sockets(client, phone, services, studio):

    async with client.ws_connect("/v2/ws", params={"token": token_of(phone), "role": "monitor"}) as socket:
        await hear(socket, "status")
        async with services.db.begin() as uow:
            [key] = await uow.licenses.list_of_user(studio.user_id)
            await licenses.revoke(uow, key, Act("cli", services.clock.now()))
        services.access.drop(studio.user_id)
        await _notice(services, studio)

        assert await closed_with(socket) in (Close.LICENSE, Close.INVALID_TOKEN)


async def _notice(services, studio):
    """What the server's own loop does within a tick of hearing of a change."""
    services.studios.noticed(studio.user_id, ChangeKind.ACCESS)
    await services.studios._take_changes()


async def test_what_was_missed_is_replayed_once(client, phone, studio):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await hear(socket, "status")
        studio.stage.play(chat("before"))
        seq = (await hear(socket, "chat"))["seq"]
    await asyncio.sleep(0.05)
    studio.stage.play(chat("missed"))

    async with client.ws_connect("/v2/ws", headers=phone, params={"since": seq}) as socket:
        missed = await hear(socket, "chat")
        studio.stage.play(chat("after"))
        after = await hear(socket, "chat")

    assert [(one["message"], one["seq"]) for one in (missed, after)] == [
        ("missed", seq + 1),
        ("after", seq + 2),
    ]


@pytest.mark.parametrize("since", ["-1", "x", "9" * 40, "1.5", "٣"])
async def test_a_senseless_since_is_as_none(client, phone, since):
    async with client.ws_connect("/v2/ws", headers=phone, params={"since": since}) as socket:
        assert "gap" not in await hear(socket, "status")


async def test_ping_is_answered(client, phone):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await socket.send_json({"action": "ping"})
        assert (await hear(socket, "pong"))["ts"].endswith("Z")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"action": "dance"}', "unknown_action"),
        ("{", "invalid"),
        ("[]", "invalid"),
        ("null", "invalid"),
        ('{"action": 5}', "invalid"),
        ("[" * 4000, "invalid"),
        ('{"action": "connect_tiktok", "username": "not a name!"}', "invalid"),
    ],
)
async def test_nonsense_gets_an_error_and_the_socket_stays(client, phone, sent, code):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await socket.send_str(sent)
        assert (await hear(socket, "error"))["code"] == code
        await socket.send_json({"action": "ping"})
        assert await hear(socket, "pong")


async def test_binary_messages_are_ignored(client, phone):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await socket.send_bytes(b"\x00\xff")
        await socket.send_json({"action": "ping"})
        assert await hear(socket, "pong")


async def test_a_flood_of_messages_is_4429(client, phone):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        for _ in range(120):
            await socket.send_json({"action": "ping"})
        assert await closed_with(socket) == Close.RATE


async def test_a_monitor_controls_the_players_queue(client, phone, studio):
    async with (
        client.ws_connect("/v2/ws", headers=phone) as player,
        client.ws_connect("/v2/ws", headers=phone, params={"role": "monitor"}) as remote,
    ):
        await hear(player, "status")
        await hear(remote, "status")
        studio.stage.play(chat("read me"))
        told = await hear(player, "chat")
        await remote.send_json({"action": "skip", "id": told["id"]})

        assert await hear(player, "control") == {"type": "control", "action": "skip", "ids": [told["id"]]}


async def test_played_reaches_history(client, phone, studio, services):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await hear(socket, "status")
        studio.stage.play(chat("read me"))
        told = await hear(socket, "chat")
        await socket.send_json({"action": "played", "id": told["id"]})
        await socket.send_json({"action": "ping"})
        await hear(socket, "pong")
    await services.journal.flush()

    async with client.get(f"/v2/history/{told['id']}", headers=phone) as answer:
        assert (await answer.json())["played_at"] is not None


async def test_connecting_from_the_socket_changes_the_name(client, phone, live):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await hear(socket, "status")
        await socket.send_json({"action": "connect_tiktok", "username": "other_host"})
        async with asyncio.timeout(30):
            while live.unique_id != "other_host":
                await hear(socket, "status")


async def test_disconnecting_from_the_socket_switches_off(client, phone):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        assert (await hear(socket, "status"))["state"] == "connecting"
        await socket.send_json({"action": "disconnect_tiktok"})
        assert (await hear(socket, "status"))["state"] == "off"


async def test_a_stopping_server_says_come_back(client, phone, services):
    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        await hear(socket, "status")
        services.studios.close()

        assert await closed_with(socket) == Close.GOING_AWAY


async def test_addresses_in_messages_are_those_the_phone_used(client, phone, studio):
    async with client.ws_connect("/v2/ws", headers={**phone, "Host": "phone.example:81"}) as socket:
        await hear(socket, "status")
        studio.stage.play(chat("read me"))
        assert (await hear(socket, "chat"))["tts_url"].startswith("http://phone.example:81/media/tts/")


async def test_a_ticket_ends_with_the_token_it_was_asked_for_with(client, phone, services):
    async with client.post("/v2/ws/ticket", headers=phone) as answer:
        ticket = (await answer.json())["ticket"]
    change = {"current_password": LOGIN["password"], "new_password": "another-password"}
    async with client.post("/v2/auth/password", json=change, headers=phone) as answer:
        assert answer.status == 200

    async with client.ws_connect("/v2/ws", params={"ticket": ticket}) as socket:
        assert await closed_with(socket) == Close.INVALID_TOKEN


@pytest.mark.parametrize("way", ["ticket", "overlay"])
async def test_who_is_banned_gets_in_by_no_way(client, phone, services, studio, way):
    async with client.get("/v2/overlay", headers=phone) as answer:
        path = urlsplit((await answer.json())["url"]).path
    async with client.post("/v2/ws/ticket", headers=phone) as answer:
        ticket = (await answer.json())["ticket"]
    async with services.db.begin() as uow:
        (await uow.accounts.get_user(studio.user_id)).is_banned = True
    services.access.drop(studio.user_id)

    address = f"/v2/ws?ticket={ticket}" if way == "ticket" else f"{path}/ws"
    async with client.ws_connect(address) as socket:
        assert await closed_with(socket) == Close.INVALID_TOKEN


async def test_a_flood_of_pings_is_4429_and_one_is_answered(client, phone):
    async with client.ws_connect("/v2/ws", headers=phone, autoping=False) as socket:
        await socket.ping(b"here?")
        async with asyncio.timeout(30):
            while (message := await socket.receive()).type is not WSMsgType.PONG:
                pass
        assert message.data == b"here?"

        for _ in range(120):
            await socket.ping()
        assert await closed_with(socket) == Close.RATE


@pytest.mark.tampered
async def test_trouble_behind_an_open_socket_is_a_close_frame(client, phone, services):
    async with services.db.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE counters RENAME TO elsewhere"))

    async with client.ws_connect("/v2/ws", headers=phone) as socket:
        assert await closed_with(socket) == Close.GOING_AWAY
