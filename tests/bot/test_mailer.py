"""Broadcasts on their way to the chats."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer

from bot.ending import Ending
from bot.front import Front
from bot.mailer import Mailer
from bot.telegram_http import TelegramHttp
from core.audit import Act
from core.broadcasts import Broadcasts, Delivery, Draft, Message, Progress
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram


@pytest.fixture
def act(front: Front) -> Act:
    return Act("cli", front.services.clock.now())


@pytest.fixture
def begin(front: Front, act: Act) -> Callable[[dict[str, str]], Awaitable[int]]:
    async def begin(texts: dict[str, str]) -> int:
        draft = await front.services.broadcasts.create(Draft(texts), act)
        return (await front.services.broadcasts.start(draft.id, act)).id

    return begin


async def until_done(broadcasts: Broadcasts, broadcast_id: int) -> Progress:
    async with asyncio.timeout(30):
        while (await broadcasts.get(broadcast_id)).status != "done":
            await asyncio.sleep(0.05)
    return (await broadcasts.get(broadcast_id)).progress


async def test_everybody_gets_it_once_in_their_language(ann: Person, boris: Person, front: Front, begin):
    await ann.asks("/start")
    await boris.asks("/start")

    number = await begin({"en": "News <b>& more", "ru": "Новости"})

    assert await ann.hears("News <b>& more")
    assert await boris.hears("Новости")
    assert (await until_done(front.services.broadcasts, number)).sent == 2
    assert ann.screen.count("News") == 1


async def test_who_blocked_the_bot_is_left_out_from_then_on(
    ann: Person, boris: Person, front: Front, telegram: FakeTelegram, user_id, begin
):
    await ann.asks("/start")
    await boris.asks("/start")
    telegram.blocked.add(boris.id)

    progress = await until_done(front.services.broadcasts, await begin({"en": "News"}))

    assert (progress.sent, progress.blocked) == (1, 1)
    async with front.services.db.read() as uow:
        assert not (await uow.accounts.get_user(await user_id(boris))).is_reachable


class Line:
    """One message to carry, and what became of it."""

    def __init__(self) -> None:
        self.outcome: Delivery | None = None

    async def next_batch(self, _limit: int) -> list[Message]:
        return [Message(1, 1, 7, "News")]

    async def note_sent(self, _message: Message, outcome: Delivery) -> None:
        self.outcome = outcome


async def carried(url: str) -> Delivery | None:
    """Without anything that tries again in between."""
    line = Line()
    async with Bot(TOKEN, TelegramHttp(api=TelegramAPIServer.from_base(url))) as bot:
        await Mailer(line, bot, Ending()).carry()
    return line.outcome


@pytest.mark.parametrize(
    ("code", "description", "outcome"),
    [
        (400, "Bad Request: chat not found", Delivery.FAILED),
        (401, "Unauthorized", Delivery.LATER),  # nobody's fault but the token's
        (403, "Forbidden: bot was blocked by the user", Delivery.BLOCKED),
        (500, "Internal Server Error", Delivery.UNSURE),
        (502, "", Delivery.UNSURE),
    ],
)
async def test_a_refusal_decides_what_becomes_of_a_message(
    telegram: FakeTelegram, monkeypatch, code: int, description: str, outcome: Delivery
):
    monkeypatch.setattr("bot.mailer.TROUBLE_SECONDS", 0.0)
    telegram.inject("sendMessage", code, description)

    assert await carried(telegram.url) is outcome


async def test_what_never_left_is_sent_later():
    assert await carried("http://127.0.0.1:9") is Delivery.LATER
