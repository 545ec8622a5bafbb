"""`python -m storage.migrations.revise "what changes"`: write the next revision from the models."""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import Connection

from storage.db import Database
from storage.migrations import HERE, alembic_config, upgrade

VERSIONS = HERE / "versions"


async def _revise(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite+aiosqlite:///{Path(folder) / 'revise.db'}")
        if _count():
            await upgrade(database)
        async with database.engine.connect() as connection:
            await connection.run_sync(_write, message)
        await database.close()


def _write(connection: Connection, message: str) -> None:
    command.revision(alembic_config(connection), message, autogenerate=True, rev_id=f"{_count() + 1:04}")


def _count() -> int:
    return len(list(VERSIONS.glob("[0-9]*.py")))


if __name__ == "__main__":
    asyncio.run(_revise(sys.argv[1]))
