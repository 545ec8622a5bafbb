"""LIVE is switched off for good, however little the bus knows of who listens."""

from contextlib import asynccontextmanager

import pytest

from core.cluster import calls
from core.cluster.exchange import Elsewhere
from core.live.source import LiveState, LiveStatus
from tests.cluster.houses import until
from tests.redis_kit import needs_redis
from tests.services import needs_postgres

pytestmark = [needs_redis, needs_postgres]


@pytest.fixture
async def living(street):
    """A house where somebody's LIVE is listened to, who that is, and their studio."""
    house = await street.house("a")
    user_id = await street.streamer(house)
    await house.far.start_live(user_id, "streamer123")
    return house, user_id, house.studios.find(user_id)


async def test_at_once_though_the_bus_has_lost_the_name_of_who_listens(street, living):
    house, user_id, studio = living
    other = await street.house("b", works=False)
    await street.redis.flushdb()

    await other.far.stop_live(user_id)

    assert house.begun[-1].is_stopped
    assert studio.status.state is LiveState.OFF


async def test_by_what_the_database_says_where_nobody_can_be_told(living):
    house, user_id, studio = living
    async with house.db.begin() as uow:
        await uow.leases.switch_off(user_id)

    await until(lambda: not studio.is_on)

    assert house.begun[-1].is_stopped


async def test_by_the_one_who_takes_over_meanwhile(street, living, monkeypatch):
    house, user_id, _ = living
    asked = []

    async def changing_hands(worker, user_id, body, kind):
        asked.append(worker)
        if len(asked) == 1:
            raise Elsewhere
        return await ask(worker, user_id, body, kind)

    other = await street.house("b", works=False)
    ask = other.exchange.ask_worker
    monkeypatch.setattr(other.exchange, "ask_worker", changing_hands)
    await street.redis.flushdb()

    await other.far.stop_live(user_id)

    assert asked == ["a", "a"]
    assert house.begun[-1].is_stopped


async def test_switched_on_again_it_stays_on_whatever_a_round_has_read_before(living):
    house, user_id, studio = living
    await house.exchange.ask(user_id, calls.StopLive(), LiveStatus)
    read, leases = house.db.begin, house.leases
    is_read = False

    @asynccontextmanager
    async def switched_on_after_that():
        nonlocal is_read
        is_first, is_read = not is_read, True
        async with read() as uow:
            yield uow
        if is_first:
            await house.far.start_live(user_id)

    with pytest.MonkeyPatch.context() as context:
        context.setattr(leases._db, "begin", switched_on_after_that)
        await leases._renew(house.worker)

    assert studio.is_on
    assert not house.begun[-1].is_stopped


async def test_whoever_was_given_it_without_its_state_listens_all_the_same(street, living):
    house, user_id, _ = living
    async with house.db.begin() as uow:
        await uow.leases.set_on("a", [user_id], [])
    other = await street.house("b")
    token = await house.leases.give(user_id, "b")

    await other.handover.receive(user_id, calls.Given(token, None))

    await until(lambda: (studio := other.studios.find(user_id)) and studio.is_on)
