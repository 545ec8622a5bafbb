"""How money moves, one fact at a time."""

import pytest

from core.errors import HoldClosed, InsufficientFunds, Invalid, KeyReused, NotFound
from core.money import ledger
from core.money.ledger import Balance
from storage.db import Database
from storage.models import AccountKind, ChangeKind, EntryKind, HoldStatus
from tests.core.money.kit import BY, movement


async def test_money_that_comes_in_can_be_spent(db: Database, user_id: int, top_up, balance):
    await top_up(1_000)

    async with db.begin() as uow:
        purchase = movement(EntryKind.PURCHASE, "license:1")
        await ledger.debit(uow, user_id, 400, AccountKind.REVENUE, purchase)

    assert await balance() == Balance(600, 0, 0)


async def test_nobody_spends_what_is_not_there(db: Database, user_id: int, top_up, balance):
    await top_up(100)

    purchase = movement(EntryKind.PURCHASE, "license:1")
    with pytest.raises(InsufficientFunds) as refused:
        async with db.begin() as uow:
            await ledger.debit(uow, user_id, 101, AccountKind.REVENUE, purchase)

    assert refused.value.details == {"available": 100, "required": 101}
    assert await balance() == Balance(100, 0, 0)


async def test_the_same_key_moves_money_once(top_up, balance):
    await top_up(500)
    await top_up(500)

    assert await balance() == Balance(500, 0, 0)


async def test_a_key_is_not_used_for_another_amount(top_up):
    await top_up(500)

    with pytest.raises(KeyReused):
        await top_up(501)


@pytest.mark.parametrize(
    "other",
    [
        movement(EntryKind.CREDIT, "stars:1"),
        movement(EntryKind.TOP_UP, "stars:1", subject="INV-2"),
        movement(EntryKind.TOP_UP, "stars:1", reason="another"),
    ],
)
async def test_a_key_is_not_used_for_another_movement(db: Database, user_id: int, top_up, other):
    await top_up(500)

    with pytest.raises(KeyReused):
        async with db.begin() as uow:
            await ledger.credit(uow, user_id, 500, AccountKind.STARS, other)


async def test_what_is_set_aside_cannot_be_spent(db: Database, user_id: int, top_up, set_aside, balance):
    await top_up(1_000)
    await set_aside(700)

    with pytest.raises(InsufficientFunds):
        await set_aside(301, "order:2")
    assert await balance() == Balance(300, 700, 0)


async def test_setting_aside_again_answers_with_the_first_hold(top_up, set_aside, balance):
    await top_up(1_000)

    assert await set_aside(700) == await set_aside(700)
    assert await balance() == Balance(300, 700, 0)


async def test_a_hold_key_is_not_used_for_another_hold(top_up, set_aside):
    await top_up(1_000)
    await set_aside(700)

    with pytest.raises(KeyReused):
        await set_aside(600)


@pytest.mark.parametrize(("amount", "left"), [(700, 300), (200, 800), (0, 1_000)])
async def test_what_is_not_captured_goes_back(top_up, set_aside, capture, balance, amount: int, left: int):
    await top_up(1_000)

    await capture(await set_aside(700), amount)

    assert await balance() == Balance(left, 0, 0)


async def test_capturing_again_for_the_same_changes_nothing(top_up, set_aside, capture, balance):
    await top_up(1_000)
    hold_id = await set_aside(700)
    await capture(hold_id, 200)

    await capture(hold_id, 200)

    assert await balance() == Balance(800, 0, 0)


@pytest.mark.parametrize("amount", [0, 201, 700])
async def test_a_hold_is_resolved_once(top_up, set_aside, capture, amount: int):
    await top_up(1_000)
    hold_id = await set_aside(700)
    await capture(hold_id, 200)

    with pytest.raises(HoldClosed):
        await capture(hold_id, amount)


@pytest.mark.parametrize("amount", [-1, 701])
async def test_no_more_than_the_hold_is_captured(top_up, set_aside, capture, amount: int):
    await top_up(1_000)
    hold_id = await set_aside(700)

    with pytest.raises(Invalid):
        await capture(hold_id, amount)


async def test_a_hold_that_is_not_there_is_not_captured(capture):
    with pytest.raises(NotFound):
        await capture(1, 1)


async def test_releasing_gives_all_back(db: Database, top_up, set_aside, balance):
    await top_up(1_000)
    hold_id = await set_aside(700)

    async with db.begin() as uow:
        released = await ledger.release(uow, hold_id, BY)

    assert released.status is HoldStatus.RELEASED
    assert await balance() == Balance(1_000, 0, 0)


async def test_what_was_spent_before_it_is_taken_back_is_owed(top_up, set_aside, capture, take_back, balance):
    await top_up(1_000)
    await capture(await set_aside(700), 700)

    assert await take_back(1_000) == 700
    assert await balance() == Balance(0, 0, 700)


async def test_what_is_set_aside_is_not_taken_back_but_owed(top_up, set_aside, take_back, balance):
    await top_up(1_000)
    await set_aside(700)

    assert await take_back(1_000) == 700
    assert await balance() == Balance(0, 700, 700)


async def test_money_that_goes_back_from_a_hold_pays_what_is_owed(
    top_up, set_aside, capture, take_back, balance
):
    await top_up(1_000)
    hold_id = await set_aside(700)
    await take_back(1_000)

    await capture(hold_id, 200)

    assert await balance() == Balance(0, 0, 200)


async def test_money_that_comes_in_pays_what_is_owed_once(top_up, take_back, balance):
    await take_back(300)

    await top_up(500)
    await take_back(400, "refund:2")
    await top_up(500)

    assert await balance() == Balance(0, 0, 200)


@pytest.mark.parametrize("there", [0, 100, 300])
async def test_taking_back_again_answers_the_same(top_up, take_back, balance, there: int):
    await top_up(1 + there)
    first = await take_back(300)
    await top_up(5_000, "stars:2")

    assert await take_back(300) == first
    assert await balance() == Balance(4_701 + there, 0, 0)


async def test_a_key_that_brought_money_in_takes_none_back(top_up, take_back):
    await top_up(300, "payment:1")

    with pytest.raises(KeyReused):
        await take_back(300, "payment:1")


async def test_a_refund_key_is_not_used_for_another_amount(top_up, take_back):
    await top_up(100)
    await take_back(300)

    with pytest.raises(KeyReused):
        await take_back(301)


@pytest.mark.parametrize("amount", [0, -5, ledger.LARGEST + 1])
async def test_an_amount_is_above_zero_and_within_bounds(top_up, amount: int):
    with pytest.raises(Invalid):
        await top_up(amount)


async def test_a_key_leaves_room_for_its_parts(top_up):
    with pytest.raises(Invalid):
        await top_up(1, "k" * 181)


async def test_a_movement_is_told_to_every_process(db: Database, user_id: int, top_up):
    await top_up(100)

    async with db.read() as uow:
        [change] = await uow.accounts.changes_after(0)
    assert (change.user_id, change.kind) == (user_id, ChangeKind.MONEY)
