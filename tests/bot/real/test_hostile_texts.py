"""Names, notes, questions and file names that mean harm, on every screen of the bot that can be reached."""

import pytest
from sqlalchemy import update

from core.i18n import LANGUAGES
from storage.models import License, Order, OrderProgress, Sound, TicketMessage, TriggerRow, User
from tests.bot.real.conftest import BOSS
from tests.fake_telegram.person import Person
from tests.fake_telegram.rules import visible

LINK = '<a href="https://evil.example/">'
HARM = f"</b>{LINK}zq7</a><b>&lt;{{user}} %s\u202e\u200b"
COMMANDS = ("start", "help", "terms", "settings", "live", "orders", "balance", "activate", "support", "admin")
PRESSES = 60
SAID = ("sendMessage", "editMessageText")


@pytest.fixture
def unhurried(monkeypatch):
    """Who tries everything out is not taken for a flood."""
    monkeypatch.setattr("bot.intake.BURST", 1_000)
    monkeypatch.setattr("bot.turns.CHAT_BURST", 1_000)


@pytest.fixture(params=LANGUAGES)
def people(request, telegram, robot, unhurried):
    return [Person(telegram, one, language=request.param, name=HARM) for one in (7, BOSS)]


async def settle(people, services, issue):
    """Whatever can be had, with harm in every text of it."""
    ann, boss = people
    await boss.asks("/start")
    await ann.asks("/start")
    await ann.asks(await issue())
    await ann.asks("/support")
    await ann.asks(HARM)
    changes = [
        update(User).values(first_name=HARM, last_name=HARM, telegram_name=HARM[:32]),
        update(License).values(note=HARM),
        update(TicketMessage).values(text=HARM),
        update(Sound).values(filename=f"{HARM}.mp3"),
        update(TriggerRow).values(name=HARM),
        update(Order).values(note=HARM),
        update(OrderProgress).values(note=HARM),
    ]
    async with services.db.begin() as uow:
        for change in changes:
            await uow.accounts._session.execute(change)


async def press_all(person, telegram):
    """What is on any screen, each button once, and harm typed in after every one."""
    seen = set()
    for command in COMMANDS:
        await person.asks(f"/{command}")
        while len(seen) < PRESSES and (found := new_button(person, seen)):
            data, message = found
            seen.add(data)
            query = await person.clicks(data, message)
            await telegram.until(lambda query=query: telegram.callbacks[query] is not None, 8)
            await person.says(HARM)
    return seen


def new_button(person, seen):
    for message in reversed(person.chat):
        for one in person.buttons(message) if "reply_markup" in message else ():
            data = one.get("callback_data")
            if data and data not in seen and not data.startswith("lang"):
                return data, message
    return None


async def test_nothing_of_it_is_markup_anywhere(people, telegram, services, issue):
    await settle(people, services, issue)

    for person in people:
        assert len(await press_all(person, telegram)) > 15

    texts = [call.parameters["text"] for call in telegram.calls if call.method in SAID]
    assert [one for one in telegram.refusals if "parse" in one[1] or "long" in one[1]] == []
    assert [text for text in texts if LINK in text] == []
    assert sum("zq7" in visible(text, "HTML") for text in texts) > 5
