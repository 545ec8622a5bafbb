"""What was committed is on the disk, not only in the system's memory: a power cut takes no money."""

import pytest
from sqlalchemy import text

from storage.db import Database

FULL = 2  # sqlite.org/pragma.html#pragma_synchronous: the log is synced at each commit


@pytest.fixture
async def embedded(embedded_url: str):
    database = Database(embedded_url)
    yield database
    await database.close()


async def test_every_connection_syncs_what_it_commits(embedded: Database):
    async with embedded.engine.connect() as one, embedded.engine.connect() as other:
        asked = [await connection.scalar(text("PRAGMA synchronous")) for connection in (one, other)]

    assert asked == [FULL, FULL]
