"""Balance and top-ups over Stars."""

import pytest

from bot.front import Front
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram


async def test_the_balance_shows_two_decimals_and_the_history(ann: Person, give):
    await ann.asks("/start")
    await give(ann, 1_250)

    answer = await ann.asks("/balance")

    assert "Balance: 12.50 USD" in answer
    assert "Added by support: +12.50 USD" in answer


async def test_a_long_history_has_pages(ann: Person, give):
    await ann.asks("/start")
    for amount in range(1, 12):
        await give(ann, amount)

    await ann.asks("/balance")
    second = await ann.presses("➡️")

    assert second.count("Added by support") == 3
    assert "+0.01 USD" in second


async def test_topup_names_the_rate_first(ann: Person):
    assert "1.00 USD costs 77 Stars" in await ann.asks("/topup")


async def test_the_first_button_leads_to_an_invoice_that_can_be_paid(ann: Person, front: Front):
    await ann.asks("/topup")
    offer = await ann.presses(ann.buttons()[0]["text"])

    await ann.pays(ann.button("Pay")["url"])

    assert "10.00 USD costs 770 Stars (77 Stars for 1.00 USD)" in offer
    assert "10.00 USD was added" in await ann.hears("was added")
    assert "Balance: 10.00 USD" in await ann.asks("/balance")


@pytest.mark.parametrize(
    ("typed", "shown"), [("12.5", "12.50 USD"), ("7,25", "7.25 USD"), ("$3", "3.00 USD")]
)
async def test_an_amount_may_be_typed(ann: Person, typed: str, shown: str):
    await ann.asks("/topup")

    assert shown in await ann.asks(typed)


async def test_nonsense_for_an_amount_is_asked_again(ann: Person):
    await ann.asks("/topup")

    assert "for example 10" in await ann.asks("a lot")
    assert "5.00 USD" in await ann.asks("5 usd")


async def test_an_invoice_nobody_knows_is_refused_at_the_till(ann: Person, telegram: FakeTelegram):
    telegram.stars.invoices["forged"] = ("nobody-knows", 1)

    assert await ann.pays("forged") is None


async def test_a_payment_told_twice_counts_once(ann: Person, telegram: FakeTelegram, front: Front):
    await ann.asks("/topup 10")
    link = ann.button("Pay")["url"]
    payment = telegram.stars.pay(ann.profile, link)
    told = ann.message(successful_payment=payment)

    await telegram.push(message=told)
    await ann.hears("was added")
    await telegram.push(message=told)
    await telegram.until(lambda: len(front.payments.received) == 2)

    assert "Balance: 10.00 USD" in await ann.asks("/balance")


async def test_a_forwarded_payment_is_none(ann: Person, telegram: FakeTelegram, front: Front):
    await ann.asks("/topup 10")
    payment = telegram.stars.pay(ann.profile, ann.button("Pay")["url"])
    origin = {"type": "hidden_user", "sender_user_name": "x", "date": 1}

    await telegram.push(message=ann.message(successful_payment=payment, forward_origin=origin))
    await ann.asks("/start")

    assert front.payments.received == []


async def test_a_payment_is_written_down_before_it_is_confirmed(ann: Person, telegram, front: Front, robot):
    await ann.asks("/topup 10")
    payment = telegram.stars.pay(ann.profile, ann.button("Pay")["url"])
    pending = []
    receive = front.payments.receive

    async def watched(raw):
        pending.append(telegram.pending)
        await receive(raw)

    front.payments.receive = watched
    await telegram.push(message=ann.message(successful_payment=payment))
    await ann.hears("was added")

    assert pending == [1]


async def test_a_payment_is_kept_though_the_rest_of_its_message_cannot_be_read(
    ann: Person, front: Front, telegram: FakeTelegram
):
    await ann.asks("/topup 10")
    payment = telegram.stars.pay(ann.profile, ann.button("Pay")["url"])

    await telegram.push(message={**ann.message(successful_payment=payment), "date": "a new kind of time"})

    await ann.hears("was added")
    assert len(front.payments.received) == 1
