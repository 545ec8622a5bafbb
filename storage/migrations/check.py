"""`python -m storage.migrations.check`: are migrations and models in step? Says what differs, exits 1."""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from storage.db import Database
from storage.migrations import upgrade
from storage.models import Base


async def differences(database: Database) -> list[Any]:
    """What a new revision would have to change, once all present ones have run on `database`."""
    await upgrade(database)
    async with database.engine.connect() as connection:
        return await connection.run_sync(_compare)


def _compare(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), Base.metadata))


async def _check() -> list[Any]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'check.db'}")
        try:
            return await differences(database)
        finally:
            await database.close()


def main() -> int:
    found = asyncio.run(_check())
    for difference in found:
        sys.stderr.write(f"not in the migrations: {difference}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
