"""One leads, the others stand by: processes really started, on a real Postgres."""

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.leadership import lead
from storage import leadership
from storage.db import Database
from tests.services import needs_postgres, postgres_url

pytestmark = needs_postgres

TAKEN_OVER_SECONDS = 15.0

LEADER = """
import asyncio, sys
from core.leadership import lead
from storage.db import Database

async def work():
    try:
        print("begins", flush=True)
        await asyncio.Event().wait()
    finally:
        print("ends", flush=True)

asyncio.run(lead(Database(sys.argv[1]), sys.argv[2], {"work": work}))
"""


@pytest.fixture
def what():
    return f"test {uuid4().hex}"


@asynccontextmanager
async def process(what):
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LEADER, postgres_url(), what, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.wait()


async def says(running, seconds=30.0):
    async with asyncio.timeout(seconds):
        while (line := (await running.stdout.readline()).decode().strip()) not in {"begins", "ends"}:
            assert line
        return line


async def is_silent(running, seconds):
    with pytest.raises(TimeoutError):
        await says(running, seconds)
    return True


async def test_a_killed_leader_is_followed_soon(what):
    async with process(what) as first:
        assert await says(first) == "begins"
        async with process(what) as second:
            assert await is_silent(second, 5)

            first.kill()

            assert await says(second, TAKEN_OVER_SECONDS) == "begins"


async def test_a_leader_that_stands_still_is_followed_and_stops_when_it_wakes(what):
    async with process(what) as first:
        assert await says(first) == "begins"
        async with process(what) as second:
            os.kill(first.pid, signal.SIGSTOP)

            assert await says(second, TAKEN_OVER_SECONDS) == "begins"

            os.kill(first.pid, signal.SIGCONT)
            assert await says(first) == "ends"
            assert await is_silent(second, 3)


async def test_a_leader_whose_connection_ends_stops_at_once(what, monkeypatch):
    monkeypatch.setattr(leadership, "ALIVE_SECONDS", 3_600.0)
    monkeypatch.setattr(leadership, "SILENCE_SECONDS", 3_600)
    begun, ended = asyncio.Event(), asyncio.Event()

    async def work():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    database, other = Database(postgres_url()), Database(postgres_url())
    leading = asyncio.create_task(lead(database, what, {"work": work}))
    async with asyncio.timeout(30):
        await begun.wait()
        async with other.engine.connect() as connection:
            await connection.execute(text(CUT), {"key": leadership.key_of(what)})
        await ended.wait()

    leading.cancel()
    await asyncio.wait([leading])
    for one in (database, other):
        await one.close()


CUT = """
SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1
        AND (classid::bigint << 32 | objid::bigint) = CAST(:key AS bigint)
"""
