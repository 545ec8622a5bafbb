"""On Postgres alone: an embedded database has one process and no leases."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.models import User
from tests.conftest import IS_POSTGRES

pytestmark = pytest.mark.skipif(not IS_POSTGRES, reason="leases are of a shared database")

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
TTL = timedelta(seconds=10)
PAST = timedelta(seconds=-1)
USERS = range(1, 41)


@pytest.fixture(autouse=True)
async def _people(db):
    async with db.begin() as uow:
        for user_id in USERS:
            await uow.accounts.add_user(User(id=user_id, username=f"user{user_id}", created_at=START))
        await uow.leases.want(USERS)


async def claim(db, worker, limit=100, ttl=TTL):
    async with db.begin() as uow:
        return {row.user_id: row.token for row in await uow.leases.claim(worker, limit, ttl)}


async def test_two_workers_never_take_the_same_one(db):
    found = await asyncio.gather(*(claim(db, f"w{n}", 5) for n in range(8)))

    taken = [user_id for one in found for user_id in one]
    assert sorted(taken) == list(USERS)


async def test_what_lapsed_is_taken_with_a_higher_token(db):
    first = (await claim(db, "a", 1, PAST))[1]

    assert (await claim(db, "b"))[1] > first


async def test_tokens_go_on_from_the_clock_where_the_rows_were_put_back(db):
    before = (await claim(db, "a", 1))[1]
    async with db.begin() as uow:
        await uow.leases.release("a", [(1, before)], is_needed=False)
        await uow.leases.want([1])

    assert (await claim(db, "b", 1))[1] > before


async def test_what_is_held_stays(db):
    _ = await claim(db, "a")

    assert await claim(db, "b") == {}


async def test_who_was_replaced_renews_nothing_of_it(db):
    _ = await claim(db, "a", 2, PAST)
    _ = await claim(db, "b", 1)

    async with db.begin() as uow:
        assert [row.user_id for row in await uow.leases.renew("a", TTL)] == [2]


async def test_one_that_was_lost_cannot_be_given_or_released(db):
    lost = (await claim(db, "a", 1, PAST))[1]
    token = (await claim(db, "b", 1))[1]

    async with db.begin() as uow:
        assert await uow.leases.give(1, worker="a", token=lost, to="c", ttl=TTL) is None
        await uow.leases.release("a", [(1, lost)], is_needed=False)
    async with db.read() as uow:
        assert await uow.leases.owner(1) == ("b", token)


async def test_one_is_given_with_a_higher_token(db):
    token = (await claim(db, "a", 1))[1]

    async with db.begin() as uow:
        given = await uow.leases.give(1, worker="a", token=token, to="b", ttl=TTL)

    assert given.owner == "b"
    assert given.token > token


async def test_whose_live_is_on_is_known_to_the_next_owner(db):
    tokens = await claim(db, "a", 2, TTL)
    async with db.begin() as uow:
        await uow.leases.set_on("a", on=[1], off=[2])
        await uow.leases.release("a", list(tokens.items()), is_needed=True)

    async with db.begin() as uow:
        rows = await uow.leases.claim("b", 100, TTL)
    assert {row.user_id for row in rows if row.is_on} == {1}


async def test_loads_leave_out_the_dead_and_the_leaving(db):
    async with db.begin() as uow:
        await uow.leases.show_up("a", is_leaving=False)
        await uow.leases.show_up("b", is_leaving=False)
        await uow.leases.show_up("c", is_leaving=True)
    _ = await claim(db, "a", 3)

    async with db.read() as uow:
        assert await uow.leases.loads(TTL) == {"a": 3, "b": 0}
        assert await uow.leases.loads(PAST) == {}
