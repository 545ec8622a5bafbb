"""The bot stops while people wait for an answer: each gets it, before or after, and once."""

import asyncio
from collections.abc import Callable

import pytest

from bot.app import Robot
from bot.front import Front
from core import notices
from core.notices import NoticeKind
from storage.models import Notice
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

Refuse = Callable[[str], None]


@pytest.fixture
def ann(telegram: FakeTelegram) -> Person:
    return Person(telegram, 7, name="Ann <b>& co")


@pytest.fixture
def refuse(telegram: FakeTelegram) -> Refuse:
    def refuse(method: str) -> None:
        telegram.inject(method, 429, "Too Many Requests: retry after 60", retry_after=60)

    return refuse


async def until_finished(front: Front) -> None:
    async with asyncio.timeout(30):
        while True:
            async with front.services.db.read() as uow:
                if not await uow.notices.due(front.services.clock.now().replace(year=2100), 10):
                    return
            await asyncio.sleep(0.02)


async def test_answers_that_wait_for_their_turn_are_given_before_the_end(
    ann: Person, telegram: FakeTelegram, front: Front
):
    async with Robot(front):
        await ann.asks("/start")
        for _ in range(20):
            await ann.says("/help")
        await telegram.until(lambda: not telegram.pending)

    assert ann.screen.count("What I can do") == 20


async def test_what_telegram_does_not_take_is_said_after_the_next_start(
    ann: Person, telegram: FakeTelegram, front: Front, refuse: Refuse
):
    async with Robot(front):
        await ann.asks("/start")
        refuse("sendMessage")
        await ann.says("/help")
        await telegram.until(lambda: telegram.refusals)
        refuse("sendMessage")  # the last try before the end, where there is time for one
    assert "What I can do" not in ann.screen
    telegram.relent()

    async with Robot(front):
        await ann.hears("What I can do")
        await ann.asks("/terms")

        await telegram.until(lambda: not telegram.pending)
        await until_finished(front)

    assert ann.screen.count("What I can do") == 1
    assert ann.button("Menu", ann.chat[1])
    async with front.services.db.read() as uow:
        notice = await uow.notices.get(1)
        assert isinstance(notice, Notice)
        assert (notice.kind, notice.outcome, notice.data) == ("reply", "sent", {})


async def test_a_pressed_button_shows_its_screen_after_the_next_start(
    ann: Person, telegram: FakeTelegram, front: Front, refuse: Refuse
):
    async with Robot(front):
        await ann.asks("/start")
        refuse("editMessageText")
        await ann.clicks("settings", ann.chat[0])
        await telegram.until(lambda: telegram.refusals)
        refuse("editMessageText")
    telegram.relent()

    async with Robot(front):
        await telegram.until(lambda: "Settings" in ann.chat[0]["text"])

    assert len(ann.chat) == 1
    assert ann.button("Voice")


async def test_a_refusal_that_cannot_be_said_is_said_after_the_next_start(
    ann: Person, telegram: FakeTelegram, front: Front, refuse: Refuse
):
    async with Robot(front):
        await ann.asks("/start")
        refuse("sendMessage")
        await ann.says("TTB-0000-0000-0001")
        await telegram.until(lambda: telegram.refusals)
        refuse("sendMessage")
    telegram.relent()

    async with Robot(front):
        assert await ann.hears("typing error")


async def test_a_notice_that_is_on_its_way_arrives_and_is_not_told_again(
    ann: Person, telegram: FakeTelegram, front: Front, user_id
):
    async with Robot(front):
        await ann.asks("/start")
        telegram.slowness["sendMessage"] = 1
        async with front.services.db.begin() as uow:
            now = front.services.clock.now()
            await notices.add(
                uow, await user_id(ann), NoticeKind.CREDENTIALS_SET, "k", now, username="annlive"
            )
        await telegram.until(lambda: len(telegram.sent("sendMessage")) == 2)

    assert "annlive" in ann.screen
    async with front.services.db.read() as uow:
        notice = await uow.notices.get(1)
        assert isinstance(notice, Notice)
        assert notice.outcome == "sent"


async def test_slow_telegram_keeps_nothing_open_for_longer_than_it_may_take(
    ann: Person, telegram: FakeTelegram, front: Front, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.app.DRAIN_SECONDS", 0.5)
    async with Robot(front) as robot:
        await ann.asks("/start")
        telegram.slowness["sendMessage"] = 3_600
        await ann.says("/help")
        await telegram.until(lambda: len(telegram.sent("sendMessage")) == 2)

    async with asyncio.timeout(30):
        assert robot.bot.session._session.closed
