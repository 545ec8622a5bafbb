"""Limits and tickets of several processes on one Redis: one limit, one ticket; alone, each goes on."""

import asyncio

import pytest

from core.config import Limits
from core.errors import RateLimited, Unavailable
from tests.fakes import MovedClock
from tests.reach_kit import by_wire, reaches
from tests.redis_kit import needs_redis
from webapp.limits import Limiter
from webapp.tickets import Proof, Tickets

pytestmark = needs_redis

RATES = Limits(triggers="5/minute", preview="2 / 1 second")
PROOF = Proof(7, 1, "token")


@pytest.fixture
async def two():
    async with reaches(2) as pair:
        yield pair


@pytest.fixture
async def limiters(two):
    return [Limiter(RATES, MovedClock(), reach) for reach in two]


async def tried(limiter):
    try:
        await limiter.take("triggers", "7")
    except RateLimited:
        return False
    return True


async def test_all_processes_together_allow_what_one_would(limiters):
    passed = await asyncio.gather(*[tried(one) for one in limiters for _ in range(20)])

    assert sum(passed) == 5


async def test_the_quota_is_the_one_of_all(limiters):
    here, there = limiters
    await here.take("triggers", "7")

    quota = await there.take("triggers", "7")

    assert (quota.limit, quota.remaining) == (5, 3)
    assert 55 < quota.reset <= 60


async def test_what_another_process_holds_counts_and_comes_back(limiters):
    here, there = limiters
    for _ in range(3):
        await there.take("triggers", "7")
    async with here.hold("triggers", "7"), here.hold("triggers", "7"):
        with pytest.raises(RateLimited):
            await there.take("triggers", "7")

    assert (await there.take("triggers", "7")).remaining == 1


async def test_what_is_kept_counts_everywhere(limiters):
    here, there = limiters
    async with here.hold("triggers", "7") as held:
        held.keep()

    assert (await there.take("triggers", "7")).remaining == 3


async def test_the_window_moves(limiters):
    here, there = limiters
    await here.take("preview", "7")
    await there.take("preview", "7")
    with pytest.raises(RateLimited):
        await here.take("preview", "7")

    await asyncio.sleep(1.1)

    assert (await there.take("preview", "7")).remaining == 1


async def test_without_redis_a_process_counts_for_itself():
    async with by_wire() as (reach, wire):
        limiter = Limiter(RATES, MovedClock(), reach)
        await limiter.take("triggers", "7")
        await wire.cut()

        passed = [await tried(limiter) for _ in range(6)]

        assert passed == [True] * 5 + [False]


async def test_a_ticket_of_one_process_is_good_once_at_another(two):
    here, there = (Tickets(MovedClock(), reach) for reach in two)
    ticket = await here.issue(PROOF, "mobile")

    assert await there.redeem(ticket, "mobile") == PROOF
    assert await there.redeem(ticket, "mobile") is None
    assert await here.redeem(ticket, "mobile") is None


async def test_a_ticket_for_something_else_is_spent_everywhere(two):
    here, there = (Tickets(MovedClock(), reach) for reach in two)
    ticket = await here.issue(PROOF, "bot")

    assert await there.redeem(ticket, "mobile") is None
    assert await here.redeem(ticket, "bot") is None


async def test_without_redis_a_ticket_is_good_where_it_was_made():
    async with by_wire() as (reach, wire):
        tickets = Tickets(MovedClock(), reach)
        await wire.cut()

        ticket = await tickets.issue(PROOF, "mobile")

        assert await tickets.redeem(ticket, "mobile") == PROOF


async def test_a_ticket_that_cannot_be_looked_up_is_not_called_wrong():
    async with by_wire() as (reach, wire):
        tickets = Tickets(MovedClock(), reach)
        ticket = await tickets.issue(PROOF, "mobile")
        await wire.cut()

        with pytest.raises(Unavailable):
            await tickets.redeem(ticket, "mobile")
