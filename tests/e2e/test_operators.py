"""Operators in their chat: the desk is for them alone, and what they do there is done.

One server and one operator for all, and somebody new for each test.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from tests.e2e.kit import Server, running
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram

pytestmark = pytest.mark.asyncio(loop_scope="module")

VIDEO = "https://www.tiktok.com/@somebody/video/7300000000000000001"
NUMBERS = count(1001)


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram().running() as fake:
        yield fake


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory, telegram: FakeTelegram) -> AsyncIterator[Server]:
    settings = {"telegram__token": TOKEN, "telegram__api_url": telegram.url, "telegram__admin_ids": [99]}
    data_dir = tmp_path_factory.mktemp("operators") / "data"
    async with running(data_dir, live__source="replay", **settings) as server:
        yield server
        assert "the ledger holds" in await server.command("wallet", "verify")


@pytest_asyncio.fixture(loop_scope="module")
async def boss(telegram: FakeTelegram, server: Server) -> Person:
    boss = Person(telegram, 99, name="Boss")
    await boss.asks("/start")
    return boss


@pytest_asyncio.fixture(loop_scope="module")
async def ann(telegram: FakeTelegram, server: Server) -> Person:
    number = next(NUMBERS)
    ann = Person(telegram, number, name=f"Ann <b>{number}")
    await ann.asks("/start")
    return ann


@pytest_asyncio.fixture(loop_scope="module")
async def helper(telegram: FakeTelegram, server: Server) -> Person:
    """Somebody of the role `support`."""
    helper = Person(telegram, 55, name="Helper")
    await helper.asks("/start")
    await server.command("admin", "grant", "tg:55", "--role", "support")
    async with asyncio.timeout(10):  # as soon as it is noticed
        while "Find a user" not in str(helper.buttons()):
            await helper.asks("/admin")
    return helper


async def find(boss: Person, person: Person) -> str:
    await boss.asks("/admin")
    await boss.presses("Find a user")
    return await boss.asks(f"tg:{person.id}")


async def test_for_others_there_is_no_desk(ann: Person):
    assert "did not understand" in await ann.asks("/admin")


async def test_money_with_a_reason_becomes_an_order_that_is_delivered(boss: Person, ann: Person):
    await find(boss, ann)
    await boss.presses("Give money")
    await boss.asks("10.00 paid by card")
    assert "10.00 USD" in await boss.presses("Yes")
    await ann.asks(VIDEO)
    await ann.presses("1,000 views")
    await ann.presses("Order")
    await ann.hears("ORD-")

    await boss.asks("/admin")
    await boss.presses("Fulfilment queue")
    await boss.presses("ORD-")
    await boss.presses("I take it")
    await boss.presses("Finish")
    await boss.asks("1000 1000 done")
    done = await boss.presses("Yes")

    assert "1,000 delivered of 1,000" in done
    await ann.hears("✅")
    await ann.says("/balance")
    await ann.hears("Balance: 6.50 USD")
    await boss.asks("/admin")
    assert re.search(r"tg:99 · money given · user:\d+", await boss.presses("Audit log"))


async def test_keys_are_made_shown_once_and_withdrawn(boss: Person, ann: Person):
    await boss.asks("/admin")
    await boss.presses("New keys")
    said = await boss.asks("30 1")
    key = said[said.index("TTB-") :][:18]
    assert "Your license runs until" in await ann.asks(key)

    await boss.asks("/admin")
    await boss.presses("Find a key")
    await boss.asks(key[-7:].replace("-", ""))
    await boss.presses("Revoke")
    assert "revoked" in await boss.presses("Yes")


async def test_a_ticket_is_answered_from_the_chat(boss: Person, ann: Person):
    await ann.asks("/support where is my sound?")
    await boss.hears("where is my sound?")

    await boss.asks("/admin")
    await boss.presses("Tickets")
    await boss.presses(f"Ann {ann.id}")
    await boss.presses("Answer")
    await boss.asks("Press the screen once.")

    await ann.hears("Press the screen once.")


async def test_a_broadcast_is_tried_first_and_then_reaches_everybody(
    boss: Person, ann: Person, telegram: FakeTelegram
):
    await boss.asks("/admin")
    await boss.presses("Broadcasts")
    await boss.presses("New broadcast")
    await boss.says("en: News <for> all\nru: Новости")
    await boss.hears(f"{len(telegram.chats)} left")  # it and the look: either may come first
    await boss.hears("This is how it will look")
    assert "News" not in ann.screen

    card = next(one for one in boss.chat if "📣 #" in one["text"])
    await boss.presses("Send it", card)
    await boss.presses("Yes", card)

    await ann.hears("News <for> all")


async def test_support_sees_no_money_and_makes_no_keys(helper: Person, ann: Person):
    await helper.asks("/admin")

    assert "New keys" not in str(helper.buttons())
    assert "USD" not in await find(helper, ann)
    assert "Give money" not in str(helper.buttons())
