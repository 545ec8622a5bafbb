"""What the database itself refuses, whoever asks."""

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.db import Database
from tests.conftest import IS_POSTGRES
from tests.core.money.kit import execute

COPY = "at, debit_id, credit_id, amount, kind, key, user_id, subject, actor, reason, details, prev_hash, hash"


@pytest.fixture(autouse=True)
async def _money(top_up, set_aside, capture, take_back):
    """Two holds: 1 is spent, 2 is open. Something is owed."""
    await top_up(1_000)
    await capture(await set_aside(300), 200)
    await set_aside(400, "order:2")
    await take_back(1_000)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET amount = amount + 1 WHERE id = 1",
        "UPDATE ledger_entries SET reason = 'another'",
        "DELETE FROM ledger_entries WHERE id = 1",
        "UPDATE ledger_holds SET captured = 300 WHERE id = 1",
        "UPDATE ledger_holds SET status = 'open' WHERE id = 1",
        "UPDATE ledger_holds SET amount = 1 WHERE id = 2",
        "DELETE FROM ledger_holds WHERE id = 2",
        "DELETE FROM ledger_accounts",
        "UPDATE ledger_accounts SET kind = 'wallet' WHERE kind = 'stars'",
        "UPDATE ledger_accounts SET balance = -1 WHERE kind = 'wallet'",
        "UPDATE ledger_accounts SET balance = 1 WHERE kind = 'debt'",
        "INSERT INTO ledger_accounts (kind, balance) VALUES ('rewards', 5)",
        "INSERT INTO ledger_accounts (kind, balance) VALUES ('wallet', 0)",
        "INSERT INTO ledger_holds (user_id, amount, captured, status, key, subject, created_at)"
        " SELECT user_id, amount, 100, 'captured', 'new', '', created_at FROM ledger_holds WHERE id = 2",
        f"INSERT INTO ledger_entries ({COPY})"
        " SELECT at, debit_id, credit_id, amount, kind, 'new', user_id, subject, actor, reason, details,"
        " 'elsewhere', 'new' FROM ledger_entries WHERE id = 1",
    ],
)
async def test_what_was_written_stays(db: Database, statement: str):
    with pytest.raises(DBAPIError):
        await execute(db, statement)


@pytest.mark.skipif(IS_POSTGRES, reason="a statement of SQLite")
@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT OR REPLACE INTO ledger_entries (id, {COPY})"
        " SELECT 1, at, debit_id, credit_id, 5, kind, 'new',"
        " user_id, subject, actor, reason, details, hash, 'new' FROM ledger_entries WHERE id = 7",
        f"INSERT OR REPLACE INTO ledger_entries ({COPY}) SELECT at, debit_id, credit_id, 5, kind, 'stars:1',"
        " user_id, subject, actor, reason, details, hash, 'new' FROM ledger_entries WHERE id = 7",
        "INSERT OR REPLACE INTO ledger_holds (user_id, amount, captured, status, key, subject, created_at)"
        " SELECT user_id, 1, 0, 'open', key, '', created_at FROM ledger_holds WHERE id = 2",
        "INSERT OR REPLACE INTO ledger_accounts (kind, balance) VALUES ('stars', 0)",
    ],
)
async def test_what_was_written_is_not_replaced(db: Database, statement: str):
    with pytest.raises(IntegrityError, match="replaced"):
        await execute(db, statement)


@pytest.mark.skipif(not IS_POSTGRES, reason="a statement of Postgres")
@pytest.mark.parametrize("table", ["ledger_entries", "ledger_holds", "ledger_accounts CASCADE"])
async def test_the_ledger_is_not_emptied(db: Database, table: str):
    with pytest.raises(DBAPIError):
        await execute(db, f"TRUNCATE {table}")
