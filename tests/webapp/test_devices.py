"""Devices that are signed in, ending them, all of one's data, and leaving for good."""

import asyncio
import io
import json
import zipfile

import pytest

from core.audit import Act
from core.money import adjustments
from storage.models import DELETED, ChangeKind, EntryKind, User
from tests.webapp.conftest import PASSWORD
from tests.webapp.fakes import START
from tests.webapp.test_ws import closed_with

CHROME = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def sign_in(client, join):
    """Another device of the streamer's."""

    async def made(agent: str = CHROME) -> dict[str, str]:
        body = {"username": "streamer123", "password": PASSWORD}
        async with client.post("/api/auth/login", json=body, headers={"User-Agent": agent}) as answer:
            assert answer.status == 200, await answer.text()
            return {"Authorization": f"Bearer {(await answer.json())['token']}"}

    return made


async def devices(client, who):
    async with client.get("/api/devices", headers=who) as answer:
        assert answer.status == 200
        return (await answer.json())["devices"]


async def status(client, method, path, who, body=None):
    async with client.request(method, path, headers=who, json=body) as answer:
        return answer.status, await answer.json()


async def test_each_device_is_listed_by_a_name_its_owner_knows(client, streamer, sign_in):
    phone, laptop = await sign_in(), await sign_in(FIREFOX)

    found = await devices(client, laptop)

    assert [one["name"] for one in found[:2]] == ["Firefox, Windows", "Chrome, Android"]
    assert [one["is_this"] for one in found] == [True, False, False]  # the last is the mobile app's own
    assert {one["audience"] for one in found} == {"webapp", "mobile"}
    assert len(await devices(client, phone)) == 3


async def test_a_device_that_was_ended_is_signed_out_and_its_socket_closed(
    client, streamer, sign_in, studios
):
    phone, laptop = await sign_in(), await sign_in(FIREFOX)
    socket = await client.ws_connect("/api/ws?role=monitor", headers=phone)
    await socket.receive_json()
    code = asyncio.create_task(closed_with(socket))
    [gone] = [one["id"] for one in await devices(client, laptop) if one["name"].startswith("Chrome")]

    assert (await status(client, "POST", "/api/devices/end", laptop, {"id": gone}))[0] == 200
    studios.noticed(1, ChangeKind.ACCESS)
    await studios._take_changes()

    assert (await status(client, "GET", "/api/user", phone))[0] == 401
    assert (await status(client, "GET", "/api/user", laptop))[0] == 200
    assert await code == 4401


async def test_somebody_elses_device_is_not_found(client, streamer, sign_in, join):
    mine = await sign_in()
    [first, *_] = await devices(client, mine)
    other = await join("somebody_else")
    body = {"username": "somebody_else", "password": PASSWORD}
    async with client.post("/api/auth/login", json=body) as answer:
        other = {"Authorization": f"Bearer {(await answer.json())['token']}"}

    code, _ = await status(client, "POST", "/api/devices/end", other, {"id": first["id"]})

    assert code == 404
    assert (await status(client, "GET", "/api/user", mine))[0] == 200


async def test_all_others_are_ended_at_once(client, streamer, sign_in):
    phone, laptop = await sign_in(), await sign_in()

    code, answer = await status(client, "POST", "/api/devices/end-others", laptop, {})

    assert (code, answer["ended"]) == (200, 2)
    assert (await status(client, "GET", "/api/user", phone))[0] == 401
    assert (await status(client, "GET", "/v2/auth/me", streamer))[0] == 401
    assert len(await devices(client, laptop)) == 1


async def test_who_signs_out_ends_their_own_token_and_no_other(client, streamer, sign_in):
    phone, laptop = await sign_in(), await sign_in(FIREFOX)

    assert (await status(client, "POST", "/api/devices/end-this", phone, {}))[0] == 200

    assert (await status(client, "GET", "/api/user", phone))[0] == 401
    assert [one["is_this"] for one in await devices(client, laptop)] == [True, False]
    assert (await status(client, "GET", "/v2/auth/me", streamer))[0] == 200


async def test_a_ticket_of_an_ended_device_opens_no_socket(client, streamer, sign_in):
    phone, laptop = await sign_in(), await sign_in()
    _, answer = await status(client, "POST", "/api/ws/ticket", phone, {})
    await status(client, "POST", "/api/devices/end-others", laptop, {})

    socket = await client.ws_connect(f"/api/ws?role=monitor&ticket={answer['ticket']}")

    assert (await socket.receive()).data == 4401


async def test_all_data_comes_as_a_file_without_secrets(client, streamer, sign_in):
    who = await sign_in()
    async with client.get("/api/account/export", headers=who) as answer:
        assert answer.headers["Content-Type"] == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(await answer.read()))

    made = json.loads(archive.read("data.json"))

    [user] = made["tables"]["users"]
    assert user["username"] == "streamer123"
    assert "password_hash" not in user
    assert [len(made["tables"][name]) for name in ("licenses", "tiktok_names", "signed_in")] == [1, 1, 2]
    assert "key_mac" not in made["tables"]["licenses"][0]


async def test_an_account_is_deleted_with_the_password_and_everything_of_it(
    client, streamer, sign_in, services
):
    who = await sign_in()
    code, answer = await status(client, "POST", "/api/account/delete", who, {"password": "wrong-password"})
    assert (code, answer["error"]["code"]) == (401, "invalid_credentials")

    code, _ = await status(client, "POST", "/api/account/delete", who, {"password": PASSWORD})

    assert code == 200
    assert (await status(client, "GET", "/api/user", who))[0] == 401
    async with services.db.read() as uow:
        assert await uow.accounts.get_by_username("streamer123") is None
        rows = await uow.export.rows(1, 10)
    assert rows["users"][0]["joined_into"] == DELETED
    assert {name for name, found in rows.items() if found} == {"users", "licenses"}
    assert rows["licenses"][0]["status"] == "revoked"
    code, _ = await status(
        client, "POST", "/api/auth/login", {}, {"username": "streamer123", "password": PASSWORD}
    )
    assert code == 401


async def test_without_any_proof_nothing_is_deleted(client, streamer, sign_in):
    who = await sign_in()

    code, _ = await status(client, "POST", "/api/account/delete", who, {})

    assert code == 401
    assert (await status(client, "GET", "/api/user", who))[0] == 200


async def test_money_is_given_up_only_by_saying_so_and_the_books_hold(client, streamer, sign_in, services):
    who = await sign_in()
    async with services.db.begin() as uow:
        user = await uow.accounts.get_user(1)
        await adjustments.credit(uow, user, 1250, "thanks", "k1", Act("cli", START))

    code, answer = await status(client, "POST", "/api/account/delete", who, {"password": PASSWORD})
    assert (code, answer["error"]["code"]) == (409, "balance_left")
    assert answer["error"]["details"]["available"] == 12.5

    body = {"password": PASSWORD, "gives_up_balance": True}
    assert (await status(client, "POST", "/api/account/delete", who, body))[0] == 200
    async with services.db.read() as uow:
        entries = (await uow.export.rows(1, 10))["ledger_entries"]
    assert [one["kind"] for one in entries] == [EntryKind.DEBIT, EntryKind.CREDIT]


async def test_the_name_is_free_again(client, streamer, sign_in, join):
    who = await sign_in()
    await status(client, "POST", "/api/account/delete", who, {"password": PASSWORD})

    assert await join("streamer123")


def test_a_user_row_says_nothing_of_whoever_left():
    kept = {"id", "created_at", "last_seen_at", "trial_at", "token_version", "overlay_version", "joined_into",
            "license_clock_at", "seq_reserved", "is_banned", "is_reachable", "role"}  # fmt: skip
    forgotten = {"username", "password_hash", "telegram_id", "settings", "overlay_look", "first_name",
                 "last_name", "telegram_name", "muted"}  # fmt: skip

    assert {column.name for column in User.__table__.c} == kept | forgotten
