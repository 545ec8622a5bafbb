"""Two accounts of one person become one, and nothing either had is lost."""

import asyncio

import pytest
from sqlalchemy import select

from core import license_keys, licenses
from core.account import TelegramPerson
from core.audit import Act
from core.config import Config
from core.errors import (
    AccountsInUse,
    AlreadyLinked,
    CredentialsSet,
    InitDataExpired,
    InvalidCredentials,
    LinkRequestNotFound,
    TelegramNotSetUp,
    UserBanned,
)
from core.identity import Identity
from core.money import ledger
from core.money.ledger import Movement
from storage.models import (
    AccountKind,
    Base,
    Counter,
    EntryKind,
    HistoryRow,
    Live,
    Notice,
    Sound,
    TriggerRow,
    User,
    UserRole,
)
from storage.repositories import joining as rows
from tests.init_data_kit import init_data

NAME, PASSWORD, CHAT = "streamer123", "SecurePass123!", 77
DAY = 86_400


@pytest.fixture
def config(tmp_path) -> Config:
    return Config(data_dir=tmp_path, telegram={"token": "42:TEST"})


@pytest.fixture
def identity(db, accounts, passwords, config, clock) -> Identity:
    return Identity(db, accounts, passwords, config, clock)


@pytest.fixture
async def telegram(identity) -> int:
    return (await identity.by_telegram(TelegramPerson(telegram_id=CHAT, first_name="Анна"))).account.id


@pytest.fixture
async def named(db, passwords, clock) -> int:
    """An account with a password and nothing else."""
    hashed = await passwords.hash(PASSWORD)
    user = User(username=NAME, password_hash=hashed, created_at=clock.now())
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id


@pytest.fixture
def add(db):
    async def add(*things) -> None:
        async with db._writing.begin() as session:
            session.add_all(things)

    return add


@pytest.fixture
def all_of(db):
    async def all_of(kind):
        async with db._reading() as session:
            return (await session.scalars(select(kind).order_by(*kind.__table__.primary_key))).all()

    return all_of


@pytest.fixture
def pay(db, clock):
    async def pay(user_id: int, amount: int, *, spend: bool = False) -> None:
        by = Act("cli", clock.now())
        async with db.begin() as uow:
            movement = Movement(kind=EntryKind.CREDIT, key=f"in:{user_id}", by=by)
            await ledger.credit(uow, user_id, amount, AccountKind.ADJUSTMENTS, movement)
            if spend:
                movement = Movement(kind=EntryKind.DEBIT, key=f"out:{user_id}", by=by)
                await ledger.debit(uow, user_id, amount, AccountKind.ADJUSTMENTS, movement)

    return pay


@pytest.fixture
def bind(db, issue, keys, clock):
    """A license for an account that may have no password."""

    async def bind(user_id: int, days: int = 30) -> None:
        mac = license_keys.mac(license_keys.normalise(await issue(days)), keys.license_pepper)
        async with db.begin() as uow:
            await licenses.redeem(uow, mac, await uow.accounts.get_user(user_id), clock.now())

    return bind


@pytest.fixture
def ask(identity, db, clock):
    """Asks for the two to be joined; the number of the request as the chat sees it."""

    async def ask() -> int:
        await identity.request_link(NAME, PASSWORD, init_data(clock.now().timestamp(), {"id": CHAT}))
        async with db.read() as uow:
            due = await uow.notices.due(clock.now(), 100)
        return next(one.data["request_id"] for one in reversed(due) if one.kind == "link_request")

    return ask


@pytest.fixture
def join(identity, ask):
    async def join():
        return (await identity.confirm_link(CHAT, await ask())).account

    return join


def trigger(user_id, clock, sound="horn.mp3"):
    now = clock.now()
    params = {"type": "play_sound", "sound_filename": sound}
    return TriggerRow(
        user_id=user_id, event_type="gift", action="play_sound", params=params, created_at=now, updated_at=now
    )


def sound(user_id, clock, name="horn.mp3"):
    return Sound(
        user_id=user_id,
        filename=name,
        filename_folded=name,
        media_name=f"m/{user_id}/{name}",
        duration=1.0,
        size=1,
        created_at=clock.now(),
    )


def live(user_id, clock):
    return Live(user_id=user_id, unique_id="x", room_id="1", started_at=clock.now())


def happened(user_id, clock):
    return HistoryRow(user_id=user_id, message_id=f"m{user_id}", seq=1, at=clock.now(), type="chat", data={})


def content(user_id, clock):
    return (trigger(user_id, clock), sound(user_id, clock), live(user_id, clock), happened(user_id, clock))


@pytest.fixture
def give(add, pay, bind, clock):
    async def give(user_id: int, what: str) -> None:
        if what == "content":
            await add(*content(user_id, clock))
        elif what == "license":
            await bind(user_id)
        elif what:
            await pay(user_id, 500, spend=what == "spent")

    return give


@pytest.fixture
def both(telegram, named) -> tuple[int, int]:
    return telegram, named


# Which one is kept


async def test_two_empty_ones_leave_the_one_with_the_password(join, telegram, named):
    account = await join()

    assert (account.id, account.username, account.telegram_id) == (named, NAME, CHAT)


async def test_somebody_who_never_came_by_telegram_is_joined_too(join, named):
    assert (await join()).id == named


@pytest.mark.parametrize(
    ("theirs", "ours", "kept"),
    [
        ("content", "", "telegram"),
        ("", "content", "named"),
        ("content", "content", "named"),
        ("license", "content", "telegram"),
        ("content", "license", "named"),
        ("money", "content", "telegram"),
        ("content", "money", "named"),
        ("money", "", "telegram"),
        ("spent", "license", "telegram"),
        ("license", "spent", "named"),
        ("spent", "content", "telegram"),
    ],
)
async def test_money_then_license_then_content_decide(join, give, all_of, both, theirs, ours, kept):
    telegram, named = both
    await give(telegram, theirs)
    await give(named, ours)

    account = await join()

    expected = telegram if kept == "telegram" else named
    assert account.id == expected
    assert (account.username, account.telegram_id) == (NAME, CHAT)
    for kind in (TriggerRow, Sound, Live, HistoryRow):
        found = await all_of(kind)
        assert len(found) == [theirs, ours].count("content")
        assert {row.user_id for row in found} <= {expected}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("money", "money"),
        ("license", "license"),
        ("money", "license"),
        ("license", "money"),
        ("spent", "spent"),
    ],
)
async def test_both_in_use_are_refused_and_nothing_changes(ask, give, all_of, both, theirs, ours):
    await give(both[0], theirs)
    await give(both[1], ours)

    with pytest.raises(AccountsInUse):
        await ask()

    assert [user.joined_into for user in await all_of(User)] == [None, None]


async def test_money_that_came_after_asking_counts(identity, ask, pay, telegram, named):
    request_id = await ask()
    await pay(telegram, 500)
    await pay(named, 500)

    with pytest.raises(AccountsInUse):
        await identity.confirm_link(CHAT, request_id)


# Nothing is lost


async def test_the_balance_and_its_history_stay(join, db, pay, telegram, named):
    await pay(telegram, 500)

    account = await join()

    async with db.read() as uow:
        assert (await ledger.balance(uow, account.id)).available == 500
        assert len(await ledger.entries(uow, account.id, limit=10)) == 1


async def test_the_days_of_a_license_run_on(join, accounts, bind, pay, clock, telegram, named):
    await pay(telegram, 500, spend=True)
    await bind(named, days=30)
    before = (await accounts.login(NAME, PASSWORD)).license
    clock.move(10 * DAY)

    await join()

    after = (await accounts.login(NAME, PASSWORD)).license
    assert (after.is_live, after.plan) == (True, before.plan)
    assert abs((after.expires_at - before.expires_at).total_seconds()) < 1


async def test_a_license_that_ended_is_still_known(join, accounts, bind, pay, clock, telegram, named):
    await bind(named, days=1)
    before = (await accounts.login(NAME, PASSWORD)).license
    clock.move(5 * DAY)
    await pay(telegram, 500)

    await join()

    after = (await accounts.login(NAME, PASSWORD)).license
    assert (after.is_live, after.expires_at) == (False, before.expires_at)


async def test_sounds_of_one_name_are_two_sounds_and_triggers_follow(
    join, add, all_of, clock, telegram, named
):
    await add(*content(telegram, clock), *content(named, clock), sound(named, clock, "horn (2).mp3"))

    await join()

    sounds = {one.media_name: one.filename for one in await all_of(Sound)}
    assert sounds == {
        f"m/{named}/horn.mp3": "horn.mp3",
        f"m/{named}/horn (2).mp3": "horn (2).mp3",
        f"m/{telegram}/horn.mp3": "horn (3).mp3",
    }
    assert {row.params["sound_filename"] for row in await all_of(TriggerRow)} == {"horn.mp3", "horn (3).mp3"}


async def test_counters_of_one_name_add_up(join, add, all_of, telegram, named):
    await add(
        Counter(user_id=telegram, name="deaths", value=3),
        Counter(user_id=telegram, name="wins", value=1),
        Counter(user_id=named, name="deaths", value=4),
        Counter(user_id=named, name="hugs", value=9),
    )

    await join()

    found = {(one.user_id, one.name): one.value for one in await all_of(Counter)}
    assert found == {(named, "deaths"): 7, (named, "hugs"): 9, (named, "wins"): 1}


async def test_settings_of_the_kept_one_come_first(join, db, accounts, add, clock, telegram, named):
    await add(sound(telegram, clock), sound(named, clock))
    async with db.begin() as uow:
        (await uow.accounts.get_user(telegram)).settings = {
            "tts_volume": 1,
            "language": "ru",
            "default_gift_sound": "horn.mp3",
        }
        (await uow.accounts.get_user(named)).settings = {"tts_volume": 2}

    account = await join()

    settings = await accounts.settings(account.id)
    assert (settings.tts_volume, settings.language, settings.default_gift_sound) == (2, "ru", "horn (2).mp3")


async def test_notices_not_sent_yet_move_and_doubled_ones_are_told_once(
    join, add, all_of, clock, telegram, named
):
    now = clock.now()
    for user_id, key in ((telegram, "a"), (telegram, "b"), (named, "b")):
        await add(Notice(user_id=user_id, kind="payment", key=key, created_at=now, due_at=now))

    await join()

    mine = sorted(one.key for one in await all_of(Notice) if one.user_id == named)
    assert mine == ["a", "b", "joined:1", "link:1"]


async def test_the_profile_the_role_and_the_trial_are_kept(join, db, all_of, clock, telegram, named):
    async with db.begin() as uow:
        user = await uow.accounts.get_user(telegram)
        user.role, user.trial_at, user.is_reachable, user.muted = UserRole.SUPPORT, clock.now(), True, ["x"]

    account = await join()

    user = {one.id: one for one in await all_of(User)}[account.id]
    assert (user.first_name, user.role, user.is_reachable, user.muted) == ("", UserRole.SUPPORT, True, ["x"])
    assert user.trial_at is not None


# What ends


async def test_the_other_account_is_found_no_more_and_its_tokens_end(
    join, identity, db, all_of, telegram, named
):
    ticket = await identity.ticket_for(telegram)

    await join()

    async with db.read() as uow:
        assert await uow.accounts.get_user(telegram) is None
        assert [user.id for user in await uow.accounts.list_users()] == [named]
        assert await uow.accounts.count_users() == 1
    gone = {one.id: one for one in await all_of(User)}[telegram]
    assert (gone.joined_into, gone.token_version, gone.overlay_version) == (named, 2, 2)
    with pytest.raises(Exception, match="link was used"):
        await identity.by_ticket(ticket)


async def test_both_ways_in_lead_to_the_one_account(join, identity, accounts, telegram, named):
    account = await join()

    by_telegram = await identity.by_telegram(TelegramPerson(telegram_id=CHAT))
    by_password = await accounts.login(NAME, PASSWORD)
    assert by_telegram.account.id == by_password.account.id == account.id


# Who may


async def test_the_chat_is_asked_first(ask, identity, db, clock, telegram, named):
    request_id = await ask()

    async with db.read() as uow:
        [notice] = await uow.notices.due(clock.now(), 10)
        assert await uow.accounts.get_user(telegram) is not None
    assert (notice.user_id, notice.kind) == (telegram, "link_request")
    assert notice.data == {"request_id": request_id, "username": NAME}


async def test_only_that_chat_may_say_yes(ask, identity, telegram, named):
    request_id = await ask()
    await identity.by_telegram(TelegramPerson(telegram_id=78))

    with pytest.raises(LinkRequestNotFound):
        await identity.confirm_link(78, request_id)
    assert (await identity.confirm_link(CHAT, request_id)).account.id == named


async def test_a_no_is_final(ask, identity, telegram, named):
    request_id = await ask()
    await identity.refuse_link(CHAT, request_id)

    with pytest.raises(LinkRequestNotFound):
        await identity.confirm_link(CHAT, request_id)


async def test_a_request_is_good_for_ten_minutes(ask, identity, clock, telegram, named):
    request_id = await ask()
    clock.move(600)

    with pytest.raises(LinkRequestNotFound):
        await identity.confirm_link(CHAT, request_id)


async def test_another_password_ends_the_request(ask, identity, accounts, telegram, named):
    request_id = await ask()
    await accounts.change_password(named, PASSWORD, "Another456!")

    with pytest.raises(LinkRequestNotFound):
        await identity.confirm_link(CHAT, request_id)


async def test_a_new_request_takes_the_place_of_the_old(ask, identity, telegram, named):
    old, new = await ask(), await ask()

    with pytest.raises(LinkRequestNotFound):
        await identity.confirm_link(CHAT, old)
    assert (await identity.confirm_link(CHAT, new)).account.id == named


async def test_yes_ten_times_at_once_joins_once(ask, identity, telegram, named):
    request_id = await ask()

    answers = await asyncio.gather(
        *(identity.confirm_link(CHAT, request_id) for _ in range(10)), return_exceptions=True
    )

    assert sorted(type(one).__name__ for one in answers) == ["LinkRequestNotFound"] * 9 + ["SignIn"]


async def test_the_password_has_to_be_right(identity, clock, telegram, named):
    with pytest.raises(InvalidCredentials):
        await identity.request_link(NAME, "wrong password", init_data(clock.now().timestamp()))


async def test_init_data_has_to_be_fresh(identity, clock, telegram, named):
    with pytest.raises(InitDataExpired):
        await identity.request_link(NAME, PASSWORD, init_data(clock.now().timestamp() - 601))


async def test_without_a_bot_it_is_refused(db, accounts, passwords, clock, tmp_path, named):
    identity = Identity(db, accounts, passwords, Config(data_dir=tmp_path), clock)

    with pytest.raises(TelegramNotSetUp):
        await identity.request_link(NAME, PASSWORD, init_data(clock.now().timestamp()))


async def test_a_linked_account_is_not_stolen(ask, db, telegram, named):
    async with db.begin() as uow:
        (await uow.accounts.get_user(named)).telegram_id = 99

    with pytest.raises(AlreadyLinked):
        await ask()


async def test_a_telegram_account_with_a_password_of_its_own_is_refused(ask, identity, telegram, named):
    await identity.set_credentials(telegram, "anna", PASSWORD)

    with pytest.raises(CredentialsSet):
        await ask()


@pytest.mark.parametrize("who", ["telegram", "named"])
async def test_nobody_escapes_a_ban(ask, identity, db, telegram, named, who):
    request_id = await ask()
    async with db.begin() as uow:
        (await uow.accounts.get_user(telegram if who == "telegram" else named)).is_banned = True

    with pytest.raises(UserBanned):
        await identity.confirm_link(CHAT, request_id)


def test_no_table_that_names_an_account_is_forgotten():
    tables = {table.name for table in Base.metadata.tables.values() if rows.owner_columns(table)}
    named = {
        table.name
        for table in Base.metadata.tables.values()
        if any(column.name.endswith("user_id") for column in table.columns)
    }

    assert named - tables == rows.STAYS | rows.LATER
