"""Signing in: license keys, passwords, tokens."""

from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta, Struct, defstruct, to_builtins

from core import errors
from core.account import SignIn
from core.clock import iso
from core.settings import Settings
from webapp.admission import SIGN_IN
from webapp.api import Calls
from webapp.fields import Done, Moment, Password, Username
from webapp.keys import SERVICES, TOKENS
from webapp.requests import caller
from webapp.sessions import token_for
from webapp.surfaces import V2

calls = Calls("Account")
passwords = Calls("Account")
"""The part that both APIs have."""

REDEEMING = (
    errors.InvalidLicenseKey,
    errors.InvalidCredentials,
    errors.LicenseRevoked,
    errors.LicenseSuspended,
    errors.UserBanned,
    errors.LicenseNotFound,
    errors.LicenseAlreadyBound,
)


class Redemption(Struct, frozen=True):
    username: Username
    password: Password
    license_key: Annotated[str, Meta(max_length=200, description="`TTB-XXXX-XXXX-XXXX`, in any spelling")]


class Login(Struct, frozen=True):
    username: Username
    password: Password


class PasswordChange(Struct, frozen=True):
    current_password: Password
    new_password: Password


class ResetRequest(Struct, frozen=True):
    username: Username


class ResetConfirmation(Struct, frozen=True):
    username: Username
    code: Annotated[str, Meta(max_length=64)]
    new_password: Password


class Session(Struct, frozen=True):
    access_token: str
    expires_in: int
    license_expires_at: Moment | None
    plan: str | None
    token_type: str = "bearer"  # noqa: S105 - a kind, not a token


Profile = defstruct(
    "Profile",
    [
        ("id", int),
        ("username", str | None),
        ("role", str),
        ("plan", str | None),
        ("license_expires_at", Moment | None),
        *((name, kind) for name, kind in Settings.__annotations__.items()),
    ],
    frozen=True,
)
"""The account and all its settings."""


@calls.post(
    "/auth/redeem-license",
    "Sign in with a license key; a new username makes the account",
    body=Redemption,
    answer=Session,
    signed_in=False,
    rate=SIGN_IN,
    refusals=REDEEMING,
)
async def redeem_license(request: web.Request, body: Redemption) -> Session:
    services = request.app[SERVICES]
    signed_in = await services.accounts.redeem(body.username, body.password, body.license_key)
    services.access.drop(signed_in.account.id)
    return await _session(request, signed_in)


@calls.post(
    "/auth/login",
    "Sign in with username and password",
    body=Login,
    answer=Session,
    signed_in=False,
    rate=SIGN_IN,
    refusals=(errors.InvalidCredentials, errors.UserBanned),
)
async def login(request: web.Request, body: Login) -> Session:
    return await _session(request, await request.app[SERVICES].accounts.login(body.username, body.password))


@calls.get("/auth/me", "The account, its license and all its settings", answer=Profile, rate=SIGN_IN)
async def show_profile(request: web.Request) -> dict[str, Any]:
    found = await request.app[SERVICES].accounts.profile(caller(request).user_id)
    return {
        "id": found.id,
        "username": found.username,
        "role": found.role,
        "plan": found.plan,
        "license_expires_at": iso(found.license_expires_at) if found.license_expires_at else None,
        **to_builtins(found.settings),
    }


@passwords.post(
    "/auth/password",
    "Change the password; every token and socket opened before ends",
    body=PasswordChange,
    answer=Done,
    rate=SIGN_IN,
    refusals=(errors.InvalidCredentials,),
)
async def change_password(request: web.Request, body: PasswordChange) -> Done:
    services, user_id = request.app[SERVICES], caller(request).user_id
    await services.accounts.change_password(user_id, body.current_password, body.new_password)
    services.access.drop(user_id)
    services.changes.check_now()
    return Done()


@passwords.post(
    "/auth/reset",
    "Have a code sent to the linked Telegram chat; the answer is the same whether or not there is one",
    body=ResetRequest,
    answer=Done,
    signed_in=False,
    rate=SIGN_IN,
)
async def request_reset(request: web.Request, body: ResetRequest) -> Done:
    await request.app[SERVICES].accounts.request_reset(body.username)
    return Done()


@passwords.post(
    "/auth/reset/confirm",
    "Set a new password with the code",
    body=ResetConfirmation,
    answer=Done,
    signed_in=False,
    rate=SIGN_IN,
    refusals=(errors.InvalidCode,),
)
async def confirm_reset(request: web.Request, body: ResetConfirmation) -> Done:
    services = request.app[SERVICES]
    await services.accounts.confirm_reset(body.username, body.code, body.new_password)
    services.changes.check_now()
    return Done()


async def _session(request: web.Request, signed_in: SignIn) -> Session:
    license_ = signed_in.license
    return Session(
        access_token=await token_for(request, signed_in.account, V2.audience),
        expires_in=request.app[TOKENS].ttl,
        license_expires_at=iso(license_.expires_at) if license_.expires_at else None,
        plan=license_.plan,
    )
