"""Counters: added to, never overwritten."""

import asyncio
from datetime import UTC, datetime

import pytest

from storage.db import Database
from storage.models.accounts import User


@pytest.fixture
async def user_id(db: Database) -> int:
    user = User(username="streamer", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id


async def add(db: Database, user_id: int, **deltas: int) -> None:
    async with db.begin() as uow:
        await uow.triggers.add_counters(user_id, deltas)


async def counters(db: Database, user_id: int) -> dict[str, int]:
    async with db.read() as uow:
        return await uow.triggers.load_counters(user_id)


async def test_a_counter_starts_with_what_is_first_added(db: Database, user_id: int) -> None:
    await add(db, user_id, hugs=3, deaths=-1)

    assert await counters(db, user_id) == {"hugs": 3, "deaths": -1}


async def test_more_is_added_to_what_is_there(db: Database, user_id: int) -> None:
    await add(db, user_id, hugs=3)
    await add(db, user_id, hugs=4, deaths=1)

    assert await counters(db, user_id) == {"hugs": 7, "deaths": 1}


async def test_nothing_to_add_is_fine(db: Database, user_id: int) -> None:
    await add(db, user_id)

    assert await counters(db, user_id) == {}


async def test_many_writers_lose_nothing(db: Database, user_id: int) -> None:
    await asyncio.gather(*(add(db, user_id, hugs=1, deaths=2) for _ in range(10)))

    assert await counters(db, user_id) == {"hugs": 10, "deaths": 20}
