"""Those with a role: who they are, and which of them did something."""

from collections.abc import Sequence

from msgspec import Struct

from core.audit import Act
from core.config import Config
from core.errors import NotOneself
from core.staff import role_of
from storage.db import UnitOfWork
from storage.models import User, UserRole

_USER, _TELEGRAM = "user:", "tg:"


class Person(Struct, frozen=True):
    """An account, as staff tell one from another."""

    id: int
    username: str | None
    telegram_id: int | None
    telegram_name: str
    name: str


def is_member(user: User, config: Config) -> bool:
    return not user.is_banned and role_of(user, config) is not UserRole.USER


def is_admin(user: User, config: Config) -> bool:
    return not user.is_banned and role_of(user, config) is UserRole.ADMIN


async def list_members(uow: UnitOfWork, config: Config) -> Sequence[User]:
    """Admins and support."""
    rows = await uow.admin.staff(config.telegram.admin_ids)
    return [user for user in rows if is_member(user, config)]


async def find_actor(uow: UnitOfWork, by: Act) -> User | None:
    """The account behind an act; None: the command line, or the program itself."""
    if by.actor.startswith(_USER):
        return await uow.accounts.get_user(int(by.actor.removeprefix(_USER)))
    if by.actor.startswith(_TELEGRAM):
        return await uow.accounts.get_by_telegram_id(int(by.actor.removeprefix(_TELEGRAM)))
    return None


def person(user: User) -> Person:
    name = f"{user.first_name} {user.last_name}".strip()
    return Person(user.id, user.username, user.telegram_id, user.telegram_name, name)


async def check_not_oneself(uow: UnitOfWork, user: User, by: Act) -> None:
    """Nobody bans themselves or takes their own role away: it would be too late to notice."""
    actor = await find_actor(uow, by)
    if actor is not None and actor.id == user.id:
        raise NotOneself
