"""Accounts."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct, structs

from core import errors
from core.admin.keys import LicenseRow
from core.admin.people import UserCard, UserQuery, UserRow
from core.money import amounts
from core.money.ledger import Balance
from webapp.api import Calls
from webapp.fields import Username
from webapp.keys import SERVICES
from webapp.routes.admin.asking import AdminTable, Text, act, id_of, sees_money, table_answer

calls = Calls("Admin: users")

Role = Literal["user", "support", "admin"]
_MISSING = (errors.UserNotFound,)


class UsersQuery(AdminTable, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="Part of a name, an id, or `tg:` and a Telegram id")] = ""
    role: Role | None = None
    banned: bool | None = None


class UsersPage(Struct, frozen=True):
    users: list[UserRow]
    total: int
    limit: int
    offset: int


class Wallet(Struct, frozen=True):
    available: float
    held: float
    debt: float


class UserAnswer(Struct, frozen=True):
    """`wallet` is null to support."""

    user: UserRow
    licenses: list[LicenseRow]
    wallet: Wallet | None


class NewName(Struct, frozen=True):
    username: Username


class NewRole(Struct, frozen=True):
    role: Role


class NewPassword(Struct, frozen=True):
    """Can be read this once."""

    password: str


@calls.get("/admin/users", "Accounts", role="support", query=UsersQuery, answer=UsersPage)
async def admin_list_users(request: web.Request, query: UsersQuery) -> UsersPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[UserRow], int]:
        wanted = UserQuery(q=query.q, role=query.role, is_banned=query.banned, limit=limit, offset=offset)
        return await request.app[SERVICES].admin.people.list_page(wanted)

    return await table_answer(request, query, "users", UserRow.__struct_fields__, page, UsersPage)


@calls.get("/admin/users/{user_id}", "One account", role="support", answer=UserAnswer, refusals=_MISSING)
async def admin_show_user(request: web.Request) -> UserAnswer:
    people = request.app[SERVICES].admin.people
    return _shown(await people.show(id_of(request, "user_id"), with_money=sees_money(request)))


@calls.post(
    "/admin/users/{user_id}/rename",
    "Give an account another username",
    role="admin",
    body=NewName,
    answer=UserAnswer,
    refusals=(*_MISSING, errors.Conflict),
)
async def admin_rename_user(request: web.Request, body: NewName) -> UserAnswer:
    people = request.app[SERVICES].admin.people
    return _done(request, await people.rename(id_of(request, "user_id"), body.username, act(request)))


@calls.post(
    "/admin/users/{user_id}/ban",
    "Lock an account out; its tokens and sockets end",
    role="admin",
    answer=UserAnswer,
    refusals=(*_MISSING, errors.NotOneself),
)
async def admin_ban_user(request: web.Request) -> UserAnswer:
    people = request.app[SERVICES].admin.people
    return _done(request, await people.set_banned(id_of(request, "user_id"), act(request), is_banned=True))


@calls.post(
    "/admin/users/{user_id}/unban",
    "Let an account in again",
    role="admin",
    answer=UserAnswer,
    refusals=(*_MISSING, errors.NotOneself),
)
async def admin_unban_user(request: web.Request) -> UserAnswer:
    people = request.app[SERVICES].admin.people
    return _done(request, await people.set_banned(id_of(request, "user_id"), act(request), is_banned=False))


@calls.post(
    "/admin/users/{user_id}/role",
    "Make somebody admin, support or user again",
    role="admin",
    body=NewRole,
    answer=UserAnswer,
    refusals=(*_MISSING, errors.NotOneself),
)
async def admin_set_role(request: web.Request, body: NewRole) -> UserAnswer:
    people = request.app[SERVICES].admin.people
    return _done(request, await people.set_role(id_of(request, "user_id"), body.role, act(request)))


@calls.post(
    "/admin/users/{user_id}/reset-password",
    "A new random password, shown once; every token of the account ends",
    role="admin",
    answer=NewPassword,
    refusals=(*_MISSING, errors.Conflict),
)
async def admin_reset_password(request: web.Request) -> NewPassword:
    services, user_id = request.app[SERVICES], id_of(request, "user_id")
    password = await services.admin.people.reset_password(user_id, act(request))
    services.access.drop(user_id)
    services.changes.check_now()
    return NewPassword(password)


def _done(request: web.Request, card: UserCard) -> UserAnswer:
    services = request.app[SERVICES]
    services.access.drop(card.user.id)
    services.changes.check_now()
    return _shown(card)


def wallet_of(balance: Balance) -> Wallet:
    return Wallet(**{name: amounts.number(value) for name, value in structs.asdict(balance).items()})


def _shown(card: UserCard) -> UserAnswer:
    wallet = None if card.balance is None else wallet_of(card.balance)
    return UserAnswer(card.user, card.licenses, wallet)
