"""The commercial half from outside: `ttboost serve`, a Bot API server, a person who writes to the bot.

One server for all, started anew where a test ends it, and somebody new for each test.
"""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.e2e.kit import Server, running
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLANS = {"standard": {"title": "Standard", "days": 30, "stars": 500, "trial_days": 3}}
VIDEO = "https://www.tiktok.com/@somebody/video/7300000000000000001"
BOSS = 99
NUMBERS = count(1001)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram().running() as fake:
        yield fake


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory, telegram: FakeTelegram) -> AsyncIterator[Server]:
    settings: dict[str, Any] = {
        "telegram__token": TOKEN,
        "telegram__api_url": telegram.url,
        "telegram__admin_ids": [BOSS],
        "plans": PLANS,
        "live__source": "replay",
    }
    async with running(tmp_path_factory.mktemp("bot") / "data", **settings) as server:
        yield server
        assert "the ledger holds" in await server.command("wallet", "verify")


@pytest.fixture
def ann(telegram: FakeTelegram, server: Server) -> Person:
    return Person(telegram, next(NUMBERS), name="Ann <b>")


async def signed_in(http: aiohttp.ClientSession, person: Person) -> dict[str, str]:
    """By the link the bot gives, which is good once."""
    before = len(_links(person))
    await person.says("/start login")
    async with asyncio.timeout(30):
        while len(links := _links(person)) == before:  # news may come between
            await asyncio.sleep(0.02)
    url = links[-1]
    sent = {"ticket": url.partition("ticket=")[2]}
    async with http.post("/api/auth/ticket", json=sent) as response:
        token = (await response.json())["token"]
    async with http.post("/api/auth/ticket", json=sent) as response:
        assert response.status == 401
    return {"Authorization": f"Bearer {token}"}


def _links(person: Person) -> list[str]:
    buttons = [one for message in person.chat for one in person.buttons(message)]
    return [one["url"] for one in buttons if "ticket=" in one.get("url", "")]


async def wallet(server: Server, person: Person) -> dict[str, Any]:
    async with aiohttp.ClientSession(server.url) as http:
        headers = await signed_in(http, person)
        async with http.get("/api/wallet", headers=headers) as response:
            return dict(await response.json())


async def top_up(ann: Person) -> None:
    """Ten of the currency, paid in Stars."""
    await ann.asks("/topup")
    await ann.presses("10.00")
    url = next(one["url"] for one in ann.buttons() if one.get("url"))
    assert await ann.pays(url) is not None
    await ann.hears("10.00 USD was added")


async def test_trying_topping_up_ordering_and_cancelling(ann: Person, server: Server):
    await ann.asks("/start")
    await ann.asks("/activate")
    await ann.presses("3")
    await ann.hears("Your license runs until")

    await top_up(ann)

    await ann.asks(VIDEO)
    await ann.presses("1,000 views")
    await ann.presses("Order")
    placed = await ann.hears("ORD-")
    order_id = placed[placed.index("ORD-") :][:19]
    assert order_id in await ann.asks("/orders") + str(ann.buttons())
    assert (await wallet(server, ann))["available"] == 6.5

    await ann.asks(f"/orders {order_id}")
    await ann.presses("Cancel")
    await ann.presses("Yes")
    assert (await wallet(server, ann))["available"] == 10.0


async def test_a_key_sent_as_such_is_activated_also_inside_a_dialog(ann: Person, server: Server):
    await ann.asks("/start")
    await ann.asks("/topup")

    answer = await ann.asks(await server.license_key(30))

    assert "Your license runs until" in answer


async def test_the_addresses_it_hands_out_are_the_servers(ann: Person, server: Server):
    await ann.asks("/start")
    await ann.presses("Player and overlay")
    player = ann.button("player")["url"]

    assert player.startswith(f"{server.url}/player/")
    async with aiohttp.ClientSession() as http, http.get(player) as response:
        assert response.status == 200


async def test_the_mini_app_sees_what_the_bot_did(ann: Person, server: Server):
    await ann.asks("/start")
    await top_up(ann)

    async with aiohttp.ClientSession(server.url) as http:
        headers = await signed_in(http, ann)
        user = (await (await http.get("/api/user", headers=headers)).json())["user"]

    assert (user["telegram_id"], user["balance"]) == (ann.id, 10.0)


async def test_a_payment_told_twice_is_booked_once(ann: Person, server: Server, telegram: FakeTelegram):
    await ann.asks("/start")
    await ann.asks("/topup")
    await ann.presses("10.00")
    url = next(one["url"] for one in ann.buttons() if one.get("url"))
    payment = await ann.pays(url)
    await ann.says("", successful_payment=payment)
    await ann.hears("10.00 USD was added")

    await server.kill()
    await server.start()
    await ann.says("", successful_payment=payment)

    assert (await wallet(server, ann))["available"] == 10.0


@pytest.mark.parametrize("method", ["sendMessage", "getUpdates", "answerCallbackQuery"])
async def test_it_stops_in_time_however_slowly_telegram_answers(
    ann: Person, server: Server, telegram: FakeTelegram, method: str
):
    await ann.asks("/start")
    telegram.slowness[method] = 60
    seen = len(telegram.sent(method))
    await ann.clicks("help", ann.chat[-1])
    await ann.says("/help")
    await telegram.until(lambda: len(telegram.sent(method)) > seen)

    async with asyncio.timeout(30):
        assert await server.stop() == 0
    telegram.slowness.clear()
    await server.start()
