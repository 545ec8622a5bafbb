"""The limits of contract section 5, as a client meets them."""

import asyncio

import pytest

from core.config import Config, Limits
from tests.webapp.conftest import PASSWORD


@pytest.fixture
def limits():
    return Limits(
        auth="3/minute",
        auth_ip="5/minute",
        sounds_upload="2/minute",
        triggers="4/minute",
        v2_user="6/minute",
        preview="2/minute",
        live_start="2/minute",
    )


@pytest.fixture
def config(tmp_path, limits):
    return Config(data_dir=tmp_path, limits=limits, web={"trusted_proxies": ["127.0.0.1"]})


def phone(number):
    """Every phone has an address of its own."""
    return {"X-Forwarded-For": f"203.0.113.{number}"}


@pytest.fixture
def login(client):
    async def send(username, headers=None, password="wrong"):  # noqa: S107
        body = {"username": username, "password": password}
        async with client.post("/v2/auth/login", json=body, headers=headers or {}) as response:
            return response.status

    return send


async def test_a_429_tells_when_to_come_back(client, login, clock):
    for _ in range(3):
        await login("ann")
    clock.move(20)

    response = await client.post("/v2/auth/login", json={"username": "ann", "password": "x"})

    assert response.status == 429
    assert await response.json() == {
        "detail": "too many requests",
        "code": "rate_limited",
        "retry_after": 40,
        "request_id": response.headers["X-Request-ID"],
    }
    assert response.headers["Retry-After"] == "40"
    assert response.headers["RateLimit-Limit"] == "3"
    assert response.headers["RateLimit-Remaining"] == "0"
    assert response.headers["RateLimit-Reset"] == "40"

    clock.move(40)
    assert await login("ann") == 401


async def test_every_answer_tells_what_is_left(client, streamer):
    response = await client.get("/v2/settings/get", headers=streamer)

    assert (response.headers["RateLimit-Limit"], response.headers["RateLimit-Remaining"]) == ("6", "5")


async def test_tries_count_by_name_and_address_together(login):
    assert [await login("ann", headers=phone(1)) for _ in range(4)] == [401, 401, 401, 429]
    assert await login("bob", headers=phone(1)) == 401
    assert await login("ann", headers=phone(2)) == 401


@pytest.mark.parametrize("spelling", ["ANN", "@ann", " Ann "])
async def test_a_name_spelled_otherwise_is_the_same_name(login, spelling):
    for _ in range(3):
        await login("ann")

    assert await login(spelling) == 429


async def test_refusals_count_by_address_whatever_the_name(login):
    answers = [await login(f"user{number}") for number in range(6)]

    assert answers == [401, 401, 401, 401, 401, 429]


async def test_refusals_at_the_same_moment_count_too(login):
    answers = await asyncio.gather(*(login(f"user{number}") for number in range(12)))

    assert sorted(answers) == [401] * 5 + [429] * 7


async def test_who_signs_in_well_does_not_use_up_the_address(login, join):
    for number in range(7):
        await join(f"streamer{number}")

    assert await login("streamer0", password=PASSWORD) == 200


async def test_a_body_that_cannot_be_read_is_a_try_and_a_refusal(client):
    answers = []
    for _ in range(4):
        async with client.post(
            "/v2/auth/login", data=b"{", headers={"Content-Type": "application/json"}
        ) as one:
            answers.append(one.status)

    assert answers == [400, 400, 400, 429]


async def test_without_a_token_me_is_limited_too(client):
    answers = []
    for _ in range(4):
        async with client.get("/v2/auth/me") as response:
            answers.append(response.status)

    assert answers == [401, 401, 401, 429]


async def test_with_a_token_the_user_counts_not_the_address(client, join):
    ann, bob = await join("ann"), await join("bob")
    answers = []
    for who in (ann, ann, ann, ann, bob):
        async with client.get("/v2/auth/me", headers=who) as response:
            answers.append(response.status)

    assert answers == [200, 200, 200, 429, 200]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v2/sounds/upload", 2),
        ("GET", "/v2/triggers/list", 4),
        ("POST", "/v2/triggers/set", 4),
        ("GET", "/v2/settings/get", 6),
        ("GET", "/v2/sounds/list", 6),
        ("POST", "/v2/voices/preview", 2),
        ("POST", "/v2/live/start", 2),
    ],
)
async def test_each_subject_has_its_limit(client, streamer, voice, method, path, allowed):
    voice.go_on.set()
    statuses = []
    for _ in range(allowed + 1):
        async with client.request(method, path, headers=streamer) as response:
            statuses.append(response.status)

    assert 429 not in statuses[:allowed]
    assert statuses[allowed] == 429


async def test_triggers_share_one_limit(client, streamer):
    for path in ("set", "delete", "test"):
        await client.post(f"/v2/triggers/{path}", headers=streamer)
    await client.get("/v2/triggers/list", headers=streamer)

    async with client.get("/v2/triggers/list", headers=streamer) as response:
        assert response.status == 429
