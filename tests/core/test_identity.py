"""Signing in by Telegram's word or a ticket, and credentials for who came that way."""

import asyncio

import pytest

from core.account import TelegramPerson
from core.config import Config
from core.errors import (
    CredentialsSet,
    InitDataExpired,
    Invalid,
    InvalidCredentials,
    RateLimited,
    TelegramNotSetUp,
    TicketInvalid,
    UserBanned,
    UsernameTaken,
)
from core.identity import MAX_TICKETS, Identity
from tests.init_data_kit import init_data

ANNA = TelegramPerson(
    telegram_id=77, first_name="Анна", last_name="O", telegram_name="anna", language_code="ru-RU"
)


@pytest.fixture
def config(tmp_path) -> Config:
    return Config(data_dir=tmp_path, telegram={"token": "42:TEST"})


@pytest.fixture
def identity(db, accounts, passwords, config, clock) -> Identity:
    return Identity(db, accounts, passwords, config, clock)


@pytest.fixture
async def anna(identity) -> int:
    return (await identity.by_telegram(ANNA)).account.id


async def user_of(db, user_id):
    async with db.read() as uow:
        return await uow.accounts.get_user(user_id)


async def test_the_first_time_makes_an_account(identity, db):
    signed_in = await identity.by_telegram(ANNA)

    user = await user_of(db, signed_in.account.id)
    assert signed_in.is_new
    assert (user.telegram_id, user.first_name, user.last_name, user.telegram_name) == (
        77,
        "Анна",
        "O",
        "anna",
    )
    assert (user.username, user.password_hash, signed_in.account.settings.language) == (None, None, "ru")


async def test_the_next_time_finds_it(identity, anna):
    signed_in = await identity.by_telegram(ANNA)

    assert (signed_in.account.id, signed_in.is_new) == (anna, False)


async def test_the_profile_is_kept_fresh_and_the_language_is_theirs(identity, db, anna):
    renamed = TelegramPerson(telegram_id=77, first_name="Anna", telegram_name="anna2", language_code="es")
    signed_in = await identity.by_telegram(renamed)

    user = await user_of(db, anna)
    assert (user.first_name, user.last_name, user.telegram_name) == ("Anna", "", "anna2")
    assert signed_in.account.settings.language == "ru"


async def test_names_that_do_not_fit_are_cut_and_what_cannot_be_seen_is_left_out(identity, db):
    odd = TelegramPerson(
        telegram_id=5, first_name="\x00A\u202e\n" + "b" * 100, last_name="\ud800", telegram_name="n" * 50
    )

    user = await user_of(db, (await identity.by_telegram(odd)).account.id)

    assert (user.first_name, user.last_name, user.telegram_name) == ("A" + "b" * 63, "", "n" * 32)


async def test_ten_at_once_are_one_account(identity):
    signed_in = await asyncio.gather(*(identity.by_telegram(ANNA) for _ in range(10)))

    assert len({one.account.id for one in signed_in}) == 1
    assert sum(one.is_new for one in signed_in) == 1


async def test_a_banned_person_stays_out(identity, db, anna):
    async with db.begin() as uow:
        (await uow.accounts.get_user(anna)).is_banned = True

    with pytest.raises(UserBanned):
        await identity.by_telegram(ANNA)


async def test_init_data_opens_for_an_hour(identity, clock):
    raw = init_data(clock.now().timestamp())

    clock.move(3600)
    first, second = identity.read(raw), identity.read(raw)
    clock.move(1)

    assert first == second
    with pytest.raises(InitDataExpired):
        identity.read(raw)


async def test_without_a_bot_nobody_comes_by_telegram(db, accounts, passwords, clock, tmp_path):
    identity = Identity(db, accounts, passwords, Config(data_dir=tmp_path), clock)

    with pytest.raises(TelegramNotSetUp):
        identity.read(init_data(clock.now().timestamp()))


# Tickets


async def test_a_ticket_opens_once(identity, anna):
    ticket = await identity.ticket_for(anna)

    assert (await identity.by_ticket(ticket)).account.id == anna
    with pytest.raises(TicketInvalid):
        await identity.by_ticket(ticket)


async def test_a_ticket_used_ten_times_at_once_opens_once(identity, anna):
    ticket = await identity.ticket_for(anna)

    answers = await asyncio.gather(*(identity.by_ticket(ticket) for _ in range(10)), return_exceptions=True)

    assert sorted(type(one).__name__ for one in answers) == ["SignIn"] + ["TicketInvalid"] * 9


async def test_a_lent_ticket_opens_again_and_again_until_the_tokens_end(identity, db, anna, clock):
    identity.lend("lent", (await identity.by_telegram(ANNA)).account)

    clock.move(86_400)
    for _ in range(MAX_TICKETS + 1):
        assert (await identity.by_ticket("lent")).account.id == anna
    async with db.begin() as uow:
        (await uow.accounts.get_user(anna)).token_version += 1
    with pytest.raises(TicketInvalid):
        await identity.by_ticket("lent")


async def test_a_lent_ticket_means_nothing_to_another_process(
    identity, db, accounts, passwords, config, clock
):
    identity.lend("lent", (await identity.by_telegram(ANNA)).account)

    with pytest.raises(TicketInvalid):
        await Identity(db, accounts, passwords, config, clock).by_ticket("lent")


@pytest.mark.parametrize(("after", "is_good"), [(299, True), (300, False)])
async def test_a_ticket_is_good_for_five_minutes(identity, clock, anna, after, is_good):
    ticket = await identity.ticket_for(anna)
    clock.move(after)

    if is_good:
        assert (await identity.by_ticket(ticket)).account.id == anna
    else:
        with pytest.raises(TicketInvalid):
            await identity.by_ticket(ticket)


async def test_a_ticket_ends_with_the_tokens(identity, db, anna):
    ticket = await identity.ticket_for(anna)
    async with db.begin() as uow:
        (await uow.accounts.get_user(anna)).token_version += 1

    with pytest.raises(TicketInvalid):
        await identity.by_ticket(ticket)


@pytest.mark.parametrize("ticket", ["", "x", "\ud800", "x" * 10_000])
async def test_made_up_tickets_open_nothing(identity, anna, ticket):
    with pytest.raises(TicketInvalid):
        await identity.by_ticket(ticket)


async def test_open_tickets_are_bounded_and_come_back_with_time(identity, clock, anna):
    for _ in range(MAX_TICKETS):
        await identity.ticket_for(anna)

    with pytest.raises(RateLimited):
        await identity.ticket_for(anna)
    clock.move(301)
    assert await identity.ticket_for(anna)


# Credentials


async def test_with_credentials_one_signs_in_like_everybody(identity, accounts, db, clock, anna):
    await identity.set_credentials(anna, "@Anna.LIVE", "SecurePass123!")

    signed_in = await accounts.login("anna.live", "SecurePass123!")
    assert (signed_in.account.id, signed_in.account.settings.tiktok_username) == (anna, "anna.live")
    assert signed_in.account.token_version == 1
    async with db.read() as uow:
        [notice] = await uow.notices.due(clock.now(), 10)
    assert (notice.kind, notice.data) == ("credentials_set", {"username": "anna.live"})


async def test_a_tiktok_name_chosen_before_stays(identity, accounts, anna):
    await accounts.update_settings(anna, {"tiktok_username": "elsewhere"})
    await identity.set_credentials(anna, "anna", "SecurePass123!")

    assert (await accounts.settings(anna)).tiktok_username == "elsewhere"


async def test_a_taken_name_is_refused(identity, accounts, issue, anna):
    await accounts.redeem("anna", "SecurePass123!", await issue())

    with pytest.raises(UsernameTaken):
        await identity.set_credentials(anna, "Anna", "Another456!")
    with pytest.raises(InvalidCredentials):
        await accounts.login("anna", "Another456!")


async def test_credentials_are_given_once(identity, accounts, anna):
    await identity.set_credentials(anna, "anna", "SecurePass123!")

    with pytest.raises(CredentialsSet):
        await identity.set_credentials(anna, "anna2", "Another456!")
    assert await accounts.login("anna", "SecurePass123!")


@pytest.mark.parametrize(
    ("username", "password"), [("a", "SecurePass123!"), ("an na", "SecurePass123!"), ("anna", "short")]
)
async def test_names_and_passwords_have_rules(identity, anna, username, password):
    with pytest.raises(Invalid):
        await identity.set_credentials(anna, username, password)


async def test_two_people_wanting_one_name_at_once_leave_one_with_it(identity, anna):
    other = (await identity.by_telegram(TelegramPerson(telegram_id=78))).account.id

    answers = await asyncio.gather(
        identity.set_credentials(anna, "anna", "SecurePass123!"),
        identity.set_credentials(other, "anna", "SecurePass123!"),
        return_exceptions=True,
    )

    assert sorted(type(one).__name__ for one in answers) == ["NoneType", "UsernameTaken"]
