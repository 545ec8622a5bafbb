import asyncio
from pathlib import Path

import pytest

from core import administration, licenses
from core.access import KEPT_SECONDS, Access
from core.accounts import Accounts
from core.audit import Act
from core.config import Config
from core.errors import InvalidToken
from core.license_clock import DAY
from storage.db import Database, DatabaseError
from storage.models import ChangeKind, UserRole
from tests.fakes import MovedClock

NAME, PASSWORD = "streamer123", "SecurePass123!"


@pytest.fixture
def access(db: Database, config, clock: MovedClock) -> Access:
    return Access(db, config, clock)


@pytest.fixture
async def user_id(accounts: Accounts, issue) -> int:
    return (await accounts.redeem(NAME, PASSWORD, await issue())).account.id


async def ban(db: Database, clock: MovedClock) -> None:
    async with db.begin() as uow:
        user = await administration.find_user(uow, NAME)
        await administration.set_banned(uow, user, Act("test", clock.now()), is_banned=True)


async def test_it_says_what_an_account_may(access: Access, user_id: int):
    found = await access.of(user_id)

    assert (found.role, found.is_banned, found.token_version, found.overlay_version) == ("user", False, 1, 1)
    assert found.license.is_live


async def test_an_unknown_account_has_no_access(access: Access):
    with pytest.raises(InvalidToken):
        await access.of(1)


async def test_an_answer_is_kept_for_a_few_seconds(
    access: Access, user_id: int, db: Database, clock: MovedClock
):
    before = await access.of(user_id)
    await ban(db, clock)

    assert await access.of(user_id) is before
    clock.move(KEPT_SECONDS)
    assert (await access.of(user_id)).is_banned


async def test_a_change_drops_what_is_kept(access: Access, user_id: int, db: Database, clock: MovedClock):
    await access.of(user_id)
    await ban(db, clock)

    access.drop(user_id, ChangeKind.SETUP)
    assert not (await access.of(user_id)).is_banned
    access.drop(user_id, ChangeKind.ACCESS)
    assert (await access.of(user_id)).is_banned
    assert (await access.of(user_id)).token_version == 2


async def test_a_license_that_runs_out_is_noticed(access: Access, user_id: int, clock: MovedClock):
    await access.of(user_id)
    clock.move(31 * DAY)

    assert not (await access.of(user_id)).license.is_live


async def test_a_new_role_is_seen(access: Access, user_id: int, db: Database, clock: MovedClock):
    async with db.begin() as uow:
        user = await administration.find_user(uow, NAME)
        await administration.set_role(uow, user, UserRole.ADMIN, Act("test", clock.now()), Config())

    assert (await access.of(user_id)).role == "admin"


async def test_what_is_kept_is_bounded(
    db: Database, config, clock: MovedClock, accounts: Accounts, issue, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.access.MAX_KEPT", 2)
    access = Access(db, config, clock)
    users = [
        (await accounts.redeem(f"user{number}", PASSWORD, await issue())).account.id for number in range(4)
    ]

    for user_id in users:
        await access.of(user_id)

    assert list(access._kept) == users[-2:]


async def test_a_revocation_is_told_from_an_end(access: Access, accounts: Accounts, issue, operate):
    key = await issue()
    user_id = (await accounts.redeem(NAME, PASSWORD, key)).account.id

    await operate(licenses.revoke, key)

    assert (await access.of(user_id)).license.is_withdrawn


@pytest.fixture
async def crowd(accounts: Accounts, issue) -> list[int]:
    return [(await accounts.redeem(f"crowd{one}", PASSWORD, await issue())).account.id for one in range(5)]


@pytest.fixture
def reads(db: Database) -> list[float]:
    """One for each unit of work."""
    seen: list[float] = []

    def note(seconds: float, *, writes: bool) -> None:
        seen.append(seconds)

    db.on_done = note
    return seen


async def test_those_who_ask_meanwhile_are_asked_for_together(access: Access, crowd, reads):
    found = await asyncio.gather(*(access.of(one) for one in crowd), *(access.of(one) for one in crowd))

    assert [one.license.is_live for one in found] == [True] * 10
    assert len(reads) == 2  # the first at once, the others together


async def test_each_hears_of_their_own_account(access: Access, crowd, db: Database, clock: MovedClock):
    async with db.begin() as uow:
        user = await administration.find_user(uow, "crowd3")
        await administration.set_banned(uow, user, Act("test", clock.now()), is_banned=True)

    found = await asyncio.gather(*(access.of(one) for one in [*crowd, 999]), return_exceptions=True)

    assert [one.is_banned for one in found[:-1]] == [False, False, False, True, False]
    assert isinstance(found[-1], InvalidToken)


async def test_whoever_gives_up_takes_nobody_along(access: Access, crowd):
    asking = [asyncio.create_task(access.of(one)) for one in crowd]
    await asyncio.sleep(0)
    asking[0].cancel()

    found = await asyncio.gather(*asking, return_exceptions=True)

    assert isinstance(found[0], asyncio.CancelledError)
    assert all(one.license.is_live for one in found[1:])


async def test_all_hear_of_a_database_that_fails(config: Config, clock: MovedClock, tmp_path: Path):
    empty = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")  # without a table
    access = Access(empty, config, clock)

    found = await asyncio.gather(*(access.of(one) for one in range(5)), return_exceptions=True)
    await empty.close()

    assert [isinstance(one, DatabaseError) for one in found] == [True] * 5


async def test_what_changes_while_it_is_asked_for_is_not_kept(access: Access, user_id: int):
    asking = asyncio.create_task(access.of(user_id))
    while not access._read:
        await asyncio.sleep(0)
    access.drop(user_id)
    before = await asking

    assert await access.of(user_id) is not before
