import re
from pathlib import Path

import pytest

from core import password_reset
from core.accounts import Accounts
from core.config import Config
from core.errors import Invalid, InvalidCode, InvalidCredentials
from core.notices import NoticeKind
from storage.db import Database
from storage.models.base import Base
from tests.fakes import MovedClock

NAME, PASSWORD, NEW = "streamer123", "SecurePass123!", "another password"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path, telegram={"token": "42:TEST"})


@pytest.fixture
async def accounts(db: Database, passwords, keys, config, clock: MovedClock, issue) -> Accounts:
    """With one account, linked to the Telegram chat 77."""
    made = Accounts(db, passwords, keys, config, clock)
    signed_in = await made.redeem(NAME, PASSWORD, await issue())
    async with db.begin() as uow:
        user = await uow.accounts.get_user(signed_in.account.id)
        user.telegram_id = 77
    return made


@pytest.fixture
def sent(accounts: Accounts, db: Database, clock: MovedClock):
    """Codes the bot is to send, oldest first."""

    async def sent() -> list[str]:
        async with db.read() as uow:
            due = await uow.notices.due(clock.now(), 100)
        codes = [one for one in due if one.kind == NoticeKind.RESET_CODE]
        return [accounts.reset_code(one.data["seed"]) for one in codes]

    return sent


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_goes_to_the_linked_chat_and_sets_a_password(accounts: Accounts, sent):
    before = (await accounts.login(NAME, PASSWORD)).account

    await accounts.request_reset("@Streamer123")
    [code] = await sent()
    await accounts.confirm_reset(NAME, f" {code} ", NEW)

    assert len(code) == 6
    assert (await accounts.login(NAME, NEW)).account.token_version == before.token_version + 1
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, PASSWORD)


async def test_a_code_works_once(accounts: Accounts, sent):
    await accounts.request_reset(NAME)
    await accounts.confirm_reset(NAME, (await sent())[0], NEW)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, (await sent())[0], "third password")


async def test_unknown_names_are_answered_alike(accounts: Accounts, sent):
    assert await accounts.request_reset("nobody") is None
    with pytest.raises(InvalidCode):
        await accounts.confirm_reset("nobody", "123456", NEW)
    assert await sent() == []


async def test_without_a_chat_nothing_is_sent(accounts: Accounts, sent, issue):
    await accounts.redeem("other", PASSWORD, await issue())

    assert await accounts.request_reset("other") is None
    assert await sent() == []


async def test_without_a_bot_there_is_no_code(
    accounts: Accounts, db: Database, passwords, keys, tmp_path: Path, clock: MovedClock
):
    silent = Accounts(db, passwords, keys, Config(data_dir=tmp_path), clock)

    await silent.request_reset(NAME)

    async with db.read() as uow:
        user = await uow.accounts.get_by_username(NAME)
        assert await uow.accounts.get_reset_code(user.id) is None


async def test_a_code_is_good_for_ten_minutes(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    clock.move(601)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, (await sent())[0], NEW)


async def test_five_wrong_tries_spend_it(accounts: Accounts, sent):
    await accounts.request_reset(NAME)
    code = (await sent())[0]
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong(code), NEW)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, code, NEW)


async def test_four_wrong_tries_do_not(accounts: Accounts, sent):
    await accounts.request_reset(NAME)
    for _ in range(4):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong((await sent())[0]), NEW)

    await accounts.confirm_reset(NAME, (await sent())[0], NEW)

    assert await accounts.login(NAME, NEW)


async def test_asking_anew_buys_no_more_tries(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    for _ in range(4):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong((await sent())[0]), NEW)
    clock.move(61)
    await accounts.request_reset(NAME)
    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, wrong((await sent())[1]), NEW)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, (await sent())[1], NEW)


async def test_spent_tries_come_back_after_ten_minutes(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong((await sent())[0]), NEW)
    clock.move(601)

    await accounts.request_reset(NAME)
    await accounts.confirm_reset(NAME, (await sent())[1], NEW)

    assert await accounts.login(NAME, NEW)


async def test_the_chat_is_not_flooded(accounts: Accounts, sent, clock: MovedClock):
    for _ in range(10):
        await accounts.request_reset(NAME)
        clock.move(10)

    assert len(await sent()) == 2


async def test_a_new_code_replaces_the_one_before(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    clock.move(61)
    await accounts.request_reset(NAME)

    await accounts.confirm_reset(NAME, (await sent())[1], NEW)

    assert await accounts.login(NAME, NEW)


async def test_the_code_stands_in_no_table(accounts: Accounts, sent, db: Database):
    await accounts.request_reset(NAME)
    [code] = await sent()

    async with db.engine.connect() as connection:
        tables = [(await connection.execute(table.select())).all() for table in Base.metadata.sorted_tables]
    assert not re.search(rf"\b{code}\b", str(tables))


async def test_without_our_key_the_seed_makes_another_code(accounts: Accounts, sent, db: Database, clock):
    await accounts.request_reset(NAME)
    [code] = await sent()

    async with db.read() as uow:
        [notice] = [one for one in await uow.notices.due(clock.now(), 9) if "seed" in one.data]
    strangers = [password_reset.code_of(notice.data["seed"], bytes([number])) for number in range(3)]
    assert strangers != [code] * 3


async def test_a_short_new_password_spends_no_try(accounts: Accounts, sent):
    await accounts.request_reset(NAME)

    with pytest.raises(Invalid) as refused:
        await accounts.confirm_reset(NAME, (await sent())[0], "short")

    assert refused.value.details["field"] == "new_password"
    await accounts.confirm_reset(NAME, (await sent())[0], NEW)
