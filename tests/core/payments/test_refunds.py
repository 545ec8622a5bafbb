import asyncio
from datetime import timedelta

import pytest

from core import licenses
from core.errors import Invalid, PaymentNotFound, PaymentsUnavailable, RefundRefused, Unavailable
from core.license_clock import DAY
from core.payments.service import Payments
from tests.core.payments.conftest import ANNA, PRICE, STARS
from tests.core.payments.till import message


@pytest.fixture
async def topped_up(payments, till, anna) -> int:
    await payments.top_up(anna, 1_000)
    await payments.receive(till.paid("c1", ANNA))
    return anna


@pytest.fixture
async def licensed(shop, payments, till, anna, by) -> int:
    await shop.buy(anna, "standard", "stars", None, by())
    await payments.receive(till.paid("c1", ANNA))
    return anna


async def test_refund_gives_the_stars_back_and_takes_the_money(
    payments, till, topped_up, by, balance, notices, books
):
    view = await payments.refund("c1", by("tg:900"), "asked for it")

    assert till.refunded == [(ANNA, "c1")]
    assert (view.status, view.debt, view.refund_reason) == ("refunded", 0, "asked for it")
    assert (await balance(topped_up)).posted == 0
    assert (await notices(topped_up))[-1][1]["what"] == "refund"
    assert await books() == (0, 0)


async def test_what_was_spent_becomes_a_debt_and_the_next_money_pays_it(
    payments, till, topped_up, by, balance, spend
):
    await spend(topped_up, 700)

    view = await payments.refund("c1", by(), "asked")

    assert view.debt == 700
    assert (await balance(topped_up)).debt == 700
    await payments.top_up(topped_up, 1_000)
    await payments.receive(till.paid("c2", ANNA))
    now = await balance(topped_up)
    assert (now.available, now.debt) == (300, 0)


async def test_unused_days_of_the_license_go_and_used_ones_are_owed(
    shop, payments, licensed, by, balance, clock
):
    clock.move(10 * DAY)

    view = await payments.refund("c1", by(), "asked")

    shelf = await shop.shelf(licensed)
    assert not shelf.state.is_live
    assert [one.status for one in shelf.history] == ["revoked"]
    assert view.debt == round(PRICE / 3)
    assert (await balance(licensed)).debt == round(PRICE / 3)


async def test_license_refunded_at_once_costs_nothing(payments, licensed, by, balance, clock, books):
    clock.move(60)

    await payments.refund("c1", by(), "asked")

    assert (await balance(licensed)).posted == 0
    assert await books() == (0, 0)


async def test_other_licenses_run_on(shop, payments, licensed, issue, by, clock):
    await shop.activate(licensed, await issue(days=7))
    clock.move(DAY)

    await payments.refund("c1", by(), "asked")

    assert (await shop.shelf(licensed)).state.expires_at == clock.now() + timedelta(days=7)


async def test_a_rotated_license_is_taken_back_too(shop, payments, licensed, operate, keys, by, db):
    tail = (await shop.shelf(licensed)).history[0].key_tail
    async with db.begin() as uow:
        found = await licenses.find(uow, tail, keys.license_pepper)
        await licenses.rotate(uow, found, keys.license_pepper, by("cli"))

    await payments.refund("c1", by(), "asked")

    assert not (await shop.shelf(licensed)).state.is_live


async def test_asking_many_times_refunds_once(payments, till, topped_up, by, balance, give):
    await give(topped_up, 5_000)

    await asyncio.gather(*(payments.refund("c1", by(), "asked") for _ in range(6)))
    await payments.receive(message("c1", ANNA, "", 770, "refunded_payment"))

    assert till.refunded == [(ANNA, "c1")]
    assert (await balance(topped_up)).available == 5_000


async def test_telegram_out_of_reach_is_asked_again(payments, till, topped_up, by, balance, clock):
    till.trouble = [Unavailable()]

    view = await payments.refund("c1", by(), "asked")

    assert view.status == "refund_requested"
    assert (await balance(topped_up)).available == 1_000
    clock.move(60)
    await payments.process_refunds()
    assert (await payments.payment("c1")).status == "refunded"
    assert (await balance(topped_up)).posted == 0


async def test_refused_for_good_stays_paid_and_is_told(
    payments, till, topped_up, admin, by, balance, notices
):
    till.trouble = [RefundRefused("USER_NOT_FOUND")]

    view = await payments.refund("c1", by(), "asked")

    assert (view.status, view.refund_error) == ("booked", "USER_NOT_FOUND")
    assert (await balance(topped_up)).available == 1_000
    assert [data["about"] for _, data in await notices(admin)] == ["refund_refused"]
    assert (await payments.refund("c1", by(), "again")).status == "refunded"


async def test_chargeback_told_by_telegram_is_booked(payments, topped_up, balance):
    await payments.receive(message("c1", ANNA, "", 770, "refunded_payment"))

    assert (await payments.payment("c1")).status == "refunded"
    assert (await balance(topped_up)).posted == 0


async def test_refund_that_overtakes_its_payment_leaves_nothing(
    payments, till, anna, admin, balance, notices
):
    await payments.top_up(anna, 1_000)

    await payments.receive(message("c1", ANNA, "", 770, "refunded_payment"))
    await payments.receive(till.paid("c1", ANNA))

    assert (await balance(anna)).posted == 0
    assert [data["problem"] for _, data in await notices(admin)] == ["refunded_first"]


async def test_refund_needs_a_reason_and_a_payment(payments, topped_up, by):
    with pytest.raises(Invalid):
        await payments.refund("c1", by(), " ")
    with pytest.raises(PaymentNotFound):
        await payments.refund("other", by(), "asked")


async def test_without_a_bot_nothing_is_refunded(db, config, keys, clock, topped_up, by):
    with pytest.raises(PaymentsUnavailable):
        await Payments(db, config, keys, clock, None).refund("c1", by(), "asked")


async def test_spending_against_a_refund_never_makes_money(shop, payments, till, anna, by, balance, books):
    await payments.top_up(anna, PRICE)
    await payments.receive(till.paid("c1", ANNA))

    await asyncio.gather(
        payments.refund("c1", by(), "asked"),
        shop.buy(anna, "standard", "balance", "k", by()),
        return_exceptions=True,
    )

    now = await balance(anna)
    held = len((await shop.shelf(anna)).history)
    assert (held, now.available, now.debt) in {(0, 0, 0), (1, 0, PRICE)}
    assert await books() == (0, 0)


async def test_the_same_charge_from_many_sides_at_once_counts_once(payments, till, anna, balance, clock):
    await payments.top_up(anna, 1_000)
    paid = till.paid("c1", ANNA)

    await asyncio.gather(*(payments.receive(paid) for _ in range(8)))
    clock.move(60)
    await payments.process_inbox()

    assert (await balance(anna)).available == 1_000


async def test_one_license_invoice_paid_by_two_charges_at_once_binds_once(
    shop, payments, till, anna, by, balance, clock
):
    await shop.buy(anna, "standard", "stars", None, by())

    await asyncio.gather(*(payments.receive(till.paid(f"c{n}", ANNA)) for n in range(4)))
    clock.move(60)
    await payments.process_inbox()

    assert len((await shop.shelf(anna)).history) == 1
    assert (await balance(anna)).available == 3 * PRICE
    assert (await payments.payment("c0")).stars == STARS
