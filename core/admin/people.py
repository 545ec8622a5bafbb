"""Accounts as admins see them, and what they do to them."""

import secrets
from collections.abc import Awaitable, Callable

from msgspec import Struct, structs

from core import administration, license_clock, staff, team
from core.account import account_of, require_user
from core.admin.keys import LicenseRow, rows_of
from core.audit import Act
from core.clock import Clock, iso
from core.config import Config
from core.money import ledger
from core.money.ledger import Balance
from core.passwords import Passwords
from storage.db import Database, UnitOfWork
from storage.models import License, User, UserRole

Operation = Callable[[UnitOfWork, User, Act], Awaitable[User]]


class UserQuery(Struct, frozen=True, kw_only=True):
    q: str = ""
    role: str | None = None
    is_banned: bool | None = None
    limit: int = 50
    offset: int = 0


class UserRow(Struct, frozen=True, kw_only=True):
    id: int
    username: str | None
    telegram_id: int | None
    telegram_name: str
    name: str
    role: str
    is_banned: bool
    is_reachable: bool
    language: str
    tiktok_username: str | None
    plan: str | None
    license_expires_at: str | None
    registered_at: str
    last_seen_at: str | None


class UserCard(Struct, frozen=True):
    user: UserRow
    licenses: list[LicenseRow]
    balance: Balance | None  # None: who asks sees no money


class People:
    def __init__(self, db: Database, passwords: Passwords, config: Config, clock: Clock) -> None:
        self._db = db
        self._passwords = passwords
        self._config = config
        self._clock = clock

    async def list_page(self, query: UserQuery) -> tuple[list[UserRow], int]:
        async with self._db.read() as uow:
            users, total = await uow.admin.users(
                text=query.q.strip(),
                role=UserRole(query.role) if query.role else None,
                is_banned=query.is_banned,
                limit=query.limit,
                offset=query.offset,
            )
            keys = await uow.admin.licenses_of(user.id for user in users)
        return [self._row(user, keys.get(user.id, [])) for user in users], total

    async def show(self, user_id: int, *, with_money: bool) -> UserCard:
        async with self._db.read() as uow:
            return await self._card(uow, await require_user(uow, user_id), with_money=with_money)

    async def rename(self, user_id: int, username: str, by: Act) -> UserCard:
        return await self._do(
            user_id, by, lambda uow, user, act: administration.rename(uow, user, username, act)
        )

    async def set_banned(self, user_id: int, by: Act, *, is_banned: bool) -> UserCard:
        return await self._do(
            user_id,
            by,
            lambda uow, user, act: administration.set_banned(uow, user, act, is_banned=is_banned),
        )

    async def set_role(self, user_id: int, role: str, by: Act) -> UserCard:
        return await self._do(
            user_id,
            by,
            lambda uow, user, act: administration.set_role(uow, user, UserRole(role), act, self._config),
        )

    async def reset_password(self, user_id: int, by: Act) -> str:
        """The new one: this is the only time it can be read."""
        password = secrets.token_urlsafe(12)
        hashed = await self._passwords.hash(password)
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            await administration.reset_password(uow, user, hashed, by)
        return password

    async def _do(self, user_id: int, by: Act, operation: Operation) -> UserCard:
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            return await self._card(uow, await operation(uow, user, by), with_money=True)

    async def _card(self, uow: UnitOfWork, user: User, *, with_money: bool) -> UserCard:
        keys = (await uow.admin.licenses_of([user.id])).get(user.id, [])
        balance = await ledger.balance(uow, user.id) if with_money else None
        return UserCard(self._row(user, keys), await rows_of(uow, keys, self._clock.now()), balance)

    def _row(self, user: User, keys: list[License]) -> UserRow:
        state = license_clock.state_at(user, keys, self._clock.now(), self._config)
        settings = account_of(user).settings
        return UserRow(
            **structs.asdict(team.person(user)),
            role=staff.role_of(user, self._config).value,
            is_banned=user.is_banned,
            is_reachable=user.is_reachable,
            language=settings.language,
            tiktok_username=settings.tiktok_username,
            plan=state.plan,
            license_expires_at=iso(state.expires_at) if state.expires_at else None,
            registered_at=iso(user.created_at),
            last_seen_at=iso(user.last_seen_at) if user.last_seen_at else None,
        )
