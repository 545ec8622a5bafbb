import asyncio
from datetime import timedelta

import pytest

from core.errors import (
    DebtOpen,
    InsufficientFunds,
    Invalid,
    KeyReused,
    LicenseAlreadyBound,
    NotForSale,
    TelegramRequired,
    TrialUsed,
)
from core.license_clock import DAY
from storage.models import User
from tests.core.payments.conftest import ANNA, BORIS, PRICE, STARS


async def test_offers_are_the_plans_with_a_price(shop, anna):
    offers = await shop.offers(anna)

    assert [(one.plan, one.stars, one.price, one.days) for one in offers] == [
        ("standard", STARS, PRICE, 30),
        ("studio", 1_000, 1_299, 30),
    ]


async def test_trial_is_bound_at_once(shop, anna, by, clock):
    state = await shop.start_trial(anna, by())

    assert state.is_live
    assert (state.plan, state.expires_at) == ("standard", clock.now() + timedelta(days=3))
    assert [(one.source, one.days) for one in (await shop.shelf(anna)).history] == [("trial", 3)]


async def test_a_telegram_account_has_one_trial(shop, anna, by, db):
    await shop.start_trial(anna, by())
    with pytest.raises(TrialUsed):
        await shop.start_trial(anna, by())

    async with db.begin() as uow:  # its Telegram account belongs to another account now
        (await uow.accounts.get_user(anna)).telegram_id = None
    async with db.begin() as uow:
        other = User(telegram_id=ANNA, created_at=by().at)
        await uow.accounts.add_user(other)

    with pytest.raises(TrialUsed):
        await shop.start_trial(other.id, by())


async def test_two_clicks_start_one_trial(shop, anna, by):
    got = await asyncio.gather(*(shop.start_trial(anna, by()) for _ in range(5)), return_exceptions=True)

    assert sum(isinstance(one, TrialUsed) for one in got) == 4
    assert len((await shop.shelf(anna)).history) == 1


async def test_trial_needs_telegram(shop, db, by):
    async with db.begin() as uow:
        user = User(username="streamer", created_at=by().at)
        await uow.accounts.add_user(user)

    with pytest.raises(TelegramRequired):
        await shop.start_trial(user.id, by())
    assert (await shop.shelf(user.id)).trial is None


async def test_bought_from_the_balance_is_bound_at_once(shop, anna, by, give, balance, clock, notices):
    await give(anna, 1_000)

    bought = await shop.buy(anna, "standard", "balance", None, by())

    assert (bought.plan, bought.days, bought.amount) == ("standard", 30, PRICE)
    assert bought.expires_at == clock.now() + timedelta(days=30)
    assert (await balance(anna)).available == 1_000 - PRICE
    shelf = await shop.shelf(anna)
    assert shelf.state.is_live
    assert [(one.source, one.amount) for one in shelf.history] == [("balance", PRICE)]
    assert [kind for kind, _ in await notices(anna)] == ["license_bought"]


async def test_days_bought_follow_the_trial(shop, anna, by, give, clock):
    await give(anna, PRICE)
    await shop.start_trial(anna, by())

    bought = await shop.buy(anna, "standard", "balance", None, by())

    assert bought.expires_at == clock.now() + timedelta(days=33)


async def test_without_money_nothing_is_bound(shop, anna, by, give):
    await give(anna, PRICE - 1)

    with pytest.raises(InsufficientFunds) as refused:
        await shop.buy(anna, "standard", "balance", None, by())

    assert refused.value.details == {"available": PRICE - 1, "required": PRICE}
    assert (await shop.shelf(anna)).history == []


@pytest.mark.parametrize("plan", ["gift", "nothing"])
@pytest.mark.parametrize("pay", ["stars", "balance"])
async def test_what_is_not_for_sale_cannot_be_bought(shop, anna, by, plan, pay):
    with pytest.raises(NotForSale):
        await shop.buy(anna, plan, pay, None, by())


async def test_two_clicks_with_one_key_buy_once(shop, anna, by, give, balance):
    await give(anna, 10 * PRICE)

    got = await asyncio.gather(*(shop.buy(anna, "standard", "balance", "k", by()) for _ in range(8)))

    assert len(set(map(str, got))) == 1
    assert (await balance(anna)).available == 9 * PRICE


async def test_two_clicks_without_a_key_buy_once(shop, anna, by, give, balance, clock):
    await give(anna, 10 * PRICE)

    await asyncio.gather(*(shop.buy(anna, "standard", "balance", None, by()) for _ in range(8)))
    assert (await balance(anna)).available == 9 * PRICE

    clock.move(10)
    await shop.buy(anna, "standard", "balance", None, by())
    assert (await balance(anna)).available == 8 * PRICE


async def test_purchases_with_keys_that_begin_alike_are_each_told(shop, anna, by, give, notices):
    await give(anna, 10 * PRICE)

    for end in ("a", "b"):
        await shop.buy(anna, "standard", "balance", "k" * 254 + end, by())

    assert [kind for kind, _ in await notices(anna)] == ["license_bought"] * 2


async def test_another_key_is_another_purchase(shop, anna, by, give, balance):
    await give(anna, 10 * PRICE)

    for key in ("a", "b", "a"):
        await shop.buy(anna, "standard", "balance", key, by())

    assert (await balance(anna)).available == 8 * PRICE


async def test_a_key_is_for_one_thing(shop, anna, by, give):
    await give(anna, 10 * PRICE)
    await shop.buy(anna, "standard", "balance", "k", by())

    with pytest.raises(KeyReused):
        await shop.buy(anna, "studio", "balance", "k", by())


@pytest.mark.parametrize("key", ["", "ä", "a b", "a\nb", "x" * 256])
async def test_unreadable_keys_are_refused(shop, anna, by, key):
    with pytest.raises(Invalid):
        await shop.buy(anna, "standard", "balance", key, by())


async def test_money_for_two_makes_two_of_many_buyers_happy(shop, anna, by, give, balance):
    await give(anna, 2 * PRICE)

    got = await asyncio.gather(
        *(shop.buy(anna, "standard", "balance", f"k{n}", by()) for n in range(10)), return_exceptions=True
    )

    assert sum(isinstance(one, InsufficientFunds) for one in got) == 8
    assert (await balance(anna)).available == 0
    assert len((await shop.shelf(anna)).history) == 2


async def test_bought_by_stars_is_bound_when_paid(
    shop, payments, till, anna, by, balance, clock, notices, books
):
    asked = await shop.buy(anna, "standard", "stars", None, by())
    assert (asked.stars, asked.amount) == (STARS, PRICE)
    assert (await shop.shelf(anna)).history == []

    await payments.receive(till.paid("c1", ANNA))

    shelf = await shop.shelf(anna)
    assert shelf.state.expires_at == clock.now() + timedelta(days=30)
    assert [one.source for one in shelf.history] == ["stars"]
    assert (await balance(anna)).available == 0
    assert await books() == (0, PRICE)
    assert [kind for kind, _ in await notices(anna)] == ["license_bought"]


async def test_license_invoice_paid_twice_binds_once_and_keeps_the_money(
    shop, payments, till, anna, by, balance
):
    await shop.buy(anna, "standard", "stars", None, by())

    await payments.receive(till.paid("c1", ANNA))
    await payments.receive(till.paid("c2", ANNA))

    assert len((await shop.shelf(anna)).history) == 1
    assert (await balance(anna)).available == PRICE


async def test_with_a_debt_stars_buy_no_license(shop, payments, till, anna, by, give, spend, balance):
    await payments.top_up(anna, 100)
    await payments.receive(till.paid("c1", ANNA))
    await shop.buy(anna, "standard", "stars", None, by())
    await spend(anna, 100)
    await payments.refund("c1", by("cli"), "asked")

    with pytest.raises(DebtOpen):
        await shop.buy(anna, "standard", "stars", None, by())
    await payments.receive(till.paid("c2", ANNA))

    assert (await payments.payment("c2")).problem == "debt_first"
    assert (await balance(anna)).available == PRICE - 100
    assert (await shop.shelf(anna)).history == []


async def test_a_key_is_activated_for_whoever_asks(shop, anna, join, issue):
    key, boris = await issue(days=7), await join(BORIS)

    first = await shop.activate(anna, key.lower())
    again = await shop.activate(anna, key)

    assert first == again
    with pytest.raises(LicenseAlreadyBound):
        await shop.activate(boris, key)


async def test_one_key_from_bot_and_app_at_once_binds_once(shop, accounts, anna, issue):
    key = await issue(days=7)

    got = await asyncio.gather(
        shop.activate(anna, key),
        accounts.redeem("streamer123", "SecurePass123!", key),
        shop.activate(anna, key),
        return_exceptions=True,
    )

    lost = [one for one in got if isinstance(one, LicenseAlreadyBound)]
    held = len((await shop.shelf(anna)).history)
    assert (len(lost), held) in {(1, 1), (2, 0)}


async def test_what_is_left_and_used_up_is_shown(shop, anna, issue, clock):
    await shop.activate(anna, await issue(days=2))
    await shop.activate(anna, await issue(days=10))
    clock.move(5 * DAY)

    history = (await shop.shelf(anna)).history

    assert [(one.status, one.days_left) for one in history] == [("active", 7.0), ("used_up", 0.0)]
