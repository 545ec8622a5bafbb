import asyncio
from datetime import timedelta

import pytest

from core import licenses
from core.accounts import Accounts
from core.audit import Act
from core.errors import (
    Conflict,
    Invalid,
    InvalidLicenseKey,
    LicenseNotFound,
    LicenseRevoked,
    LicenseSuspended,
)
from core.license_clock import DAY, LicenseState
from core.secrets import Secrets
from storage.db import Database
from storage.models import ChangeKind, LicenseStatus
from tests.fakes import MovedClock

NAME, PASSWORD = "streamer123", "SecurePass123!"


@pytest.fixture
def redeem(accounts: Accounts):
    async def redeem(key: str, name: str = NAME) -> LicenseState:
        return (await accounts.redeem(name, PASSWORD, key)).license

    return redeem


@pytest.fixture
def state(accounts: Accounts):
    async def state(name: str = NAME) -> LicenseState:
        return (await accounts.login(name, PASSWORD)).license

    return state


async def test_days_run_from_redemption(issue, redeem, clock: MovedClock):
    key = await issue(days=30)
    clock.move(90 * DAY)

    found = await redeem(key)

    assert found.expires_at == clock.now() + timedelta(days=30)
    assert found.is_live
    assert found.plan == "standard"


async def test_days_of_a_further_key_follow_those_before(issue, redeem, clock: MovedClock):
    start = clock.now()
    await redeem(await issue(days=30))
    clock.move(10 * DAY)

    found = await redeem(await issue(days=7))

    assert found.expires_at == start + timedelta(days=37)


async def test_days_after_a_gap_run_from_the_new_redemption(issue, redeem, clock: MovedClock):
    await redeem(await issue(days=30))
    clock.move(100 * DAY)

    found = await redeem(await issue(days=7))

    assert found.expires_at == clock.now() + timedelta(days=7)


async def test_a_license_ends(issue, redeem, state, clock: MovedClock):
    end = (await redeem(await issue(days=1))).expires_at
    clock.move(2 * DAY)

    found = await state()

    assert found == LicenseState(expires_at=end)


async def test_the_best_key_with_days_left_gives_the_plan(issue, redeem, state, clock: MovedClock):
    await redeem(await issue(days=10, plan="studio"))
    await redeem(await issue(days=10))

    assert (await state()).plan == "studio"
    clock.move(11 * DAY)
    assert (await state()).plan == "standard"


async def test_a_better_key_counts_although_its_days_come_later(issue, redeem):
    await redeem(await issue(days=10))

    assert (await redeem(await issue(days=10, plan="studio"))).plan == "studio"


async def test_revoking_takes_what_that_key_has_left(issue, redeem, operate, state, clock: MovedClock):
    start = clock.now()
    first, second = await issue(days=10), await issue(days=20)
    await redeem(first)
    await redeem(second)
    clock.move(4 * DAY)

    await operate(licenses.revoke, first)

    assert (await state()).expires_at == start + timedelta(days=4 + 20)


async def test_revoking_the_only_key_ends_the_license_now(issue, redeem, operate, state, clock: MovedClock):
    key = await issue()
    await redeem(key)
    clock.move(DAY)

    await operate(licenses.revoke, key)

    assert await state() == LicenseState(expires_at=clock.now(), is_withdrawn=True)


async def test_revoking_ends_every_token(accounts: Accounts, issue, operate):
    key = await issue()
    before = (await accounts.redeem(NAME, PASSWORD, key)).account

    await operate(licenses.revoke, key)

    assert (await accounts.login(NAME, PASSWORD)).account.token_version == before.token_version + 1


async def test_revoking_twice_changes_nothing_more(accounts: Accounts, issue, operate):
    key = await issue()
    await accounts.redeem(NAME, PASSWORD, key)
    await operate(licenses.revoke, key)
    version = (await accounts.login(NAME, PASSWORD)).account.token_version

    await operate(licenses.revoke, key)

    assert (await accounts.login(NAME, PASSWORD)).account.token_version == version


async def test_a_suspended_keys_clock_stands_still(issue, redeem, operate, state, clock: MovedClock):
    key = await issue(days=30)
    await redeem(key)
    clock.move(10 * DAY)
    await operate(licenses.suspend, key)
    clock.move(100 * DAY)

    assert not (await state()).is_live
    await operate(licenses.resume, key)

    assert (await state()).expires_at == clock.now() + timedelta(days=20)


async def test_while_one_key_is_suspended_the_next_one_runs(issue, redeem, operate, state, clock: MovedClock):
    first, second = await issue(days=10), await issue(days=20)
    await redeem(first)
    await redeem(second)
    await operate(licenses.suspend, first)
    clock.move(5 * DAY)

    await operate(licenses.resume, first)

    assert (await state()).expires_at == clock.now() + timedelta(days=10 + 15)


async def test_an_unredeemed_key_is_suspended_and_resumed(issue, redeem, operate, clock: MovedClock):
    key = await issue(days=30)
    await operate(licenses.suspend, key)
    with pytest.raises(LicenseSuspended):
        await redeem(key)
    await operate(licenses.resume, key)

    assert (await redeem(key)).expires_at == clock.now() + timedelta(days=30)


async def test_only_a_suspended_key_is_resumed(issue, operate):
    with pytest.raises(Conflict):
        await operate(licenses.resume, await issue())


async def test_extending_adds_days_to_a_running_key(issue, redeem, operate, state, clock: MovedClock):
    key = await issue(days=30)
    end = (await redeem(key)).expires_at
    clock.move(10 * DAY)

    await operate(licenses.extend, key, 7)

    assert (await state()).expires_at == end + timedelta(days=7)


async def test_extending_an_expired_key_runs_from_now(issue, redeem, operate, state, clock: MovedClock):
    key = await issue(days=30)
    await redeem(key)
    clock.move(100 * DAY)

    await operate(licenses.extend, key, 7)

    assert (await state()).expires_at == clock.now() + timedelta(days=7)


async def test_extending_an_unredeemed_key_makes_it_worth_more(issue, redeem, operate, clock: MovedClock):
    key = await issue(days=30)

    await operate(licenses.extend, key, 7)

    assert (await redeem(key)).expires_at == clock.now() + timedelta(days=37)


async def test_rotating_gives_another_key_for_the_same_license(
    issue, redeem, operate, db: Database, keys: Secrets, clock: MovedClock
):
    old = await issue(days=30)
    end = (await redeem(old)).expires_at
    clock.move(10 * DAY)

    new = await rotated(operate, keys, old)

    assert (await redeem(new)).expires_at == end
    with pytest.raises(LicenseRevoked):
        await redeem(old)
    async with db.read() as uow:
        record = await licenses.find(uow, old, keys.license_pepper)
    assert record.status is LicenseStatus.REVOKED


async def test_an_unredeemed_key_is_rotated(issue, redeem, operate, keys: Secrets, clock: MovedClock):
    new = await rotated(operate, keys, await issue(days=30))

    assert (await redeem(new)).expires_at == clock.now() + timedelta(days=30)


async def rotated(operate, keys: Secrets, key: str) -> str:
    return await operate(lambda uow, found, by: licenses.rotate(uow, found, keys.license_pepper, by), key)


async def test_transferring_takes_what_is_left_to_the_other_account(
    accounts: Accounts, issue, redeem, operate, state, clock: MovedClock
):
    key = await issue(days=30)
    await redeem(key)
    other = await accounts.redeem("other", PASSWORD, await issue(days=5))
    start = clock.now()
    clock.move(10 * DAY)

    await operate(licenses.transfer, key, other.account.id)

    assert not (await state(NAME)).is_live
    assert (await state("other")).expires_at == start + timedelta(days=10 + 20)


async def test_a_transferred_key_signs_its_new_holder_in(accounts: Accounts, issue, redeem, operate):
    key = await issue(days=30)
    await redeem(key)
    other = await accounts.redeem("other", PASSWORD, await issue(days=5))

    await operate(licenses.transfer, key, other.account.id)

    assert (await redeem(key, "other")).is_live
    with pytest.raises(Conflict):
        await redeem(key, NAME)


async def test_an_unredeemed_key_is_bound_by_a_transfer(
    accounts: Accounts, issue, operate, state, clock: MovedClock
):
    other = await accounts.redeem("other", PASSWORD, await issue(days=5))

    await operate(licenses.transfer, await issue(days=30), other.account.id)

    assert (await state("other")).expires_at == clock.now() + timedelta(days=35)


async def test_a_suspended_key_stays_suspended_with_its_new_holder(
    accounts: Accounts, issue, redeem, operate, state
):
    key = await issue(days=30)
    await redeem(key)
    other = await accounts.redeem("other", PASSWORD, await issue(days=1))
    before = (await state("other")).expires_at
    await operate(licenses.suspend, key)

    await operate(licenses.transfer, key, other.account.id)

    assert (await state("other")).expires_at == before


async def test_changes_in_opposite_directions_do_not_block_each_other(
    accounts: Accounts, issue, redeem, operate, state, clock: MovedClock
):
    mine, theirs = await issue(days=10), await issue(days=20)
    me = (await accounts.redeem(NAME, PASSWORD, mine)).account.id
    other = (await accounts.redeem("other", PASSWORD, theirs)).account.id

    async with asyncio.timeout(60):
        await asyncio.gather(
            operate(licenses.transfer, mine, other),
            operate(licenses.transfer, theirs, me),
            *[operate(licenses.extend, key, 1) for key in (mine, theirs) * 3],
            redeem(await issue(days=5)),
            redeem(await issue(days=5), "other"),
            return_exceptions=True,
        )

    assert (await state()).expires_at >= clock.now() + timedelta(days=25)
    assert (await state("other")).expires_at >= clock.now() + timedelta(days=15)


@pytest.mark.parametrize("operation", [licenses.suspend, licenses.rotate, licenses.extend, licenses.transfer])
async def test_a_revoked_key_stays_revoked(issue, operate, operation, accounts: Accounts):
    key = await issue()
    user = (await accounts.redeem(NAME, PASSWORD, await issue())).account
    await operate(licenses.revoke, key)
    arguments = {licenses.rotate: [b"pepper"], licenses.extend: [1], licenses.transfer: [user.id]}

    with pytest.raises(LicenseRevoked):
        await operate(operation, key, *arguments.get(operation, []))


async def test_a_key_is_found_by_its_last_six_letters(db: Database, issue, keys: Secrets):
    key = await issue()

    async with db.read() as uow:
        whole = await licenses.find(uow, key.lower(), keys.license_pepper)
        short = await licenses.find(uow, key.replace("-", "")[-6:].lower(), keys.license_pepper)

    assert whole.id == short.id


async def test_six_letters_that_fit_two_keys_find_none(db: Database, issue, keys: Secrets):
    key = await issue()
    async with db.begin() as uow:
        twin = await licenses.find(uow, await issue_in(uow, keys), keys.license_pepper)
        twin.key_tail = key.replace("-", "")[-6:]

    async with db.read() as uow:
        with pytest.raises(Conflict, match="2 licenses"):
            await licenses.find(uow, twin.key_tail, keys.license_pepper)


async def issue_in(uow, keys: Secrets) -> str:
    by = Act("test", MovedClock().now())
    return (await licenses.issue(uow, licenses.Batch("standard", 30), keys.license_pepper, by))[0]


async def test_unknown_and_mistyped_keys_are_told_apart(db: Database, issue, keys: Secrets):
    key = await issue()
    async with db.read() as uow:
        with pytest.raises(LicenseNotFound):
            await licenses.find(uow, key, b"another pepper")
        with pytest.raises(InvalidLicenseKey):
            await licenses.find(uow, key[:-1], keys.license_pepper)
        with pytest.raises(LicenseNotFound):
            await licenses.find(uow, "000000", keys.license_pepper)


async def test_the_key_itself_is_not_stored(db: Database, issue, keys: Secrets):
    key = await issue()

    async with db.read() as uow:
        row = await licenses.find(uow, key, keys.license_pepper)

    stored = [str(getattr(row, column.name)) for column in row.__table__.columns]
    assert not [value for value in stored if key.replace("-", "")[3:] in value.replace("-", "")]


@pytest.mark.parametrize(("days", "count"), [(0, 1), (36_501, 1), (30, 0), (30, 10_001)])
async def test_senseless_batches_are_refused(db: Database, keys: Secrets, days: int, count: int):
    batch = licenses.Batch("standard", days, count)
    by = Act("test", MovedClock().now())

    async with db.begin() as uow:
        with pytest.raises(Invalid):
            await licenses.issue(uow, batch, keys.license_pepper, by)


async def test_what_is_done_to_a_license_is_kept_and_told(db: Database, issue, redeem, operate):
    key = await issue()
    await redeem(key)
    tail = key.replace("-", "")[-6:]

    await operate(licenses.suspend, key)

    async with db.read() as uow:
        (entry,) = await uow.audit.list_page(subject=f"license:{tail}")
        changes = await uow.accounts.changes_after(0)
    assert (entry.actor, entry.action) == ("test", "license.suspend")
    assert [change.kind for change in changes] == [ChangeKind.ACCESS, ChangeKind.ACCESS]
