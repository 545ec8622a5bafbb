"""What was tampered with is found."""

import pytest

from core.money import ledger, nightly
from core.money.verify import Broken, prove, verify
from storage.db import Database
from storage.models import AccountKind, EntryKind
from tests.core.money.kit import BY, movement, tamper
from tests.fakes import MovedClock

CHANGED = "is not what was written"
OUT_OF_LINE = "does not follow the entry before it"


@pytest.fixture
async def _money(top_up, set_aside, capture, take_back):
    """Seven entries: in, aside, spent, returned, aside, taken back, owed. Hold 1 is spent, 2 is open."""
    await top_up(1_000)
    await capture(await set_aside(300), 200)
    await set_aside(400, "order:2")
    await take_back(900)


async def found(db: Database) -> list[Broken]:
    async with db.snapshot() as uow:
        return await verify(uow)


def told(broken: list[Broken]) -> list[str]:
    return [str(one) for one in broken]


async def test_an_empty_ledger_holds(db: Database):
    async with db.snapshot() as uow:
        proof = await prove(uow)

    assert str(proof) == "0 entries, 0 accounts: the ledger holds"


@pytest.mark.usefixtures("_money")
async def test_an_untouched_ledger_holds(db: Database):
    async with db.snapshot() as uow:
        proof = await prove(uow)

    assert str(proof) == "7 entries, 5 accounts: the ledger holds"


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("amount", "999"),
        ("at", "'2026-01-01 12:00:00.123457'"),
        ("kind", "'reward'"),
        ("key", "'another'"),
        ("subject", "'another'"),
        ("actor", "'another'"),
        ("reason", "'another'"),
        ("details", "'[]'"),
        ("user_id", "NULL"),
        ("prev_hash", f"'{'f' * 64}'"),
        ("hash", f"'{'f' * 64}'"),
    ],
)
async def test_a_changed_entry_is_found(db: Database, column: str, value: str):
    await tamper(db, f"UPDATE ledger_entries SET {column} = {value} WHERE id = 1")

    assert f"entry 1: {CHANGED}" in told(await found(db))


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_changed_amount_with_its_balances_is_found(db: Database):
    await tamper(
        db,
        "UPDATE ledger_entries SET amount = 2000 WHERE id = 1",
        "UPDATE ledger_accounts SET balance = balance + 1000 WHERE kind = 'wallet'",
        "UPDATE ledger_accounts SET balance = balance - 1000 WHERE kind = 'stars'",
    )

    assert told(await found(db)) == [f"entry 1: {CHANGED}"]


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_an_entry_that_was_hashed_anew_is_found(db: Database):
    async with db.begin() as uow:
        entry = (await uow.ledger.entries_by_keys(["stars:1"]))["stars:1"]
    forged = entry._replace(amount=2_000)

    await tamper(
        db, f"UPDATE ledger_entries SET amount = 2000, hash = '{ledger.entry_hash(forged)}' WHERE id = 1"
    )

    assert f"entry 2: {OUT_OF_LINE}" in told(await found(db))


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_the_last_entry_hashed_anew_with_its_balances_is_found_once_it_was_verified(db: Database):
    await nightly.run(db, MovedClock())
    async with db.begin() as uow:
        entry = (await uow.ledger.entries_by_keys(["refund:1:debt"]))["refund:1:debt"]
    forged = entry._replace(amount=1)

    await tamper(
        db,
        f"UPDATE ledger_entries SET amount = 1, hash = '{ledger.entry_hash(forged)}' WHERE id = 7",
        f"UPDATE ledger_accounts SET balance = balance + {entry.amount - 1} WHERE kind = 'debt'",
        f"UPDATE ledger_accounts SET balance = balance - {entry.amount - 1} WHERE kind = 'stars'",
    )

    assert told(await found(db)) == ["entry 7: is not the entry that was verified here"]


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_removed_middle_entry_is_found(db: Database):
    await tamper(db, "DELETE FROM ledger_entries WHERE id = 3")

    assert {f"entry 4: {OUT_OF_LINE}", "hold 1: does not have exactly its entries"} <= set(
        told(await found(db))
    )


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_removed_tail_is_found_by_its_balances(db: Database):
    await tamper(db, "DELETE FROM ledger_entries WHERE id = 7")

    assert {one.why for one in await found(db)} == {
        "says -500, its entries sum to 0",
        "says -100, its entries sum to -600",
    }


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_removed_tail_with_its_balances_is_found_once_it_was_verified(db: Database):
    await nightly.run(db, MovedClock())

    await tamper(
        db,
        "DELETE FROM ledger_entries WHERE id = 7",
        "UPDATE ledger_accounts SET balance = balance + 500 WHERE kind = 'debt'",
        "UPDATE ledger_accounts SET balance = balance - 500 WHERE kind = 'stars'",
    )

    assert told(await found(db)) == ["ledger: 6 entries, 7 were verified before"]


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_forged_balance_is_found(db: Database):
    await tamper(db, "UPDATE ledger_accounts SET balance = balance + 5 WHERE kind = 'wallet'")

    assert {"says 5, its entries sum to 0", "all accounts together hold 5, not 0"} == {
        one.why for one in await found(db)
    }


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_holds SET captured = 100 WHERE id = 1",
        "UPDATE ledger_holds SET captured = 0, status = 'released' WHERE id = 1",
        "UPDATE ledger_holds SET status = 'open', captured = 0, resolved_at = NULL WHERE id = 1",
        "UPDATE ledger_holds SET amount = 500 WHERE id = 1",
        "UPDATE ledger_holds SET key = 'another' WHERE id = 1",
    ],
)
async def test_a_hold_that_tells_another_story_than_its_entries_is_found(db: Database, statement: str):
    await tamper(db, statement)

    assert "hold 1: does not have exactly its entries" in told(await found(db))


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_hold_that_was_closed_without_its_entries_is_found(db: Database):
    await tamper(db, "UPDATE ledger_holds SET status = 'released', resolved_at = created_at WHERE id = 2")

    assert {
        "hold 2: does not have exactly its entries",
        "account 3: holds 400, open holds sum to 0",
    } <= set(told(await found(db)))


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_a_removed_hold_is_found(db: Database):
    await tamper(db, "DELETE FROM ledger_holds WHERE id = 2")

    assert "ledger: 2 entries of kind hold, 1 by the holds" in told(await found(db))


@pytest.mark.tampered
@pytest.mark.usefixtures("_money")
async def test_an_overdraft_is_found_at_the_entry_that_made_it(db: Database, user_id: int):
    async with db.begin() as uow:
        wallet = (await uow.ledger.accounts_around(user_id))[AccountKind.WALLET].id
    await tamper(db, "UPDATE ledger_entries SET amount = 200 WHERE id = 1")

    assert f"account {wallet}: is overdrawn by entry 2" in told(await found(db))


async def test_what_others_write_meanwhile_is_no_matter(db: Database, user_id: int, top_up):
    await top_up(100)

    async with db.snapshot() as uow:
        await ledger.balance(uow, user_id)
        await top_up(50, "stars:2")
        proof = await prove(uow)

    assert str(proof) == "1 entries, 2 accounts: the ledger holds"


async def test_many_pages_are_read_as_one_chain(db: Database, user_id: int):
    async with db.begin() as uow:
        for number in range(600):
            money_in = movement(EntryKind.TOP_UP, f"stars:{number}", details={"n": number, "of": [BY.at]})
            await ledger.credit(uow, user_id, 1, AccountKind.STARS, money_in)

    async with db.snapshot() as uow:
        proof = await prove(uow)

    assert str(proof) == "600 entries, 2 accounts: the ledger holds"
