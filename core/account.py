"""What an account is to the rest of the program."""

from datetime import datetime

from msgspec import Struct

from core import account_settings
from core.errors import UserNotFound
from core.license_clock import LicenseState
from core.settings import Settings
from storage.db import UnitOfWork
from storage.models import ChangeKind, User


class Account(Struct, frozen=True):
    id: int
    username: str | None
    role: str
    token_version: int
    telegram_id: int | None
    settings: Settings
    overlay_version: int
    created_at: datetime
    language: str | None = None  # chosen; None: never


class SignIn(Struct, frozen=True):
    account: Account
    license: LicenseState
    is_new: bool = False  # made by this very sign-in


class TelegramPerson(Struct, frozen=True, kw_only=True):
    """Somebody Telegram vouches for, as their profile is now."""

    telegram_id: int
    first_name: str = ""
    last_name: str = ""
    telegram_name: str = ""  # their @name, which they may change or drop
    language_code: str = ""


class Profile(Struct, frozen=True):
    id: int
    username: str | None
    role: str
    plan: str | None
    license_expires_at: datetime | None
    settings: Settings


def account_of(user: User) -> Account:
    return Account(
        id=user.id,
        username=user.username,
        role=user.role.value,
        token_version=user.token_version,
        telegram_id=user.telegram_id,
        settings=account_settings.of_user(user),
        overlay_version=user.overlay_version,
        created_at=user.created_at,
        language=user.settings.get("language"),
    )


async def require_user(uow: UnitOfWork, user_id: int, *, lock: bool = False) -> User:
    user = await uow.accounts.get_user(user_id, lock=lock)
    if user is None:
        raise UserNotFound
    return user


def set_password(uow: UnitOfWork, user: User, hashed: str, now: datetime) -> None:
    """Every older token ends."""
    user.password_hash = hashed
    user.token_version += 1
    uow.accounts.note_change(user.id, ChangeKind.ACCESS, now)
