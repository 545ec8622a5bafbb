"""Ways into the WebApp API, what the seed promises of `user`, and the wallet."""

import asyncio

import pytest
from sqlalchemy import text

from core.audit import Act
from core.config import Config, Limits
from core.errors import Unavailable
from core.money import ledger
from core.money.ledger import Movement
from storage.models import AccountKind, ChangeKind, EntryKind
from tests.init_data_kit import init_data

PASSWORD = "SecurePass123!"

SEED = {
    "id": int,
    "telegram_id": int,
    "username": str,
    "first_name": str,
    "last_name": str,
    "language": str,
    "balance": float,
    "total_spent": float,
    "views_bought": int,
    "role": str,
    "status": str,
    "registered_at": str,
    "last_seen": str,
}


@pytest.fixture
def now(services):
    return lambda: services.clock.now().timestamp()


@pytest.fixture
def sign_in(client, now):
    async def sign_in(**user):
        raw = init_data(now(), {"id": 77, "first_name": "Анна", **user})
        async with client.post("/api/auth/telegram", json={"initData": raw}) as response:
            return response.status, await response.json()

    return sign_in


@pytest.fixture
async def anna(sign_in):
    _, body = await sign_in(username="anna", last_name="O", language_code="ru")
    return {"Authorization": f"Bearer {body['token']}"}


@pytest.fixture
def pay(services):
    async def pay(kind, amount, key):
        movement = Movement(kind=kind, key=key, by=Act("cli", services.clock.now()), reason="because")
        async with services.db.begin() as uow:
            if kind is EntryKind.CREDIT:
                await ledger.credit(uow, 1, amount, AccountKind.ADJUSTMENTS, movement)
            elif kind is EntryKind.HOLD:
                await ledger.hold(uow, 1, amount, movement)
            else:
                await ledger.debit(uow, 1, amount, AccountKind.REVENUE, movement)

    return pay


async def told(response):
    body = await response.json()
    return response.status, body.get("error", {}).get("code")


async def test_init_data_opens_an_account(client, sign_in):
    status, body = await sign_in()

    assert (status, body["success"], body["expires_in"], body["user"]["telegram_id"]) == (
        200,
        True,
        86_400,
        77,
    )
    headers = {"Authorization": f"Bearer {body['token']}"}
    assert (await client.get("/api/user", headers=headers)).status == 200


async def test_init_data_may_stand_in_the_header(client, now):
    response = await client.post("/api/auth/telegram", headers={"Authorization": f"tma {init_data(now())}"})

    assert response.status == 200


async def test_a_link_into_the_app_counts_for_who_sent_it_once(client, services, now, anna):
    link = (await services.referrals.view(1)).parameter

    for user_id in (78, 78, 77):
        raw = init_data(now(), {"id": user_id}, start_param=link)
        assert (await client.post("/api/auth/telegram", json={"initData": raw})).status == 200
    services.user_views.drop(1, ChangeKind.ACCESS)

    stats = (await (await client.get("/api/user", headers=anna)).json())["stats"]
    assert stats["referrals_count"] == 1


@pytest.mark.parametrize(
    ("age", "token", "status", "code"),
    [
        (3601, "42:TEST", 401, "init_data_expired"),
        (0, "43:TEST", 401, "init_data_invalid"),
        (-61, "42:TEST", 401, "init_data_invalid"),
    ],
)
async def test_what_telegram_did_not_say_lately_opens_nothing(client, now, age, token, status, code):
    raw = init_data(now() - age, token=token)

    assert await told(await client.post("/api/auth/telegram", json={"initData": raw})) == (status, code)


@pytest.mark.parametrize("body", [{}, {"initData": ""}, {"initData": "x" * 100_000}, {"initData": "é\x00"}])
async def test_no_init_data_at_all_is_no_init_data(client, body):
    status, code = await told(await client.post("/api/auth/telegram", json=body))

    assert (status, code) in {(401, "init_data_invalid"), (400, "invalid")}


async def test_a_password_opens_the_webapp_too(client, streamer):
    response = await client.post("/api/auth/login", json={"username": "streamer123", "password": PASSWORD})
    body = await response.json()

    assert (response.status, body["user"]["username"], body["user"]["telegram_id"]) == (
        200,
        "streamer123",
        None,
    )


async def test_a_wrong_password_does_not(client, streamer):
    response = await client.post("/api/auth/login", json={"username": "streamer123", "password": "wrong one"})

    assert await told(response) == (401, "invalid_credentials")


async def test_a_ticket_opens_once_also_when_used_twice_at_once(client, services, anna):
    ticket = await services.identity.ticket_for(1)

    answers = await asyncio.gather(
        *(client.post("/api/auth/ticket", json={"ticket": ticket}) for _ in range(2))
    )

    assert sorted([await told(one) for one in answers]) == [(200, None), (401, "ticket_invalid")]


async def test_who_is_banned_stays_out(client, services, sign_in, anna):
    async with services.db.begin() as uow:
        (await uow.accounts.get_user(1)).is_banned = True
    services.access.drop(1)

    status, body = await sign_in()
    assert (status, body["error"]["code"]) == (403, "user_banned")
    assert await told(await client.get("/api/user", headers=anna)) == (401, "invalid_token")


async def test_a_new_password_ends_the_tokens(client, services, streamer):
    body = await (
        await client.post("/api/auth/login", json={"username": "streamer123", "password": PASSWORD})
    ).json()
    webapp = {"Authorization": f"Bearer {body['token']}"}

    change = {"current_password": PASSWORD, "new_password": "Another456!"}
    assert (await client.post("/api/auth/password", json=change, headers=webapp)).status == 200
    assert await told(await client.get("/api/user", headers=webapp)) == (401, "invalid_token")
    assert (await client.get("/v2/auth/me", headers=streamer)).status == 401


# The user


async def test_user_is_as_the_seed_shows_it(client, services, pay, anna):
    await services.last_seen.save()
    await pay(EntryKind.CREDIT, 15_050, "1")

    body = await (await client.get("/api/user", headers=anna)).json()

    assert body.keys() == {"success", "user", "stats"}
    assert {name: type(value) for name, value in body["user"].items()} == SEED
    assert body["stats"] == {"today_activity": 0, "referrals_count": 0, "active_sessions": 0}
    user = body["user"]
    assert (user["username"], user["first_name"], user["last_name"]) == ("anna", "Анна", "O")
    assert (user["language"], user["balance"], user["role"], user["status"]) == (
        "ru",
        150.5,
        "user",
        "active",
    )
    assert user["registered_at"].endswith("Z")


async def test_money_is_seen_at_once(client, pay, anna):
    await client.get("/api/user", headers=anna)
    await pay(EntryKind.CREDIT, 500, "1")
    first = (await (await client.get("/api/user", headers=anna)).json())["user"]
    await pay(EntryKind.PURCHASE, 200, "2")
    second = (await (await client.get("/api/user", headers=anna)).json())["user"]

    assert [(one["balance"], one["total_spent"]) for one in (first, second)] == [(5.0, 0.0), (3.0, 2.0)]


async def test_what_another_process_changed_is_seen_within_seconds(client, services, db, anna):
    await client.get("/api/user", headers=anna)
    async with db._writing.begin() as session:
        await session.execute(text("UPDATE users SET first_name = 'Eva'"))

    services.clock.move(5)

    body = await (await client.get("/api/user", headers=anna)).json()
    assert body["user"]["first_name"] == "Eva"


async def test_last_seen_is_written_at_most_once_an_hour(client, services, anna):
    async def seen_at():
        async with services.db.read() as uow:
            return (await uow.accounts.get_user(1)).last_seen_at

    async def come():
        await client.get("/api/user", headers=anna)
        await services.last_seen.save()
        return await seen_at()

    first = await come()
    services.clock.move(1800)
    again = await come()
    services.clock.move(1801)
    later = await come()

    assert first == again
    assert (later - first).total_seconds() == 3601


# Credentials and linking


async def test_credentials_open_both_apis(client, anna):
    body = {"username": "anna", "password": PASSWORD}

    assert (await client.post("/api/account/credentials", json=body, headers=anna)).status == 200
    assert (await client.post("/v2/auth/login", json=body)).status == 200
    again = await client.post("/api/account/credentials", json=body, headers=anna)
    assert await told(again) == (409, "credentials_set")


async def test_a_taken_username_is_a_conflict(client, streamer, sign_in):
    _, body = await sign_in()
    headers = {"Authorization": f"Bearer {body['token']}"}

    wanted = {"username": "Streamer123", "password": PASSWORD}
    answer = await client.post("/api/account/credentials", json=wanted, headers=headers)
    assert await told(answer) == (409, "username_taken")


async def test_two_accounts_are_joined_once_the_chat_says_yes(client, services, now, streamer, anna):
    wanted = {
        "username": "streamer123",
        "password": PASSWORD,
        "initData": init_data(now(), {"id": 77, "first_name": "Анна", "username": "anna", "last_name": "O"}),
    }

    answer = await client.post("/api/account/link", json=wanted, headers=anna)
    assert await answer.json() == {"success": True, "status": "confirm_in_telegram", "expires_in": 600}
    assert (await client.get("/api/user", headers=anna)).status == 200

    async with services.db.read() as uow:
        [notice] = await uow.notices.due(services.clock.now(), 10)
    await services.identity.confirm_link(77, notice.data["request_id"])
    services.access.drop(notice.user_id)

    assert await told(await client.get("/api/user", headers=anna)) == (401, "invalid_token")
    assert (await client.get("/v2/auth/me", headers=streamer)).status == 200
    body = await (await client.post("/api/auth/telegram", json=wanted)).json()
    assert (body["user"]["username"], body["user"]["telegram_id"]) == ("streamer123", 77)


async def test_both_with_a_license_or_money_are_a_conflict(client, services, now, anna, streamer, pay):
    await pay(EntryKind.CREDIT, 500, "1")  # Anna's

    wanted = {"username": "streamer123", "password": PASSWORD, "initData": init_data(now(), {"id": 77})}
    assert await told(await client.post("/api/account/link", json=wanted)) == (409, "accounts_in_use")


class TestWithoutABot:
    @pytest.fixture
    def config(self, tmp_path, limits):
        return Config(data_dir=tmp_path, limits=limits)

    async def test_telegram_is_refused_clearly(self, client, now, streamer):
        wanted = {"username": "streamer123", "password": PASSWORD, "initData": init_data(now())}

        for path in ("/api/auth/telegram", "/api/account/link"):
            assert await told(await client.post(path, json=wanted)) == (503, "telegram_not_set_up")


class TestRates:
    @pytest.fixture
    def limits(self):
        return Limits(api_public="4/hour", auth="2/minute")

    async def test_signing_in_is_counted_by_address(self, sign_in):
        assert [(await sign_in())[0] for _ in range(5)] == [200] * 4 + [429]

    async def test_passwords_are_tried_less_often(self, client):
        body = {"username": "nobody", "password": "wrong one"}

        statuses = [(await client.post("/api/auth/login", json=body)).status for _ in range(3)]

        assert statuses == [401, 401, 429]


# The wallet


async def test_the_wallet_tells_what_is_there_and_how_it_came_to_that(client, pay, anna):
    await pay(EntryKind.CREDIT, 1_000, "1")
    await pay(EntryKind.HOLD, 350, "2")

    wallet = await (await client.get("/api/wallet", headers=anna)).json()
    entries = await (await client.get("/api/wallet/entries?limit=1", headers=anna)).json()

    assert wallet == {
        "success": True,
        "balance": 10.0,
        "available": 6.5,
        "held": 3.5,
        "debt": 0.0,
        "currency": "USD",
    }
    assert (entries["total"], entries["limit"], entries["offset"]) == (2, 1, 0)
    assert [(one["kind"], one["text_code"], one["amount"]) for one in entries["entries"]] == [
        ("hold", "set_aside", -3.5)
    ]


async def test_an_empty_wallet_is_a_wallet(client, anna):
    wallet = await (await client.get("/api/wallet", headers=anna)).json()
    entries = await (await client.get("/api/wallet/entries", headers=anna)).json()

    assert (wallet["balance"], entries["entries"], entries["total"]) == (0.0, [], 0)


@pytest.fixture
def begin(client, issue):
    async def begin(**more):
        body = {"username": "@Newcomer", "password": PASSWORD, "license_key": await issue(), **more}
        async with client.post("/api/auth/redeem", json=body) as response:
            return response.status, await response.json()

    return begin


async def test_a_license_key_makes_an_account_in_the_language_of_the_page(begin, client):
    status, body = await begin(language="ru")

    assert (status, body["user"]["username"], body["user"]["language"]) == (200, "newcomer", "ru")
    who = {"Authorization": f"Bearer {body['token']}"}
    async with client.get("/api/settings", headers=who) as response:
        settings = await response.json()
    assert (settings["tiktok_username"], settings["language"]) == ("newcomer", "ru")


async def test_a_known_name_keeps_its_language_whatever_key_it_brings(begin):
    await begin(language="es")

    status, body = await begin(language="ru")

    assert (status, body["user"]["language"]) == (200, "es")


async def test_a_known_name_with_another_password_is_refused_at_once(begin):
    await begin()

    status, body = await begin(password="Another-Pass-1")

    assert (status, body["error"]["code"]) == (401, "invalid_credentials")


async def test_the_bot_that_sends_codes_can_be_found(client, till):
    async with client.get("/api/auth/bot") as response:
        assert (response.status, await response.json()) == (
            200,
            {"success": True, "address": "https://t.me/ttboost_bot"},
        )

    till.trouble.append(Unavailable())
    async with client.get("/api/auth/bot") as response:
        assert (response.status, (await response.json())["error"]["code"]) == (503, "unavailable")
