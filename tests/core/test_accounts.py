import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from core import administration, licenses
from core.accounts import Accounts
from core.audit import Act
from core.errors import (
    AppError,
    Invalid,
    InvalidCredentials,
    InvalidLicenseKey,
    LicenseAlreadyBound,
    LicenseNotFound,
    LicenseRevoked,
    LicenseSuspended,
    UserBanned,
    UserNotFound,
)
from core.license_clock import DAY
from core.passwords import Passwords
from core.settings import Settings
from storage.db import Database
from storage.models import User
from tests.conftest import IS_POSTGRES
from tests.fakes import MovedClock

NAME, PASSWORD = "streamer123", "SecurePass123!"
UNKNOWN_KEY = "TTB-0000-0000-0000"


async def test_a_new_username_and_an_unbound_key_make_an_account(
    accounts: Accounts, issue, clock: MovedClock
):
    found = await accounts.redeem(NAME, PASSWORD, await issue(days=30))

    assert found.account.username == NAME
    assert found.account.role == "user"
    assert found.account.settings == Settings(tiktok_username=NAME)
    assert found.license.expires_at == clock.now() + timedelta(days=30)


async def test_an_existing_username_gets_the_days_of_an_unbound_key(accounts: Accounts, issue):
    first = await accounts.redeem(NAME, PASSWORD, await issue(days=30))

    second = await accounts.redeem(NAME, PASSWORD, await issue(days=7))

    assert second.account.id == first.account.id
    assert second.license.expires_at == first.license.expires_at + timedelta(days=7)


async def test_a_key_of_the_same_account_answers_as_a_login(accounts: Accounts, issue):
    key = await issue()
    first = await accounts.redeem(NAME, PASSWORD, key)

    assert (await accounts.redeem(NAME, PASSWORD, key)).license == first.license


async def test_so_does_an_expired_one(accounts: Accounts, issue, clock: MovedClock):
    key = await issue(days=1)
    first = await accounts.redeem(NAME, PASSWORD, key)
    clock.move(30 * DAY)

    again = await accounts.redeem(NAME, PASSWORD, key)

    assert again.account.id == first.account.id
    assert again.license.expires_at == first.license.expires_at
    assert not again.license.is_live


async def test_usernames_are_compared_without_case_and_at(accounts: Accounts, issue):
    first = await accounts.redeem("Streamer.One_1", PASSWORD, await issue())

    assert (await accounts.login(" @STREAMER.one_1 ", PASSWORD)).account.id == first.account.id
    assert first.account.username == "streamer.one_1"


@pytest.mark.parametrize("name", ["", "a", "x" * 25, "with space", "имя", "a-b", "a@b", "a\nb"])
async def test_other_usernames_are_refused(accounts: Accounts, issue, name: str):
    with pytest.raises(Invalid) as refused:
        await accounts.redeem(name, PASSWORD, await issue())

    assert refused.value.details["field"] == "username"


async def test_a_mistyped_key_is_refused_before_anything_else(accounts: Accounts):
    with pytest.raises(InvalidLicenseKey):
        await accounts.redeem("!", "", "TTB-0000-0000-0001")


@pytest.mark.parametrize("name", [NAME, "nobody"])
async def test_without_a_known_key_a_short_password_tells_no_names(accounts: Accounts, issue, name: str):
    await accounts.redeem(NAME, PASSWORD, await issue())

    with pytest.raises(LicenseNotFound):
        await accounts.redeem(name, "123", UNKNOWN_KEY)


async def test_it_is_kept_when_somebody_was_here(accounts: Accounts, issue, db: Database, clock: MovedClock):
    user_id = (await accounts.redeem(NAME, PASSWORD, await issue())).account.id
    clock.move(3600)
    await accounts.login(NAME, PASSWORD)

    async with db.read() as uow:
        assert (await uow.accounts.get_user(user_id)).last_seen_at == clock.now()


@pytest.mark.skipif(IS_POSTGRES, reason="its trigger, which plays the full disk, is SQLite's")
async def test_one_can_sign_in_where_nothing_can_be_written(
    accounts: Accounts, issue, db: Database, clock: MovedClock
):
    key = await issue()
    await accounts.redeem(NAME, PASSWORD, key)
    clock.move(DAY)
    async with db.engine.begin() as connection:
        for table in ("users", "licenses"):
            await connection.exec_driver_sql(
                f"CREATE TRIGGER full_disk_{table} BEFORE UPDATE ON {table} "
                "BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END"
            )

    assert (await accounts.login(NAME, PASSWORD)).account.username == NAME
    assert (await accounts.redeem(NAME, PASSWORD, key)).account.username == NAME


async def test_a_short_password_makes_no_account(accounts: Accounts, issue):
    with pytest.raises(Invalid) as refused:
        await accounts.redeem(NAME, "12345", await issue())

    assert refused.value.details["field"] == "password"
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, "12345")


async def test_an_unknown_key_comes_before_a_wrong_password(accounts: Accounts, issue):
    await accounts.redeem(NAME, PASSWORD, await issue())

    with pytest.raises(LicenseNotFound):
        await accounts.redeem(NAME, "wrong", UNKNOWN_KEY)


@pytest.mark.parametrize("operation", [licenses.revoke, licenses.suspend])
async def test_a_wrong_password_comes_before_a_revoked_key(accounts: Accounts, issue, operate, operation):
    await accounts.redeem(NAME, PASSWORD, await issue())
    key = await issue()
    await operate(operation, key)

    with pytest.raises(InvalidCredentials):
        await accounts.redeem(NAME, "wrong", key)


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [(licenses.revoke, LicenseRevoked), (licenses.suspend, LicenseSuspended)],
)
@pytest.mark.parametrize("name", [NAME, "holder", "somebody_new"])
async def test_revoked_and_suspended_come_before_bound(
    accounts: Accounts, issue, operate, operation, refusal, name: str
):
    key = await issue()
    await accounts.redeem("holder", PASSWORD, key)
    await accounts.redeem(NAME, PASSWORD, await issue())
    await operate(operation, key)

    with pytest.raises(refusal):
        await accounts.redeem(name, PASSWORD, key)


async def test_a_key_of_another_account_is_refused(accounts: Accounts, issue):
    key = await issue()
    await accounts.redeem("holder", PASSWORD, key)

    with pytest.raises(LicenseAlreadyBound):
        await accounts.redeem(NAME, PASSWORD, key)
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, PASSWORD)


async def test_a_banned_account_is_kept_out(accounts: Accounts, issue, db: Database, clock: MovedClock):
    await accounts.redeem(NAME, PASSWORD, await issue())
    async with db.begin() as uow:
        user = await administration.find_user(uow, NAME)
        await administration.set_banned(uow, user, Act("test", clock.now()), is_banned=True)

    with pytest.raises(UserBanned):
        await accounts.login(NAME, PASSWORD)
    with pytest.raises(UserBanned):
        await accounts.redeem(NAME, PASSWORD, await issue())
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, "wrong password")


@pytest.mark.parametrize("name", [NAME, "nobody", "", "имя", "x" * 500])
async def test_wrong_credentials_are_refused_alike(accounts: Accounts, issue, name: str):
    await accounts.redeem(NAME, PASSWORD, await issue())

    with pytest.raises(InvalidCredentials):
        await accounts.login(name, "wrong password")


async def test_signing_in_without_a_password_needs_a_known_account(accounts: Accounts, issue):
    known = await accounts.redeem(NAME, PASSWORD, await issue())

    assert (await accounts.sign_in(known.account.id)).account == known.account
    with pytest.raises(UserNotFound):
        await accounts.sign_in(known.account.id + 1)


async def test_the_same_key_at_the_same_moment_binds_once(accounts: Accounts, issue, clock: MovedClock):
    key = await issue(days=30)

    answers = await asyncio.gather(*[accounts.redeem(NAME, PASSWORD, key) for _ in range(8)])

    assert {answer.account.id for answer in answers} == {answers[0].account.id}
    assert {answer.license.expires_at for answer in answers} == {clock.now() + timedelta(days=30)}


async def test_of_two_accounts_one_gets_the_key(accounts: Accounts, issue):
    key = await issue()

    answers = await asyncio.gather(
        *[accounts.redeem(f"streamer{number}", PASSWORD, key) for number in range(8)], return_exceptions=True
    )

    refusals = Counter(type(answer) for answer in answers if isinstance(answer, AppError))
    assert refusals == {LicenseAlreadyBound: 7}


async def test_losers_of_the_race_leave_no_account(accounts: Accounts, issue, db: Database):
    key = await issue()

    await asyncio.gather(
        *[accounts.redeem(f"streamer{number}", PASSWORD, key) for number in range(8)], return_exceptions=True
    )

    async with db.read() as uow:
        assert await uow.accounts.count_users() == 1


async def test_several_keys_at_the_same_moment_all_count(accounts: Accounts, issue, clock: MovedClock):
    made = [await issue(days=10) for _ in range(6)]

    await asyncio.gather(*[accounts.redeem(NAME, PASSWORD, key) for key in made])

    found = await accounts.login(NAME, PASSWORD)
    assert found.license.expires_at == clock.now() + timedelta(days=60)


async def test_one_username_with_two_passwords_at_once_is_one_account(accounts: Accounts, issue):
    keys = [await issue(), await issue()]

    answers = await asyncio.gather(
        accounts.redeem(NAME, "first password", keys[0]),
        accounts.redeem(NAME, "second password", keys[1]),
        return_exceptions=True,
    )

    assert [type(answer).__name__ for answer in answers].count("InvalidCredentials") == 1


async def test_changing_the_password_ends_older_tokens(accounts: Accounts, issue):
    before = (await accounts.redeem(NAME, PASSWORD, await issue())).account

    await accounts.change_password(before.id, PASSWORD, "another password")

    after = (await accounts.login(NAME, "another password")).account
    assert after.token_version == before.token_version + 1
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, PASSWORD)


async def test_only_who_knows_the_password_changes_it(accounts: Accounts, issue):
    account = (await accounts.redeem(NAME, PASSWORD, await issue())).account

    with pytest.raises(InvalidCredentials):
        await accounts.change_password(account.id, "wrong password", "another password")
    with pytest.raises(Invalid) as refused:
        await accounts.change_password(account.id, PASSWORD, "short")
    assert refused.value.details["field"] == "new_password"


async def test_an_old_hash_is_made_anew_at_login(
    accounts: Accounts, issue, db: Database, config, clock: MovedClock, keys
):
    account = (await accounts.redeem(NAME, PASSWORD, await issue())).account
    stronger = Passwords()

    await Accounts(db, stronger, keys, config, clock).login(NAME, PASSWORD)
    stronger.close()

    async with db.read() as uow:
        user = await uow.accounts.get_user(account.id)
    assert user.password_hash.startswith("$argon2id$v=19$m=19456")
    assert (await accounts.login(NAME, PASSWORD)).account.token_version == account.token_version


async def test_the_profile_says_what_the_account_is_and_may(accounts: Accounts, issue):
    signed_in = await accounts.redeem(NAME, PASSWORD, await issue(plan="studio"))

    found = await accounts.profile(signed_in.account.id)

    assert (found.username, found.role, found.plan) == (NAME, "user", "studio")
    assert found.license_expires_at == signed_in.license.expires_at
    assert found.settings.tiktok_username == NAME


async def test_who_came_by_telegram_has_no_username(accounts: Accounts, db: Database, clock: MovedClock):
    async with db.begin() as uow:
        user = await administration.find_or_create_user(uow, "tg:77", Act("test", clock.now()))

    found = await accounts.sign_in(user.id)

    assert (found.account.username, found.account.telegram_id) == (None, 77)
    assert found.license.expires_at is None


async def test_a_taken_username_is_not_given_twice(db: Database, clock: MovedClock):
    async with db.begin() as uow:
        first = await uow.accounts.add_user(User(username=NAME, created_at=clock.now()))
        second = await uow.accounts.add_user(User(username=NAME, created_at=clock.now()))

    assert (first, second) == (True, False)
