"""A process that is killed at any commit leaves money where it was or where it was to go."""

import pytest

from core.money import ledger
from storage.db import Database
from storage.models import AccountKind, EntryKind
from tests import crash_kit
from tests.core.money.kit import BY, movement


async def life_of_money(db: Database, user_id: int) -> None:
    """In, set aside, partly spent, taken back after it was spent, in again: five transactions."""
    async with db.begin() as uow:
        top_up = movement(EntryKind.TOP_UP, "stars:1")
        await ledger.credit(uow, user_id, 1_000, AccountKind.STARS, top_up)
    async with db.begin() as uow:
        aside = movement(EntryKind.HOLD, "order:1", subject="ORD-1")
        held = await ledger.hold(uow, user_id, 700, aside)
    async with db.begin() as uow:
        await ledger.capture(uow, held.id, 400, BY)
    async with db.begin() as uow:
        refund = movement(EntryKind.REFUND, "refund:1")
        await ledger.take_back(uow, user_id, 1_000, AccountKind.STARS, refund)
    async with db.begin() as uow:
        top_up = movement(EntryKind.TOP_UP, "stars:2")
        await ledger.credit(uow, user_id, 500, AccountKind.STARS, top_up)


@pytest.mark.parametrize("point", crash_kit.points(5), ids=str)
async def test_money_survives_a_kill(db: Database, database_url: str, user_id: int, point: crash_kit.Point):
    killed = await crash_kit.run(life_of_money, database_url, user_id, kill=point)

    await life_of_money(db, user_id)

    assert killed.was_killed
    async with db.read() as uow:
        assert await ledger.balance(uow, user_id) == ledger.Balance(100, 0, 0)
        assert len(await ledger.entries(uow, user_id, limit=100)) == 8


async def test_no_commit_of_it_is_left_out(database_url: str, user_id: int):
    assert (await crash_kit.run(life_of_money, database_url, user_id)).commits == 5


@pytest.mark.parametrize(("when", "entries"), [("before", 0), ("after", 1)])
async def test_the_kit_kills_on_the_side_it_says(
    db: Database, database_url: str, user_id: int, when: str, entries: int
):
    await crash_kit.run(life_of_money, database_url, user_id, kill=crash_kit.Point(when, 1))

    async with db.read() as uow:
        assert len(await ledger.entries(uow, user_id, limit=9)) == entries


async def broken(db: Database) -> None:
    raise ValueError("told")


async def test_a_scenario_that_raises_fails_the_test(database_url: str):
    with pytest.raises(AssertionError, match="ValueError: told"):
        await crash_kit.run(broken, database_url)
