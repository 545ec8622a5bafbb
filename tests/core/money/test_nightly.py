"""The ledger verified by the clock."""

import pytest

from core.config import Config
from core.jobs import jobs
from core.money import nightly
from storage.db import Database
from storage.models import User, UserRole
from tests.core.money.kit import BY, tamper
from tests.fakes import MovedClock

FORGED = "UPDATE ledger_accounts SET balance = balance + 5 WHERE kind = 'wallet'"


@pytest.fixture
async def admins(db: Database, user_id: int) -> list[int]:
    """By role, and by their Telegram id 11; besides an admin who is banned, and the one with money."""
    people = [
        User(telegram_id=10, role=UserRole.ADMIN, created_at=BY.at),
        User(telegram_id=11, created_at=BY.at),
        User(telegram_id=12, role=UserRole.ADMIN, is_banned=True, created_at=BY.at),
    ]
    async with db.begin() as uow:
        for one in people:
            await uow.accounts.add_user(one)
    return [people[0].id, people[1].id]


async def notices(db: Database, user_id: int):
    async with db.read() as uow:
        return [await uow.notices.has(user_id, f"ledger:2026-01-0{day}") for day in (1, 2)]


async def test_that_it_holds_is_noted_and_nobody_is_told(db: Database, top_up, admins, clock: MovedClock):
    await top_up(100)

    told = await nightly.verify_and_alert(db, clock, [11])

    async with db.read() as uow:
        assert await nightly.last(uow) == nightly.Verified(clock.now(), 1, 2, 0)
    assert told == "1 entries, 2 accounts: the ledger holds"
    assert await notices(db, admins[0]) == [False, False]


async def test_never_verified_is_told_from_verified(db: Database):
    async with db.read() as uow:
        assert await nightly.last(uow) is None


@pytest.mark.tampered
async def test_admins_hear_of_what_does_not_hold_once_a_day(
    db: Database, user_id: int, top_up, admins, clock: MovedClock
):
    await top_up(100)
    await tamper(db, FORGED)

    await nightly.verify_and_alert(db, clock, [11, 99])
    await nightly.verify_and_alert(db, clock, [11, 99])

    assert [await notices(db, admin) for admin in admins] == [[True, False]] * 2
    assert await notices(db, user_id) == [False, False]
    async with db.read() as uow:
        assert (await nightly.last(uow)).broken == 2


@pytest.mark.tampered
async def test_they_hear_of_it_again_the_next_day(db: Database, top_up, admins, clock: MovedClock):
    await top_up(100)
    await tamper(db, FORGED)

    await nightly.verify_and_alert(db, clock, [])
    clock.move(86_400)
    await nightly.verify_and_alert(db, clock, [])

    assert await notices(db, admins[0]) == [True, True]


@pytest.mark.tampered
async def test_what_is_broken_is_no_anchor(db: Database, top_up, clock: MovedClock):
    await top_up(100)
    await tamper(db, FORGED)

    await nightly.run(db, clock)

    async with db.read() as uow:
        assert await uow.accounts.get_meta("ledger_anchor") is None


async def test_it_is_one_of_the_daily_jobs(db: Database, config: Config, clock: MovedClock):
    [job] = [one for one in jobs(config, db, _Swept, clock, None) if one.name == "verify_ledger"]

    assert job.every_hours == 24
    assert await job.work() == "0 entries, 0 accounts: the ledger holds"


class _Swept:
    """Stands where the sounds do."""

    @staticmethod
    async def sweep() -> None: ...

    @staticmethod
    async def measure() -> None: ...
