"""What the tests of money share."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from core.audit import Act
from core.money.ledger import Movement
from storage.db import Database
from storage.models import EntryKind

BY = Act("system", datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC))


def movement(kind: EntryKind, key: str, **more: Any) -> Movement:
    return Movement(kind=kind, key=key, by=BY, **more)


async def execute(db: Database, *statements: str) -> None:
    """As somebody with a database shell does."""
    async with db.engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def tamper(db: Database, *statements: str) -> None:
    """As somebody does who has taken the guards off first."""
    if db.is_embedded:
        async with db.engine.connect() as connection:
            guards = await connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
            dropped = [f"DROP TRIGGER {name}" for name in guards]
        await execute(db, *dropped, *statements)
    else:
        await execute(db, "SET LOCAL session_replication_role = replica", *statements)
