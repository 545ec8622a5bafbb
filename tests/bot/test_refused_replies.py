"""What Telegram does not take: a reply that is refused stops nothing but itself."""

import pytest

from bot.app import Robot
from bot.front import Front
from tests.core.sounds import files
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

VIDEO = "https://www.tiktok.com/@ann/video/7123456789012345678"
BLOCKED = "Forbidden: bot was blocked by the user"


@pytest.mark.parametrize(
    "why", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"]
)
async def test_a_button_of_a_message_that_is_gone_shows_its_screen_anew(
    ann: Person, telegram: FakeTelegram, why: str
):
    await ann.asks("/start")
    telegram.inject("editMessageText", 400, f"Bad Request: {why}")

    assert "Settings" in await ann.presses("settings")
    assert len(ann.chat) == 2


async def test_an_order_offered_in_a_message_that_is_gone_can_be_placed(
    ann: Person, front: Front, telegram: FakeTelegram, give
):
    await ann.asks("/start")
    await give(ann, 10_000)
    await ann.asks(VIDEO)
    telegram.inject("editMessageText", 400, "Bad Request: message to edit not found")

    await ann.presses("1,000 views")
    await ann.presses("Order for 3.50 USD")

    assert len(front.orders.made) == 1


async def test_a_refusal_nobody_can_be_told_of_ends_the_update(
    ann: Person, front: Front, telegram: FakeTelegram, robot: Robot
):
    await ann.asks("/start")
    telegram.blocked.add(ann.id)
    update_id = telegram.next_id()

    message = ann.message(text="TTB-0000-0000-0000")
    await telegram.deliver({"update_id": update_id, "message": message})
    await telegram.until(lambda: telegram.refusals)
    await robot.intake.drain()

    now = front.services.clock.now()
    async with front.services.db.begin() as uow:
        assert not await uow.telegram.take_update(update_id, now, now)


async def test_a_question_whose_answer_is_refused_was_asked_once(
    ann: Person, front: Front, telegram: FakeTelegram
):
    await ann.asks("/support")
    telegram.inject("sendMessage", 403, BLOCKED)
    await ann.says("I hear nothing.")
    await telegram.until(lambda: telegram.refusals)

    assert "did not understand" in await ann.asks("Hello?")
    assert [one.text for one in front.tickets.opened] == ["I hear nothing."]


async def test_a_sound_is_kept_though_telegram_refuses_to_say_that_it_is_coming(
    ann: Person, telegram: FakeTelegram
):
    telegram.inject("sendChatAction", 400, "Bad Request: chat not found")

    assert "Saved as bell.mp3" in await ann.sends("audio", files.mp3(), file_name="bell.mp3")
