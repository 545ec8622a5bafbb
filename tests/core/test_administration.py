import pytest

from core import administration
from core.accounts import Accounts
from core.audit import Act
from core.config import Config, Telegram
from core.errors import Conflict, Invalid, InvalidCredentials, UserNotFound
from storage.db import Database
from storage.models import ChangeKind, UserRole
from tests.fakes import MovedClock

NAME, PASSWORD = "streamer123", "SecurePass123!"


@pytest.fixture
def by(clock: MovedClock) -> Act:
    return Act("cli", clock.now())


@pytest.fixture
async def user(accounts: Accounts, issue, db: Database):
    await accounts.redeem(NAME, PASSWORD, await issue())
    async with db.read() as uow:
        return await administration.find_user(uow, f"@{NAME.upper()}")


async def test_a_person_is_found_by_username_or_telegram(db: Database, user, by: Act):
    async with db.begin() as uow:
        (await uow.accounts.get_user(user.id)).telegram_id = 77
    async with db.read() as uow:
        assert (await administration.find_user(uow, "tg:77")).id == user.id


@pytest.mark.parametrize("text", ["nobody", "tg:78", ""])
async def test_others_are_not(db: Database, user, text: str):
    async with db.read() as uow:
        with pytest.raises(UserNotFound):
            await administration.find_user(uow, text)


@pytest.mark.parametrize(
    "text", ["tg:", "tg:x", "tg:-1", "tg:0", "tg:9999999999999999", f"tg:{'0' * 20}{'9' * 20}", "tg:١"]
)
async def test_a_wrong_telegram_id_is_told(db: Database, text: str):
    async with db.read() as uow:
        with pytest.raises(Invalid):
            await administration.find_user(uow, text)


async def test_a_person_who_has_not_come_yet_gets_an_account(db: Database, by: Act):
    async with db.begin() as uow:
        made = await administration.find_or_create_user(uow, "tg:77", by)
        again = await administration.find_or_create_user(uow, "tg:77", by)

    assert made.id == again.id
    assert (made.telegram_id, made.username, made.role) == (77, None, UserRole.USER)


async def test_a_username_that_has_not_come_yet_gets_none(db: Database, by: Act):
    async with db.begin() as uow:
        with pytest.raises(UserNotFound):
            await administration.find_or_create_user(uow, "nobody", by)


async def test_renaming_keeps_account_password_and_tiktok_name(
    accounts: Accounts, db: Database, user, by: Act
):
    async with db.begin() as uow:
        await administration.rename(uow, user, "@New.Name", by)

    found = (await accounts.login("new.name", PASSWORD)).account
    assert (found.id, found.settings.tiktok_username) == (user.id, NAME)
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, PASSWORD)


async def test_a_taken_name_is_refused(accounts: Accounts, issue, db: Database, user, by: Act):
    await accounts.redeem("other", PASSWORD, await issue())

    async with db.begin() as uow:
        with pytest.raises(Conflict, match="other is taken"):
            await administration.rename(uow, user, "Other", by)


async def test_one_can_be_renamed_to_ones_own_name(db: Database, user, by: Act):
    async with db.begin() as uow:
        assert (await administration.rename(uow, user, NAME, by)).username == NAME


async def test_a_ban_ends_tokens_and_is_told(db: Database, user, by: Act):
    async with db.begin() as uow:
        banned = await administration.set_banned(uow, user, by, is_banned=True)

    async with db.read() as uow:
        change = (await uow.accounts.changes_after(0))[-1]
        (entry,) = await uow.audit.list_page(subject=f"user:{user.id}")
    assert (banned.is_banned, banned.token_version) == (True, 2)
    assert (change.user_id, change.kind) == (user.id, ChangeKind.ACCESS)
    assert (entry.actor, entry.action) == ("cli", "user.ban")


async def test_a_second_ban_changes_nothing(db: Database, user, by: Act):
    async with db.begin() as uow:
        await administration.set_banned(uow, user, by, is_banned=True)
        again = await administration.set_banned(uow, user, by, is_banned=True)

    assert again.token_version == 2


async def test_a_reset_password_replaces_the_old_one(
    accounts: Accounts, passwords, db: Database, user, by: Act
):
    hashed = await passwords.hash("printed once")

    async with db.begin() as uow:
        await administration.reset_password(uow, user, hashed, by)

    assert (await accounts.login(NAME, "printed once")).account.token_version == 2


async def test_without_a_username_there_is_no_password(db: Database, by: Act):
    async with db.begin() as uow:
        person = await administration.find_or_create_user(uow, "tg:77", by)
        with pytest.raises(Conflict):
            await administration.reset_password(uow, person, "hash", by)


async def test_a_role_is_given_and_taken(db: Database, user, by: Act):
    async with db.begin() as uow:
        given = (await administration.set_role(uow, user, UserRole.ADMIN, by, Config())).role
        taken = (await administration.set_role(uow, user, UserRole.USER, by, Config())).role

    assert (given, taken) == (UserRole.ADMIN, UserRole.USER)
    async with db.read() as uow:
        entries = await uow.audit.list_page(subject=f"user:{user.id}")
    assert [entry.details["after"] for entry in entries] == ["user", "admin"]


async def test_an_administrator_of_the_configuration_stays_one(db: Database, by: Act):
    named = Config(telegram=Telegram(admin_ids=[77]))
    async with db.begin() as uow:
        boss = await administration.find_or_create_user(uow, "tg:77", by)
        with pytest.raises(Conflict, match=r"telegram\.admin_ids"):
            await administration.set_role(uow, boss, UserRole.USER, by, named)


async def test_people_are_listed_by_part_of_their_name(db: Database, user, by: Act):
    async with db.begin() as uow:
        await administration.find_or_create_user(uow, "tg:77", by)

    async with db.read() as uow:
        assert [one.id for one in await uow.accounts.list_users(text="mer1")] == [user.id]
        assert [one.telegram_id for one in await uow.accounts.list_users(text="tg:77")] == [77]
        assert list(await uow.accounts.list_users(text="%")) == []
        assert len(await uow.accounts.list_users()) == 2
