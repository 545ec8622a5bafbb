from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import license_clock
from core.config import Config
from core.errors import LicenseExpired, LicenseRequired
from core.license_clock import DAY, LicenseState
from storage.models import License, LicenseStatus, User

START = datetime(2026, 3, 1, tzinfo=UTC)
CONFIG = Config()


def key_of(days: float, number: int = 1, status: LicenseStatus = LicenseStatus.ACTIVE) -> License:
    return License(id=number, plan="standard", status=status, remaining_seconds=days * DAY)


def user_at(moment: datetime) -> User:
    return User(license_clock_at=moment)


def after(days: float) -> datetime:
    return START + timedelta(days=days)


def test_keys_run_one_after_the_other():
    user, keys = user_at(START), [key_of(10, 1), key_of(5, 2)]

    assert license_clock.remaining_at(user, keys, after(12)) == {1: 0, 2: 3 * DAY}
    assert license_clock.state_at(user, keys, START, CONFIG).expires_at == after(15)


def test_settling_moves_the_clock_and_keeps_the_end():
    user, keys = user_at(START), [key_of(10, 1), key_of(5, 2)]

    license_clock.settle(user, keys, after(12))

    assert [key.remaining_seconds for key in keys] == [0, 3 * DAY]
    assert user.license_clock_at == after(12)
    assert license_clock.state_at(user, keys, after(12), CONFIG).expires_at == after(15)


def test_once_all_ran_out_the_clock_stands_at_that_moment():
    user, keys = user_at(START), [key_of(10, 1), key_of(5, 2)]

    license_clock.settle(user, keys, after(400))

    assert user.license_clock_at == after(15)
    assert license_clock.state_at(user, keys, after(500), CONFIG) == LicenseState(expires_at=after(15))


def test_a_clock_that_went_back_takes_and_gives_nothing():
    user, keys = user_at(START), [key_of(10)]

    license_clock.settle(user, keys, after(-3))

    assert license_clock.remaining_at(user, keys, after(-3)) == {1: 10 * DAY}
    assert user.license_clock_at == START
    assert keys[0].remaining_seconds == 10 * DAY


def test_the_last_second_is_still_live():
    user, keys = user_at(START), [key_of(10)]

    assert license_clock.state_at(user, keys, after(10) - timedelta(seconds=1), CONFIG).is_live
    assert not license_clock.state_at(user, keys, after(10), CONFIG).is_live


def test_who_never_had_a_key_is_told_to_get_one():
    with pytest.raises(LicenseRequired):
        license_clock.require_live(license_clock.state_at(User(), [], START, CONFIG))


def test_who_ran_out_is_told_so():
    with pytest.raises(LicenseExpired):
        license_clock.require_live(license_clock.state_at(user_at(START), [key_of(1)], after(2), CONFIG))


@pytest.mark.parametrize("status", [LicenseStatus.SUSPENDED, LicenseStatus.REVOKED])
def test_a_license_taken_away_did_not_run_out(status: LicenseStatus):
    state = license_clock.state_at(user_at(START), [key_of(9, status=status)], after(1), CONFIG)

    assert state.is_withdrawn
    with pytest.raises(LicenseRequired):
        license_clock.require_live(state)


def test_any_sum_of_days_has_a_date():
    user, keys = user_at(START), [key_of(36_500, number) for number in range(100)]

    assert license_clock.state_at(user, keys, START, CONFIG).expires_at == license_clock.FOREVER


@given(
    days=st.lists(st.floats(0, 400), min_size=1, max_size=5),
    steps=st.lists(st.floats(0, 100), max_size=8),
)
def test_settling_in_any_steps_ends_at_the_same_moment(days: list[float], steps: list[float]):
    user = user_at(START)
    keys = [key_of(length, number) for number, length in enumerate(days)]
    expected = license_clock.state_at(user, keys, START, CONFIG).expires_at
    moments = [START + timedelta(days=sum(steps[: number + 1])) for number in range(len(steps))]

    for moment in moments:
        license_clock.settle(user, keys, moment)

    end = license_clock.state_at(user, keys, START, CONFIG).expires_at
    assert abs(end - expected) < timedelta(milliseconds=1)
    assert all(key.remaining_seconds >= 0 for key in keys)
