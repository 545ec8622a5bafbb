"""INSERT that may meet a row that is there: each database has its own, written alike."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession


def insert_into(session: AsyncSession, table: Any) -> Any:
    """`on_conflict_do_nothing`, `on_conflict_do_update`. `table`: a model or its table."""
    is_postgres = session.get_bind().dialect.name == "postgresql"
    return postgres_insert(table) if is_postgres else sqlite_insert(table)
