import asyncio

import pytest

from core.errors import Unavailable
from core.license_clock import DAY
from storage.models import User
from tests.core.payments.conftest import BORIS
from tests.core.payments.till import message


@pytest.fixture
async def link(referrals, anna) -> str:
    return (await referrals.view(anna)).parameter


@pytest.fixture
async def boris(referrals, link, join, clock) -> int:
    """Came by Anna's link."""
    began_at = clock.now()
    user_id = await join(BORIS)
    assert await referrals.came_by(user_id, link, began_at)
    return user_id


@pytest.fixture
def pay(payments, till):
    async def pay(user_id: int, charge_id: str, amount: int = 1_000) -> None:
        await payments.top_up(user_id, amount)
        await payments.receive(till.paid(charge_id, BORIS))

    return pay


async def test_link_tells_no_account(link, anna, referrals):
    assert link.startswith("ref_")
    assert len(link) <= 64
    assert (await referrals.view(anna)).parameter == link


async def test_first_payment_promises_and_time_pays(
    referrals, boris, anna, pay, balance, clock, notices, books
):
    await pay(boris, "c1")
    await pay(boris, "c2")

    view = await referrals.view(anna)
    assert (view.count, view.pending, view.paid) == (1, 100, 0)
    assert await referrals.mature() == 0

    clock.move(21 * DAY)
    assert await referrals.mature() == 1
    assert await referrals.mature() == 0

    view = await referrals.view(anna)
    assert (view.pending, view.paid) == (0, 100)
    assert (await balance(anna)).available == 100
    assert (await notices(anna))[-1] == ("payment", {"what": "reward", "amount": 100})
    assert (await books())[0] == 0


async def test_a_refunded_payment_brings_nothing(referrals, payments, boris, anna, pay, balance, by, clock):
    await pay(boris, "c1")
    await payments.refund("c1", by(), "asked")
    clock.move(30 * DAY)

    assert await referrals.mature() == 0
    assert (await balance(anna)).available == 0
    assert (await referrals.view(anna)).pending == 0


async def test_a_refund_under_way_holds_the_reward_back(
    referrals, payments, till, boris, anna, pay, balance, by, clock
):
    await pay(boris, "c1")
    till.trouble = [Unavailable()]
    await payments.refund("c1", by(), "asked")
    clock.move(30 * DAY)

    assert await referrals.mature() == 0
    assert (await balance(anna)).available == 0


async def test_two_servers_pay_one_reward(referrals, boris, anna, pay, balance, clock):
    await pay(boris, "c1")
    clock.move(21 * DAY)

    await asyncio.gather(*(referrals.mature() for _ in range(4)))

    assert (await balance(anna)).available == 100


async def test_nobody_brings_themselves(referrals, link, anna, by, clock):
    assert not await referrals.came_by(anna, link, clock.now())


async def test_who_was_here_before_was_not_brought(referrals, link, join, clock):
    boris = await join(BORIS)
    clock.move(0.001)

    assert not await referrals.came_by(boris, link, clock.now())


async def test_one_is_brought_once(referrals, boris, join, clock):
    other = (await referrals.view(await join(103))).parameter

    assert not await referrals.came_by(boris, other, clock.now())


async def test_an_account_without_telegram_is_not_brought(referrals, link, db, clock):
    async with db.begin() as uow:
        user = User(username="streamer", created_at=clock.now())
        await uow.accounts.add_user(user)

    assert not await referrals.came_by(user.id, link, clock.now())


@pytest.mark.parametrize("parameter", ["ref_", "ref_nobody", "", "ref_'; --"])
async def test_unknown_links_bring_nobody(referrals, join, clock, parameter):
    assert not await referrals.came_by(await join(BORIS), parameter, clock.now())


async def test_who_is_banned_by_then_gets_nothing(referrals, boris, anna, pay, db, balance, clock):
    await pay(boris, "c1")
    async with db.begin() as uow:
        (await uow.accounts.get_user(anna)).is_banned = True
    clock.move(21 * DAY)

    assert await referrals.mature() == 0
    assert (await balance(anna)).available == 0


async def test_money_for_no_invoice_promises_nothing(referrals, boris, anna, payments):
    await payments.receive(message("c1", BORIS, "unknown", 770))

    assert (await referrals.view(anna)).pending == 0


async def test_who_joined_both_accounts_brought_nobody(referrals, boris, anna, pay, db, balance, clock):
    await pay(boris, "c1")
    async with db.begin() as uow:
        (await uow.referrals.of_referee(boris)).referee_id = anna
    clock.move(21 * DAY)

    assert await referrals.mature() == 0
    assert (await balance(anna)).available == 0
    assert (await referrals.view(anna)).count == 0
