"""How an account's keys run: one after the other, in the order they were redeemed.

Each key holds the seconds it had left at the account's `license_clock_at`. Reading computes what has run
since and writes nothing; every change of a key settles first. Once nothing is left the clock stands at the
moment it ran out, so clock + what is left is always the date people are shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from core import plans
from core.config import Config
from core.errors import LicenseExpired, LicenseRequired
from storage.models import License, LicenseStatus, User

DAY = 86_400.0
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class LicenseState(Struct, frozen=True):
    plan: str | None = None  # of the best key with days left
    expires_at: datetime | None = None  # also in the past; None: never had a license
    is_live: bool = False
    is_withdrawn: bool = False  # not live because a key was revoked or suspended, not because it ran out


def state_at(user: User, keys: Sequence[License], now: datetime, config: Config) -> LicenseState:
    clock = user.license_clock_at
    if clock is None:
        return LicenseState()
    left = [(key, seconds) for key, seconds in _left_at(clock, keys, now) if seconds > 0]
    return LicenseState(
        plan=plans.best(config, [key.plan for key, _ in left]),
        expires_at=end_of(user, keys),
        is_live=bool(left),
        is_withdrawn=not left and _is_withdrawn(keys),
    )


def end_of(user: User, keys: Sequence[License]) -> datetime | None:
    """When all that runs has run out; None: nothing ever ran."""
    clock = user.license_clock_at
    return _after(clock, sum(key.remaining_seconds for key in _running(keys))) if clock else None


def require_live(state: LicenseState) -> None:
    """Refuses who may not go LIVE, saying why."""
    if state.is_live:
        return
    if state.expires_at and not state.is_withdrawn:
        raise LicenseExpired
    raise LicenseRequired


def settle(user: User, keys: Sequence[License], now: datetime) -> None:
    """Take from the keys what has run until `now`."""
    clock = user.license_clock_at
    if clock is None or now <= clock:
        return
    elapsed = (now - clock).total_seconds()
    for key, left in list(_left_at(clock, keys, now)):
        elapsed -= key.remaining_seconds - left
        key.remaining_seconds = left
    user.license_clock_at = now - timedelta(seconds=max(0.0, elapsed))


def restart(user: User, keys: Sequence[License], now: datetime) -> None:
    """Before days are added: where nothing runs, the new days start now. Settle first."""
    if not any(key.remaining_seconds > 0 for key in _running(keys)):
        user.license_clock_at = now


def remaining_at(user: User, keys: Sequence[License], now: datetime) -> dict[int, float]:
    """Seconds each bound key still holds, by its id; those of suspended keys stand still."""
    held = {key.id: key.remaining_seconds for key in keys}
    clock = user.license_clock_at
    return held if clock is None else held | {key.id: left for key, left in _left_at(clock, keys, now)}


def _left_at(clock: datetime, keys: Iterable[License], now: datetime) -> Iterator[tuple[License, float]]:
    elapsed = max(0.0, (now - clock).total_seconds())
    for key in _running(keys):
        used = min(key.remaining_seconds, elapsed)
        elapsed -= used
        yield key, key.remaining_seconds - used


def _running(keys: Iterable[License]) -> list[License]:
    return [key for key in keys if key.status is LicenseStatus.ACTIVE]


def _is_withdrawn(keys: Iterable[License]) -> bool:
    """A key that ran out stays active, so without any active key everything was taken away."""
    return not _running(keys) or any(
        key.status is LicenseStatus.SUSPENDED and key.remaining_seconds > 0 for key in keys
    )


def _after(moment: datetime, seconds: float) -> datetime:
    if seconds >= (FOREVER - moment).total_seconds():
        return FOREVER
    return moment + timedelta(seconds=seconds)
