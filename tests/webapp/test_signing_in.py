"""License keys, passwords and sessions: every row of the contract's table, over HTTP."""

import asyncio

import jwt
import pytest

from core import administration, licenses
from core.audit import Act
from core.license_keys import make
from tests.webapp.conftest import PASSWORD
from tests.webapp.fakes import START

BY = Act("cli", START)


@pytest.fixture
def redeem(client):
    async def send(key, username="streamer123", password=PASSWORD):
        body = {"username": username, "password": password, "license_key": key}
        return await client.post("/v2/auth/redeem-license", json=body)

    return send


@pytest.fixture
def login(client):
    async def send(username="streamer123", password=PASSWORD):
        return await client.post("/v2/auth/login", json={"username": username, "password": password})

    return send


@pytest.fixture
def change_license(services):
    async def change(action, key):
        async with services.db.begin() as uow:
            found = await licenses.find(uow, key, services.secrets.license_pepper)
            await action(uow, found, BY)
        services.access.drop(1)

    return change


async def refusal(response):
    body = await response.json()
    assert body["request_id"] == response.headers["X-Request-ID"]
    return response.status, body["detail"]


async def test_a_new_username_and_an_unbound_key_make_the_account(redeem, issue, client):
    response = await redeem(await issue(30))
    body = await response.json()

    assert response.status == 200
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 86_400
    assert body["license_expires_at"] == "2026-01-31T00:16:40.000Z"
    assert body["plan"] == "standard"
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["aud"] == "mobile"


async def test_me_tells_account_license_and_all_settings(client, streamer):
    async with client.get("/v2/auth/me", headers=streamer) as response:
        body = await response.json()

    assert (body["username"], body["tiktok_username"], body["role"]) == ("streamer123", "streamer123", "user")
    assert (body["plan"], body["license_expires_at"]) == ("standard", "2026-01-31T00:16:40.000Z")
    assert (body["tts_volume"], body["gift_sounds_enabled"], body["play_on"]) == (100, True, "auto")
    assert isinstance(body["id"], int)


async def test_a_typing_error_in_the_key_is_told(redeem):
    assert await refusal(await redeem("TTB-0000-0000-0001")) == (400, "invalid license key")


async def test_an_unknown_key_is_not_found(redeem):
    assert await refusal(await redeem(make())) == (404, "license not found")


async def test_a_wrong_password_is_refused_with_a_key_too(redeem, issue):
    await redeem(await issue())

    assert await refusal(await redeem(await issue(), password="another")) == (401, "invalid credentials")


async def test_a_revoked_key_is_refused(redeem, issue, change_license):
    key = await issue()
    await change_license(licenses.revoke, key)

    assert await refusal(await redeem(key)) == (403, "license revoked")


async def test_a_suspended_key_is_refused(redeem, issue, change_license):
    key = await issue()
    await change_license(licenses.suspend, key)

    assert await refusal(await redeem(key)) == (403, "license suspended")


async def test_a_key_bound_to_somebody_else_is_refused(redeem, issue):
    key = await issue()
    await redeem(key)

    refused = await refusal(await redeem(key, username="another"))

    assert refused == (409, "license already bound to another user")


async def test_a_key_redeemed_again_is_a_login(redeem, issue, clock):
    key = await issue(1)
    await redeem(key)
    clock.move(3 * 86_400)

    response = await redeem(key.lower().replace("-", " "), username="@Streamer123")

    assert response.status == 200
    assert (await response.json())["license_expires_at"] == "2026-01-02T00:16:40.000Z"


async def test_a_further_key_adds_its_days(redeem, issue):
    await redeem(await issue(30))

    response = await redeem(await issue(10))

    assert (await response.json())["license_expires_at"] == "2026-02-10T00:16:40.000Z"


async def test_one_key_redeemed_twice_at_once_binds_once(redeem, issue):
    key = await issue()

    answers = await asyncio.gather(*(redeem(key, username=f"streamer{n}") for n in range(6)))

    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409, 409, 409]


@pytest.mark.parametrize("username", ["x", "a b", "имя", "a" * 25, ""])
async def test_what_is_no_handle_is_no_username(redeem, issue, username):
    response = await redeem(await issue(), username=username)

    assert response.status == 400
    assert (await response.json())["field"] == "username"


async def test_login_answers_like_the_key(login, streamer):
    response = await login("@STREAMER123")
    body = await response.json()

    assert response.status == 200
    assert body.keys() == {"access_token", "token_type", "expires_in", "license_expires_at", "plan"}


@pytest.mark.parametrize(("username", "password"), [("streamer123", "wrong"), ("nobody", PASSWORD), ("", "")])
async def test_wrong_credentials_look_all_the_same(login, streamer, username, password):
    assert await refusal(await login(username, password)) == (401, "invalid credentials")


async def test_a_banned_user_is_told_so_and_their_token_ends(client, services, login, streamer):
    async with services.db.begin() as uow:
        user = await administration.find_user(uow, "streamer123")
        await administration.set_banned(uow, user, BY, is_banned=True)
    services.access.drop(1)

    assert await refusal(await login()) == (403, "user banned")
    assert await refusal(await client.get("/v2/auth/me", headers=streamer)) == (401, "invalid token")


async def test_a_revoked_license_ends_the_tokens(client, redeem, issue, change_license):
    key = await issue()
    body = await (await redeem(key)).json()
    await change_license(licenses.revoke, key)

    response = await client.get("/v2/auth/me", headers={"Authorization": f"Bearer {body['access_token']}"})

    assert await refusal(response) == (401, "invalid token")


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        (None, "missing bearer token"),
        ("Basic YTpi", "missing bearer token"),
        ("Bearer", "invalid token"),
        ("Bearer null", "invalid token"),
        ("bearer a.b.c", "invalid token"),
    ],
)
async def test_without_a_token_nobody_is_told_anything(client, header, detail):
    response = await client.get("/v2/auth/me", headers={"Authorization": header} if header else {})

    assert await refusal(response) == (401, detail)
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_an_expired_token_is_invalid(client, streamer, clock):
    clock.move(24 * 3600 + 31)

    assert await refusal(await client.get("/v2/auth/me", headers=streamer)) == (401, "invalid token")


async def test_a_new_password_ends_every_older_token_at_once(client, streamer, login):
    body = {"current_password": PASSWORD, "new_password": "Another456!"}

    response = await client.post("/v2/auth/password", json=body, headers=streamer)

    assert (response.status, await response.json()) == (200, {"status": "ok"})
    assert await refusal(await client.get("/v2/auth/me", headers=streamer)) == (401, "invalid token")
    assert (await login(password=PASSWORD)).status == 401
    assert (await login(password="Another456!")).status == 200


async def test_the_current_password_must_be_right(client, streamer):
    body = {"current_password": "wrong", "new_password": "Another456!"}

    response = await client.post("/v2/auth/password", json=body, headers=streamer)

    assert await refusal(response) == (401, "invalid credentials")


async def test_a_new_password_has_a_length(client, streamer):
    body = {"current_password": PASSWORD, "new_password": "12345"}

    response = await client.post("/v2/auth/password", json=body, headers=streamer)

    assert response.status == 400
    assert (await response.json())["field"] == "new_password"


@pytest.mark.parametrize("username", ["streamer123", "nobody"])
async def test_asking_for_a_reset_code_tells_nothing(client, streamer, username):
    response = await client.post("/v2/auth/reset", json={"username": username})

    assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_the_code_sets_a_new_password_and_ends_the_tokens(client, services, streamer, login):
    async with services.db.begin() as uow:
        (await uow.accounts.get_by_username("streamer123")).telegram_id = 42
    await client.post("/v2/auth/reset", json={"username": "@Streamer123"})
    async with services.db.read() as uow:
        [notice] = await uow.notices.due(services.clock.now(), 10)

    code = services.accounts.reset_code(notice.data["seed"])
    body = {"username": "streamer123", "code": code, "new_password": "Another456!"}
    response = await client.post("/v2/auth/reset/confirm", json=body)
    services.access.drop(1)

    assert (notice.user_id, response.status) == (1, 200)
    assert (await login(password="Another456!")).status == 200
    assert await refusal(await client.get("/v2/auth/me", headers=streamer)) == (401, "invalid token")


@pytest.mark.parametrize("username", ["streamer123", "nobody"])
async def test_a_wrong_reset_code_is_refused(client, streamer, username):
    body = {"username": username, "code": "000000", "new_password": "Another456!"}

    response = await client.post("/v2/auth/reset/confirm", json=body)

    assert await refusal(response) == (400, "invalid code")
