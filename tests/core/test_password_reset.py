import pytest

from core.accounts import Accounts
from core.errors import Invalid, InvalidCode, InvalidCredentials
from storage.db import Database
from tests.fakes import MovedClock

NAME, PASSWORD, NEW = "streamer123", "SecurePass123!", "another password"


@pytest.fixture
def sent() -> list[tuple[int, str]]:
    return []


@pytest.fixture
async def accounts(db: Database, passwords, keys, config, clock: MovedClock, sent, issue) -> Accounts:
    """With one account, linked to the Telegram chat 77."""

    def send(telegram_id: int, code: str) -> None:
        sent.append((telegram_id, code))

    made = Accounts(db, passwords, keys, config, clock, send_code=send)
    signed_in = await made.redeem(NAME, PASSWORD, await issue())
    async with db.begin() as uow:
        user = await uow.accounts.get_user(signed_in.account.id)
        user.telegram_id = 77
    return made


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def test_a_code_goes_to_the_linked_chat_and_sets_a_password(accounts: Accounts, sent):
    before = (await accounts.login(NAME, PASSWORD)).account

    await accounts.request_reset("@Streamer123")
    [(telegram_id, code)] = sent
    await accounts.confirm_reset(NAME, f" {code} ", NEW)

    assert (telegram_id, len(code)) == (77, 6)
    assert (await accounts.login(NAME, NEW)).account.token_version == before.token_version + 1
    with pytest.raises(InvalidCredentials):
        await accounts.login(NAME, PASSWORD)


async def test_a_code_works_once(accounts: Accounts, sent):
    await accounts.request_reset(NAME)
    await accounts.confirm_reset(NAME, sent[0][1], NEW)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, sent[0][1], "third password")


async def test_unknown_names_are_answered_alike(accounts: Accounts, sent):
    assert await accounts.request_reset("nobody") is None
    with pytest.raises(InvalidCode):
        await accounts.confirm_reset("nobody", "123456", NEW)
    assert sent == []


async def test_without_a_chat_nothing_is_sent(accounts: Accounts, sent, issue):
    await accounts.redeem("other", PASSWORD, await issue())

    assert await accounts.request_reset("other") is None
    assert sent == []


async def test_without_somebody_to_send_it_there_is_no_code(
    accounts: Accounts, db: Database, passwords, keys, config, clock: MovedClock
):
    silent = Accounts(db, passwords, keys, config, clock)

    await silent.request_reset(NAME)

    async with db.read() as uow:
        user = await uow.accounts.get_by_username(NAME)
        assert await uow.accounts.get_reset_code(user.id) is None


async def test_a_code_is_good_for_ten_minutes(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    clock.move(601)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, sent[0][1], NEW)


async def test_five_wrong_tries_spend_it(accounts: Accounts, sent):
    await accounts.request_reset(NAME)
    code = sent[0][1]
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong(code), NEW)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, code, NEW)


async def test_four_wrong_tries_do_not(accounts: Accounts, sent):
    await accounts.request_reset(NAME)
    for _ in range(4):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong(sent[0][1]), NEW)

    await accounts.confirm_reset(NAME, sent[0][1], NEW)

    assert await accounts.login(NAME, NEW)


async def test_asking_anew_buys_no_more_tries(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    for _ in range(4):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong(sent[0][1]), NEW)
    clock.move(61)
    await accounts.request_reset(NAME)
    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, wrong(sent[1][1]), NEW)

    with pytest.raises(InvalidCode):
        await accounts.confirm_reset(NAME, sent[1][1], NEW)


async def test_spent_tries_come_back_after_ten_minutes(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await accounts.confirm_reset(NAME, wrong(sent[0][1]), NEW)
    clock.move(601)

    await accounts.request_reset(NAME)
    await accounts.confirm_reset(NAME, sent[1][1], NEW)

    assert await accounts.login(NAME, NEW)


async def test_the_chat_is_not_flooded(accounts: Accounts, sent, clock: MovedClock):
    for _ in range(10):
        await accounts.request_reset(NAME)
        clock.move(10)

    assert len(sent) == 2


async def test_a_new_code_replaces_the_one_before(accounts: Accounts, sent, clock: MovedClock):
    await accounts.request_reset(NAME)
    clock.move(61)
    await accounts.request_reset(NAME)

    await accounts.confirm_reset(NAME, sent[1][1], NEW)

    assert await accounts.login(NAME, NEW)


async def test_the_code_is_not_stored(accounts: Accounts, sent, db: Database):
    await accounts.request_reset(NAME)

    async with db.read() as uow:
        user = await uow.accounts.get_by_username(NAME)
        row = await uow.accounts.get_reset_code(user.id)
    assert sent[0][1] not in row.code_mac


async def test_a_short_new_password_spends_no_try(accounts: Accounts, sent):
    await accounts.request_reset(NAME)

    with pytest.raises(Invalid) as refused:
        await accounts.confirm_reset(NAME, sent[0][1], "short")

    assert refused.value.details["field"] == "new_password"
    await accounts.confirm_reset(NAME, sent[0][1], NEW)
