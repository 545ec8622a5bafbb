"""Moving windows: exact, bounded, and honest about when to come back."""

import pytest

from core.config import Limits
from core.errors import RateLimited
from tests.fakes import MovedClock
from webapp import limits
from webapp.limits import Limiter


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def limiter(clock):
    return Limiter(Limits(triggers="3/minute", preview="1 / 10 seconds"), clock)


async def used_up(limiter, *who):
    for _ in range(3):
        await limiter.take("triggers", *who)


async def test_as_many_as_allowed_pass_and_no_more(limiter):
    await used_up(limiter, "7")

    with pytest.raises(RateLimited):
        await limiter.take("triggers", "7")


async def test_the_quota_tells_what_is_left(limiter, clock):
    await limiter.take("triggers", "7")
    clock.move(15)

    quota = await limiter.take("triggers", "7")

    assert (quota.limit, quota.remaining, quota.reset) == (3, 1, 45)


async def test_coming_back_when_told_is_allowed(limiter, clock):
    await used_up(limiter, "7")
    clock.move(20)
    with pytest.raises(RateLimited) as refused:
        await limiter.take("triggers", "7")

    clock.move(refused.value.details["retry_after"])

    assert (await limiter.take("triggers", "7")).remaining == 2


async def test_refused_tries_are_not_counted(limiter, clock):
    await used_up(limiter, "7")
    for _ in range(10):
        clock.move(5)
        with pytest.raises(RateLimited):
            await limiter.take("triggers", "7")

    clock.move(10)

    assert (await limiter.take("triggers", "7")).remaining == 2


async def test_others_are_not_concerned(limiter):
    await used_up(limiter, "7")

    assert (await limiter.take("triggers", "8")).remaining == 2
    assert (await limiter.take("preview", "7")).remaining == 0


async def test_two_names_never_make_one_key(limiter):
    await used_up(limiter, "ab", "c")

    assert (await limiter.take("triggers", "a", "bc")).remaining == 2


async def test_what_was_given_back_is_not_counted(limiter):
    for _ in range(5):
        async with limiter.hold("triggers", "7"):
            pass

    assert (await limiter.take("triggers", "7")).remaining == 2


async def test_nothing_is_held_where_nothing_is_left(limiter):
    await used_up(limiter, "7")

    with pytest.raises(RateLimited):
        async with limiter.hold("triggers", "7"):
            pass


async def test_memory_is_bounded(clock, monkeypatch):
    monkeypatch.setattr(limits, "MAX_KEYS", 100)
    windows = limits.MemoryWindows(clock)

    for number in range(1000):
        await windows.take(f"10.0.0.1 user{number}", 10, 60)

    assert len(windows) == 100


async def test_what_is_held_counts_until_it_is_given_back(limiter):
    await limiter.take("triggers", "7")
    async with limiter.hold("triggers", "7"), limiter.hold("triggers", "7"):
        with pytest.raises(RateLimited):
            async with limiter.hold("triggers", "7"):
                pass

    assert (await limiter.take("triggers", "7")).remaining == 1


async def test_what_is_kept_counts_on(limiter):
    async with limiter.hold("triggers", "7") as held:
        held.keep()

    assert (await limiter.take("triggers", "7")).remaining == 1
