"""Many at once on a real database."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from core.account import require_user
from core.errors import AppError, HoldClosed, InsufficientFunds
from core.money import ledger
from core.money.ledger import Balance
from core.money.verify import verify
from storage.db import Database
from storage.models import AccountKind, EntryKind
from tests.conftest import IS_POSTGRES
from tests.core.money.kit import movement


async def outcomes(*attempts: Awaitable[Any]) -> list[Any]:
    """Answers, and the kinds of refusals; anything else fails the test."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    return [type(one) if isinstance(one, AppError) else one for one in results]


async def test_forty_buyers_with_money_for_ten(db: Database, user_id: int, top_up, set_aside, balance):
    await top_up(1_000)

    told = await outcomes(*(set_aside(100, f"order:{number}") for number in range(40)))

    assert told.count(InsufficientFunds) == 30
    assert await balance() == Balance(0, 1_000, 0)


async def test_the_same_key_many_times_at_once_is_one_hold(top_up, set_aside, balance):
    await top_up(1_000)

    told = await outcomes(*(set_aside(300) for _ in range(10)))

    assert len(set(told)) == 1
    assert await balance() == Balance(700, 300, 0)


async def test_the_same_payment_many_times_at_once_comes_in_once(top_up, balance):
    told = await outcomes(*(top_up(300) for _ in range(10)))

    assert told == [None] * 10
    assert await balance() == Balance(300, 0, 0)


async def test_a_hold_is_captured_or_released(db: Database, top_up, set_aside, capture, balance):
    await top_up(1_000)
    hold_id = await set_aside(1_000)

    told = await outcomes(*(capture(hold_id, amount) for amount in (1_000, 0, 400)))

    assert told.count(None) == 1
    assert told.count(HoldClosed) == 2
    assert (await balance()).held == 0


async def test_a_refund_against_a_purchase_loses_nothing(top_up, set_aside, take_back, balance):
    await top_up(1_000)

    await outcomes(take_back(1_000), set_aside(600), take_back(1_000))

    assert (await balance()).posted == 0


async def test_a_first_movement_of_many_users_at_once(db: Database, user_id: int):
    async def give(number: int) -> None:
        async with db.begin() as uow:
            money_in = movement(EntryKind.TOP_UP, f"stars:{number}")
            await ledger.credit(uow, user_id, 5, AccountKind.STARS, money_in)

    assert await outcomes(*(give(number) for number in range(10))) == [None] * 10


@pytest.mark.skipif(not IS_POSTGRES, reason="SQLite has one writer at a time")
async def test_who_locks_the_user_first_does_not_deadlock_with_who_does_not(db: Database, user_id: int):
    has_ledger, has_user = asyncio.Event(), asyncio.Event()

    async def pay(key: str) -> None:
        async with db.begin() as uow:
            await uow.ledger.lock()
            has_ledger.set()
            await has_user.wait()
            await ledger.credit(uow, user_id, 5, AccountKind.STARS, movement(EntryKind.TOP_UP, key))

    async def buy() -> None:
        async with db.begin() as uow:
            await has_ledger.wait()
            await require_user(uow, user_id, lock=True)
            has_user.set()
            await ledger.credit(uow, user_id, 5, AccountKind.REWARDS, movement(EntryKind.REWARD, "r"))

    async with asyncio.timeout(30):
        assert await outcomes(pay("a"), buy()) == [None, None]


async def test_the_books_are_in_order_while_they_are_read(db: Database, user_id: int, top_up):
    async def read() -> list[Any]:
        async with db.snapshot() as uow:
            return await verify(uow)

    told = await outcomes(
        *(top_up(5, f"stars:{number}") for number in range(20)), *(read() for _ in range(5))
    )

    assert told == [None] * 20 + [[]] * 5
