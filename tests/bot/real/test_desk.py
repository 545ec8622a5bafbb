"""The operators' desk: its dialogs, accounts and their money."""

import pytest

from bot.front import Front
from core.account import require_user
from storage.models import User
from tests.bot.real.conftest import find
from tests.bot.real.test_sales import top_up
from tests.fake_telegram.person import Person


async def balance(person: Person) -> str:
    return next(line for line in (await person.asks("/balance")).splitlines() if "Balance" in line)


async def test_money_is_given_after_a_yes_and_once(desk: Person, ann: Person):
    await ann.asks("/start")
    await find(desk, ann)
    await desk.presses("Give money")
    assert "Give 1,234.50 USD to @" not in desk.screen
    sure = await desk.asks("1234.5 paid   by card")
    assert "Give 1,234.50 USD to" in sure
    assert "Reason: paid by card" in sure
    assert "0.00" in await balance(ann)

    shown = {**desk.chat[-1]}
    yes = desk.button("Yes")["callback_data"]
    await desk.clicks(yes, shown)
    await desk.clicks(yes, shown)
    await desk.hears("Balance: 1,234.50 USD")

    assert "out of date" not in desk.screen
    assert "1,234.50" in await balance(ann)


async def test_money_is_taken_after_a_yes(desk: Person, ann: Person, give):
    await ann.asks("/start")
    await give(ann, 2_000)
    await find(desk, ann)
    await desk.presses("Take money")
    assert "Debit 5.00 USD from" in await desk.asks("5.00 paid back")

    assert "Balance: 15.00 USD" in await desk.presses("Yes")


async def test_back_takes_nothing_and_leads_to_the_account(desk: Person, ann: Person, give):
    await ann.asks("/start")
    await give(ann, 2_000)
    await find(desk, ann)
    await desk.presses("Take money")
    await desk.asks("5.00 paid back")

    assert "Balance: 20.00 USD" in await desk.presses("Back")
    assert "20.00" in await balance(ann)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("x", "Begin with an amount"),
        ("5.00", "Say why"),
        ("1.234 reason", "Begin with an amount"),
        ("30.00 too much", "only 20.00 USD"),
    ],
)
async def test_a_refused_answer_says_why_and_is_asked_again(
    desk: Person, ann: Person, give, answer: str, why: str
):
    await ann.asks("/start")
    await give(ann, 2_000)
    await find(desk, ann)
    await desk.presses("Take money")

    again = await desk.asks(answer)
    assert why in again
    assert "Send an amount and the reason" in again
    assert "Debit 5.00 USD from" in await desk.asks("5.00 paid back")


async def test_every_dialog_goes_on_by_its_first_button(desk: Person, ann: Person, give):
    await ann.asks("/start")
    await give(ann, 300)
    await find(desk, ann)

    await desk.presses("Take money")
    assert "Debit 3.00 USD from" in await desk.presses(desk.buttons()[0]["text"])
    assert "Balance: 0.00 USD" in await desk.presses(desk.buttons()[0]["text"])


async def test_the_buttons_of_an_older_question_do_nothing(desk: Person, ann: Person):
    await ann.asks("/start")
    await find(desk, ann)
    await desk.presses("Give money")
    await desk.asks("5.00 one")
    old = {**desk.chat[-1]}
    await desk.asks("7.00 two")

    await desk.presses("Yes", old)
    assert "out of date" in desk.screen
    newest = desk.chat[-2]
    await desk.presses("Yes", newest)
    assert "Balance: 7.00 USD" in newest["text"]


async def test_who_is_banned_is_out_until_they_are_let_in(desk: Person, ann: Person, front: Front, user_id):
    await ann.asks("/start")
    await find(desk, ann)
    assert "Block Ann" in await desk.presses("Ban")
    assert "Blocked" in await desk.presses("Yes")
    async with front.services.db.read() as uow:
        assert (await require_user(uow, await user_id(ann))).is_banned

    await desk.presses("Unban")
    assert "Blocked" not in await desk.presses("Yes")
    async with front.services.db.read() as uow:
        assert not (await require_user(uow, await user_id(ann))).is_banned


async def test_nobody_bans_themselves(desk: Person):
    await find(desk, desk)
    await desk.presses("Ban")
    await desk.presses("Yes")

    assert await desk.hears("Not to yourself")


async def test_somebody_is_found_by_a_part_of_their_name(desk: Person, ann: Person):
    await ann.asks("/start")
    await desk.presses("Find a user")
    assert "Nobody of that name" in await desk.asks("zzz")

    assert "1 account" in await desk.asks("Ann")
    assert "customer" in await desk.presses("Ann")


async def test_accounts_have_pages(desk: Person, front: Front):
    async with front.services.db.begin() as uow:
        for number in range(10):
            await uow.accounts.add_user(made(number, front))
    await desk.presses("Find a user")
    assert "11 accounts" in await desk.presses("The newest")

    await desk.presses("➡️")
    assert len([one for one in desk.buttons() if one["callback_data"].startswith("adm:u:")]) == 3
    assert desk.button("⬅️")


def made(number: int, front: Front) -> User:
    now = front.services.clock.now()
    return User(telegram_id=1_000 + number, first_name=f"P{number}", created_at=now, settings={})


async def test_stars_are_refunded_after_a_yes(desk: Person, ann: Person, telegram):
    await ann.asks("/start")
    await top_up(ann)
    await find(desk, ann)
    await desk.presses("Payments")
    assert "20.00 USD for 1,540 Stars" in await desk.presses("20.00 USD")

    await desk.presses("Refund")
    assert "Refund 1,540 Stars?" in await desk.asks("did not work")
    assert telegram.sent("refundStarPayment") == []
    assert "refunded" in await desk.presses("Yes")

    assert len(telegram.sent("refundStarPayment")) == 1
    await ann.hears("A payment was refunded: 20.00 USD")
    assert "0.00" in await balance(ann)


async def test_figures_and_the_log_are_in_words(desk: Person, ann: Person, give):
    await ann.asks("/start")
    await find(desk, ann)
    await desk.presses("Give money")
    await desk.asks("5.00 paid")
    await desk.presses("Yes")

    await desk.asks("/admin")
    figures = await desk.presses("Figures")
    assert "on balances: 5.00 USD" in figures
    assert "given and taken by hand: 5.00 USD" in figures
    await desk.presses("Desk")
    assert "tg:99 · money given · user:" in await desk.presses("Audit log")
