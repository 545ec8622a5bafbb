"""A streamer's desk, and both ends of a webhook."""

from collections.abc import AsyncIterator

import pytest

from core.tasks import TaskPool
from storage.db import Database
from tests.core.triggers.desk import Desk, new_user
from tests.core.triggers.receiver import Post, Receiver


@pytest.fixture
async def desk(db: Database) -> Desk:
    return Desk(db, await new_user(db, "streamer"))


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    await made.server.start_server()
    yield made
    if made.hold:
        made.hold.set()
    await made.server.close()


@pytest.fixture
async def tasks() -> AsyncIterator[TaskPool]:
    async with TaskPool() as pool:
        yield pool


@pytest.fixture
def post(tasks: TaskPool) -> Post:
    return Post(tasks)
