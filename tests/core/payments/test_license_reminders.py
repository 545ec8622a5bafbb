import pytest

from core import license_reminders, licenses
from core.clock import iso
from core.license_clock import DAY


@pytest.fixture
def remind(db, config, clock):
    async def remind() -> int:
        return await license_reminders.remind(db, config, clock)

    return remind


@pytest.fixture
def told(notices, anna):
    async def told() -> list[int]:
        return [data["days"] for kind, data in await notices(anna) if kind == "license_ending"]

    return told


@pytest.fixture
def live(remind, clock):
    """Let days go by; the job runs four times each."""

    async def live(days: float) -> None:
        for _ in range(round(days * 4)):
            clock.move(DAY / 4)
            await remind()

    return live


async def test_seven_three_and_one_day_before_and_at_the_end(shop, anna, issue, live, told):
    await shop.activate(anna, await issue(days=30))

    await live(22.75)
    assert await told() == []
    await live(20)

    assert await told() == [7, 3, 1, 0]


async def test_who_has_just_begun_a_trial_is_not_reminded_of_it(shop, anna, by, live, told):
    await shop.start_trial(anna, by())

    await live(1)
    assert await told() == []
    await live(3)

    assert await told() == [1, 0]


async def test_renewing_in_between_begins_anew(shop, anna, issue, live, told):
    await shop.activate(anna, await issue(days=10))
    await live(8)
    assert await told() == [7, 3]

    await shop.activate(anna, await issue(days=10))
    await live(2)
    assert await told() == [7, 3]
    await live(12)

    assert await told() == [7, 3, 7, 3, 1, 0]


async def test_server_that_slept_tells_the_nearest_only(shop, anna, issue, clock, remind, told):
    await shop.activate(anna, await issue(days=30))
    clock.move(29.5 * DAY)

    await remind()

    assert await told() == [1]


async def test_long_ended_licenses_are_not_dug_up(shop, anna, issue, clock, remind, told):
    await shop.activate(anna, await issue(days=30))
    clock.move(40 * DAY)

    await remind()

    assert await told() == []


async def test_what_was_taken_away_does_not_end(shop, anna, issue, operate, live, told):
    key = await issue(days=10)
    await shop.activate(anna, key)
    await operate(licenses.suspend, key)

    await live(12)

    assert await told() == []


async def test_without_telegram_nobody_is_reminded(accounts, issue, clock, remind):
    await accounts.redeem("streamer123", "SecurePass123!", await issue(days=30))
    clock.move(29 * DAY)

    assert await remind() == 0


async def test_a_notice_says_when_and_what(shop, anna, issue, clock, remind, notices):
    state = await shop.activate(anna, await issue(days=30, plan="studio"))
    clock.move(29 * DAY)
    await remind()

    [(_, data)] = await notices(anna)

    assert data == {"days": 1, "expires_at": iso(state.expires_at), "plan": "studio"}
