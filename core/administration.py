"""What an operator does to accounts. Every function works inside the caller's transaction."""

from core import staff, team, usernames
from core.account import require_user, set_password
from core.audit import Act
from core.config import Config
from core.errors import Conflict, Invalid, UserNotFound
from core.init_data import MAX_ID
from storage.db import UnitOfWork
from storage.models import ChangeKind, User, UserRole

TELEGRAM = "tg:"


async def find_user(uow: UnitOfWork, text: str) -> User:
    """By username, or `tg:ID`."""
    telegram_id = _telegram_id(text)
    if telegram_id is None:
        user = await uow.accounts.get_by_username(usernames.fold(text))
    else:
        user = await uow.accounts.get_by_telegram_id(telegram_id)
    if user is None:
        raise UserNotFound
    return user


async def find_or_create_user(uow: UnitOfWork, text: str, by: Act) -> User:
    """As `find_user`, but `tg:ID` may be a person who has not come yet."""
    telegram_id = _telegram_id(text)
    if telegram_id is None:
        return await find_user(uow, text)
    known = await uow.accounts.get_by_telegram_id(telegram_id)
    if known is None:
        await uow.accounts.add_user(User(telegram_id=telegram_id, created_at=by.at))
    return known or await find_user(uow, text)


async def rename(uow: UnitOfWork, found: User, username: str, by: Act) -> User:
    user = await require_user(uow, found.id, lock=True)
    before, name = user.username, usernames.normalise(username)
    if not await uow.accounts.rename_user(user, name):
        raise Conflict(f"username {name} is taken")
    _tell(uow, user, by, "user.rename", before=before, after=name)
    return user


async def reset_password(uow: UnitOfWork, found: User, hashed: str, by: Act) -> User:
    """`hashed` was made before the transaction. Every token of the account ends."""
    user = await require_user(uow, found.id, lock=True)
    if user.username is None:
        raise Conflict("this account has no username to sign in with")
    set_password(uow, user, hashed, by.at)
    await uow.accounts.delete_reset_code(user.id)
    _tell(uow, user, by, "user.reset_password")
    return user


async def set_banned(uow: UnitOfWork, found: User, by: Act, *, is_banned: bool) -> User:
    """Not oneself: raises `NotOneself`."""
    user = await require_user(uow, found.id, lock=True)
    if user.is_banned is not is_banned:
        await team.check_not_oneself(uow, user, by)
        user.is_banned = is_banned
        user.token_version += 1
        _tell(uow, user, by, "user.ban" if is_banned else "user.unban")
    return user


async def set_role(uow: UnitOfWork, found: User, role: UserRole, by: Act, config: Config) -> User:
    """Not oneself: raises `NotOneself`. Not from whom the configuration names: raises `Conflict`."""
    user = await require_user(uow, found.id, lock=True)
    if role is not UserRole.ADMIN and staff.is_configured(user, config):
        raise Conflict("telegram.admin_ids makes this account an administrator: take its id out there")
    if user.role is not role:
        await team.check_not_oneself(uow, user, by)
        before, user.role = user.role, role
        _tell(uow, user, by, "user.role", before=before.value, after=role.value)
    return user


def _telegram_id(text: str) -> int | None:
    if not text.startswith(TELEGRAM):
        return None
    digits = text.removeprefix(TELEGRAM)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 16 and 0 < int(digits) < MAX_ID):
        raise Invalid("user: a username, or tg: and the digits of a Telegram id", field="user")
    return int(digits)


def _tell(uow: UnitOfWork, user: User, by: Act, action: str, **details: object) -> None:
    by.note(uow, action, f"user:{user.id}", **details)
    uow.accounts.note_change(user.id, ChangeKind.ACCESS, by.at)
