"""Somebody who writes more than can be answered is in nobody's way."""

import pytest

from bot.app import Robot
from bot.front import Front
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram


@pytest.fixture(autouse=True)
def few_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intake.MAX_AT_WORK", 2)


@pytest.fixture
async def stuck(ann: Person, telegram: FakeTelegram) -> Person:
    """She has pressed and pressed until Telegram said to wait for a minute, and goes on."""
    await ann.asks("/start")
    telegram.inject("sendMessage", 429, "Too Many Requests: retry after 60", retry_after=60)
    for _ in range(20):
        await ann.says("/help")
    await telegram.until(lambda: telegram.refusals)
    return ann


async def test_others_are_answered(stuck: Person, boris: Person):
    assert "Что я умею" in await boris.asks("/help")
    assert "What I can do" not in stuck.screen


async def test_what_she_buys_meanwhile_is_confirmed_in_time(stuck: Person, front: Front, user_id):
    invoice = await front.payments.top_up(await user_id(stuck), 1_000)

    assert await stuck.pays(invoice.link) is not None


async def test_more_than_is_ever_read_is_dropped(stuck: Person, robot: Robot, monkeypatch):
    monkeypatch.setattr("bot.intake.MAX_OF_ONE", 25)
    monkeypatch.setattr("bot.intake.BURST", 1_000)
    for _ in range(20):
        await stuck.says("/help")
    await stuck._telegram.until(lambda: not stuck._telegram.pending)

    assert len(robot.intake._running) == 25
