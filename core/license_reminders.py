"""Reminding people that their license ends: 7, 3 and 1 days before, and when it has."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core import license_clock, notices
from core.clock import Clock, iso
from core.config import Config
from core.notices import NoticeKind
from storage.db import Database, UnitOfWork
from storage.models import License, LicenseStatus, User

STAGES = (0, 1, 3, 7)  # days before the end; 0: it has ended
DAY = timedelta(days=1)
SAME = timedelta(minutes=30)  # an end that moved by more is another one
STALE = timedelta(days=2)  # nobody is told later that it ended
PAGE = 200


async def remind(db: Database, config: Config, clock: Clock) -> int:
    """Write what is due; how many notices."""
    after, told = 0, 0
    while True:
        async with db.begin() as uow:
            users = await uow.sales.licensed_users(after, PAGE)
            keys = await uow.sales.active_licenses([user.id for user in users])
            for user in users:
                told += await _remind(uow, user, keys.get(user.id, []), config, clock.now())
        if len(users) < PAGE:
            return told
        after = users[-1].id


async def _remind(
    uow: UnitOfWork, user: User, keys: Sequence[License], config: Config, now: datetime
) -> bool:
    stage = _stage(user, keys, config, now)
    if stage is None:
        return False
    expires_at = license_clock.end_of(user, keys) or now
    known = await uow.sales.reminder(user.id)
    is_same = known is not None and abs(known.expires_at - expires_at) < SAME
    if known is not None and is_same and known.told <= stage:
        return False
    await uow.sales.remind(user.id, expires_at, stage)
    key = f"license_ending:{iso(expires_at)}:{stage}"
    plan = license_clock.state_at(user, keys, now, config).plan or _last(keys).plan
    await notices.add(
        uow,
        user.id,
        NoticeKind.LICENSE_ENDING,
        key,
        now,
        days=stage,
        expires_at=iso(expires_at),
        plan=plan,
    )
    return True


def _stage(user: User, keys: Sequence[License], config: Config, now: datetime) -> int | None:
    """The last one reached. One that the license began in is none: who has just bought a week knows."""
    expires_at = license_clock.end_of(user, keys) if keys else None
    if expires_at is None or license_clock.state_at(user, keys, now, config).is_withdrawn:
        return None
    began_at = _last(keys).redeemed_at or user.created_at
    left = expires_at - now
    if left <= timedelta():
        return 0 if left > -STALE else None
    reached = [stage for stage in STAGES if stage and left <= stage * DAY < expires_at - began_at]
    return min(reached, default=None)


def _last(keys: Sequence[License]) -> License:
    return [key for key in keys if key.status is LicenseStatus.ACTIVE][-1]
