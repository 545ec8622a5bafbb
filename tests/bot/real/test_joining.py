"""A Telegram account and one with a password become one, if the chat says so."""

from collections.abc import Awaitable, Callable

import pytest

from bot.front import Front
from core.errors import InvalidCredentials
from storage.models import User
from tests.fake_telegram.person import Person
from tests.init_data_kit import init_data

NAME, PASSWORD = "ann_live", "SecurePass123!"
Ask = Callable[[], Awaitable[str]]


@pytest.fixture
async def named(front: Front, issue) -> int:
    """Ann's account of before, with a license."""
    signed_in = await front.services.accounts.redeem(NAME, PASSWORD, await issue())
    return signed_in.account.id


@pytest.fixture
def ask(front: Front, ann: Person, named: int) -> Ask:
    """The app asks the chat; what the chat reads."""

    async def ask() -> str:
        now = front.services.clock.now().timestamp()
        await front.identity.request_link(NAME, PASSWORD, init_data(now, {"id": ann.id, "first_name": "Ann"}))
        return await ann.hears(f"Somebody signed in as {NAME}")

    return ask


async def owner_of(front: Front, telegram_id: int) -> User | None:
    async with front.services.db.read() as uow:
        return await uow.accounts.get_by_telegram_id(telegram_id)


async def test_yes_joins_them_and_nothing_is_lost(ann: Person, front: Front, ask: Ask, named: int):
    await ann.asks("/start")
    await ask()
    await ann.presses(ann.buttons()[0]["text"])
    await ann.hears("the account ann_live are one now")

    joined = await owner_of(front, ann.id)
    assert joined
    assert joined.username == NAME
    assert "Your license runs until" in await ann.asks("/start")
    assert (await front.services.accounts.prove(NAME, PASSWORD)).id == joined.id


async def test_no_joins_nothing(ann: Person, front: Front, ask: Ask, named: int):
    await ann.asks("/start")
    await ask()
    assert "Nothing was joined" in await ann.presses("No, that was not me")

    apart = await owner_of(front, ann.id)
    assert apart
    assert apart.id != named


async def test_it_is_answered_once(ann: Person, ask: Ask):
    await ann.asks("/start")
    await ask()
    question = {**ann.chat[-1]}
    await ann.presses("No, that was not me", question)
    await ann.presses("Yes, join them", question)

    assert await ann.hears("too late or was answered already")


async def test_two_that_are_both_in_use_stay_apart(ann: Person, front: Front, ask: Ask, issue, named: int):
    await ann.asks("/start")
    await ask()
    question = ann.chat[-1]
    await ann.asks(await issue())
    await ann.presses("Yes, join them", question)

    assert await ann.hears("Both accounts hold money or a license")
    apart = await owner_of(front, ann.id)
    assert apart
    assert apart.id != named


async def test_a_changed_password_ends_the_question(ann: Person, front: Front, ask: Ask, named: int):
    await ann.asks("/start")
    await ask()
    await front.services.accounts.change_password(named, PASSWORD, "Another-One-7!")
    await ann.presses("Yes, join them")

    assert await ann.hears("too late or was answered already")
    with pytest.raises(InvalidCredentials):
        await front.services.accounts.prove(NAME, PASSWORD)


async def test_somebody_else_cannot_answer_it(ann: Person, boris: Person, front: Front, ask: Ask, named: int):
    await ann.asks("/start")
    await boris.asks("/start")
    await ask()
    yes = ann.button("Yes, join them")["callback_data"]
    boris.chat[-1]["reply_markup"] = {"inline_keyboard": [[{"text": "Yes", "callback_data": yes}]]}
    await boris.presses(yes)

    assert await boris.hears("Уже поздно или ответ уже был")
    owner = await owner_of(front, boris.id)
    assert owner
    assert owner.username is None
