from typing import Any

import msgspec
import pytest

from core.accounts import Accounts
from core.errors import Invalid, PlanLimit
from core.license_clock import DAY
from core.settings import Settings
from storage.db import Database, UnitOfWork
from storage.models import ChangeKind
from tests.fakes import MovedClock

NAME, PASSWORD = "streamer123", "SecurePass123!"


@pytest.fixture
async def user_id(accounts: Accounts, issue) -> int:
    return (await accounts.redeem(NAME, PASSWORD, await issue())).account.id


async def test_a_subset_changes_nothing_else(accounts: Accounts, user_id: int):
    found = await accounts.update_settings(user_id, {"tts_volume": 80, "gift_sounds_enabled": False})

    assert found == Settings(tiktok_username=NAME, tts_volume=80, gift_sounds_enabled=False)
    assert await accounts.settings(user_id) == found


async def test_only_what_differs_is_stored(accounts: Accounts, user_id: int, db: Database):
    await accounts.update_settings(user_id, {"tts_volume": 80, "language": "ru"})
    await accounts.update_settings(user_id, {"tts_volume": 100})

    async with db.read() as uow:
        user = await uow.accounts.get_user(user_id)
    assert user.settings == {"tiktok_username": NAME, "language": "ru"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tts_volume", 101),
        ("tts_volume", "80"),
        ("tts_volume", None),
        ("tts_enabled", "yes"),
        ("chat_tts_mode", "loud"),
        ("chat_tts_prefixes", ["!", ""]),
        ("blocked_words", [1]),
        ("silence_minutes", 0),
        ("max_backlog_seconds", 601),
        ("language", "de"),
        ("tiktok_username", "not a name"),
        ("tiktok_username", 7),
        ("is_admin", True),
    ],
)
async def test_a_wrong_value_is_named(accounts: Accounts, user_id: int, name: str, value: Any):
    with pytest.raises(Invalid) as refused:
        await accounts.update_settings(user_id, {"gifts_volume": 10, name: value})

    assert refused.value.details["field"] == name
    assert (await accounts.settings(user_id)).gifts_volume == 100


async def test_every_setting_takes_its_own_default(accounts: Accounts, user_id: int):
    defaults = msgspec.to_builtins(Settings())

    assert await accounts.update_settings(user_id, defaults) == Settings()


async def test_settings_of_a_newer_program_are_left_out(accounts: Accounts, user_id: int, db: Database):
    async with db.begin() as uow:
        user = await uow.accounts.get_user(user_id)
        user.settings = {"tts_volume": 5, "from_the_future": 1}

    assert await accounts.settings(user_id) == Settings(tts_volume=5)


async def test_a_change_is_told_to_every_server(accounts: Accounts, user_id: int, db: Database):
    await accounts.update_settings(user_id, {"tts_volume": 1})

    async with db.read() as uow:
        changes = await uow.accounts.changes_after(0)
    assert (changes[-1].user_id, changes[-1].kind) == (user_id, ChangeKind.SETUP)


async def test_changed_values_are_checked_by_who_knows(
    db: Database, passwords, keys, config, clock: MovedClock, user_id: int
):
    asked = []

    async def check(uow: UnitOfWork, account_id: int, value: str) -> None:
        asked.append((account_id, value))
        raise Invalid(field="voice_id")

    checked = Accounts(db, passwords, keys, config, clock, checks={"voice_id": check})

    await checked.update_settings(user_id, {"voice_id": None, "tts_volume": 3})
    with pytest.raises(Invalid):
        await checked.update_settings(user_id, {"voice_id": "nobody"})
    assert asked == [(user_id, "nobody")]


# TikTok names: a standard plan holds one and allows two changes a month, a studio three and five


async def test_a_tiktok_name_is_kept_as_it_is_compared(accounts: Accounts, user_id: int):
    found = await accounts.update_settings(user_id, {"tiktok_username": " @Other.Name "})

    assert found.tiktok_username == "other.name"


async def test_a_tiktok_name_can_be_taken_away(accounts: Accounts, user_id: int):
    assert (await accounts.update_settings(user_id, {"tiktok_username": None})).tiktok_username is None
    assert (await accounts.update_settings(user_id, {"tiktok_username": NAME})).tiktok_username == NAME


async def test_the_plan_bounds_changes_of_the_tiktok_name(accounts: Accounts, user_id: int):
    await accounts.update_settings(user_id, {"tiktok_username": "second"})
    await accounts.update_settings(user_id, {"tiktok_username": "third"})

    with pytest.raises(PlanLimit) as refused:
        await accounts.update_settings(user_id, {"tiktok_username": "fourth", "tts_volume": 1})

    assert refused.value.details["field"] == "tiktok_username"
    assert (refused.value.details["limit"], refused.value.details["used"]) == (2, 2)
    assert (await accounts.settings(user_id)).tts_volume == 100


async def test_going_back_to_a_name_given_up_is_a_change_too(accounts: Accounts, user_id: int):
    await accounts.update_settings(user_id, {"tiktok_username": "second"})
    await accounts.update_settings(user_id, {"tiktok_username": NAME})

    with pytest.raises(PlanLimit):
        await accounts.update_settings(user_id, {"tiktok_username": "second"})


async def test_a_month_later_it_can_be_changed_again(accounts: Accounts, user_id: int, clock: MovedClock):
    await accounts.update_settings(user_id, {"tiktok_username": "second"})
    await accounts.update_settings(user_id, {"tiktok_username": "third"})
    clock.move(31 * DAY)

    found = await accounts.update_settings(user_id, {"tiktok_username": "fourth"})

    assert found.tiktok_username == "fourth"


async def test_saving_the_same_name_is_no_change(accounts: Accounts, user_id: int):
    for _ in range(5):
        await accounts.update_settings(user_id, {"tiktok_username": "@" + NAME.upper()})

    assert (await accounts.settings(user_id)).tiktok_username == NAME


async def test_one_moves_freely_between_the_names_a_plan_holds(accounts: Accounts, issue):
    signed_in = await accounts.redeem(NAME, PASSWORD, await issue(plan="studio"))

    for name in ("second", "third", NAME, "second", "third", NAME, "third", "second", NAME, "third"):
        await accounts.update_settings(signed_in.account.id, {"tiktok_username": name})

    assert (await accounts.settings(signed_in.account.id)).tiktok_username == "third"
