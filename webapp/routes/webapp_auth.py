"""Ways into the Mini App and the web."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.account import SignIn
from core.settings import Language
from webapp.admission import SIGN_IN
from webapp.api import Calls
from webapp.keys import SERVICES, TOKENS
from webapp.requests import init_data
from webapp.routes.auth import REDEEMING, Login, Redemption
from webapp.routes.user import User, view_of
from webapp.sessions import token_for
from webapp.surfaces import API

calls = Calls("Signing in")


class TelegramSignIn(Struct, frozen=True):
    initData: Annotated[  # noqa: N815 - Telegram's own spelling
        str,
        Meta(description="As Telegram gave it, unchanged; or send it as `Authorization: tma …`"),
    ] = ""


class KeySignIn(Redemption, frozen=True):
    language: Annotated[Language, Meta(description="Of an account made by it")] = "en"


class TicketSignIn(Struct, frozen=True):
    ticket: Annotated[str, Meta(description="From the bot; opens once, within five minutes")]


class WebappSession(Struct, frozen=True):
    token: str
    expires_in: Annotated[int, Meta(description="Seconds")]
    user: User


class BotAddress(Struct, frozen=True):
    address: Annotated[str, Meta(description="Such as `https://t.me/ttboost_bot`")]


@calls.post(
    "/auth/telegram",
    "Sign in by what Telegram opened the Mini App with; the first time makes the account",
    body=TelegramSignIn,
    answer=WebappSession,
    signed_in=False,
    refusals=(errors.InitDataInvalid, errors.InitDataExpired, errors.UserBanned, errors.TelegramNotSetUp),
)
async def sign_in_by_telegram(request: web.Request, body: TelegramSignIn) -> WebappSession:
    services = request.app[SERVICES]
    since, who = services.clock.now(), services.identity.read(init_data(request, body.initData))
    signed_in = await services.identity.by_telegram(who)
    if signed_in.is_new and who.start_param:
        await services.referrals.came_by(signed_in.account.id, who.start_param, since)
    return await _session(request, signed_in)


@calls.post(
    "/auth/login",
    "Sign in with username and password",
    body=Login,
    answer=WebappSession,
    signed_in=False,
    rate=SIGN_IN,
    refusals=(errors.InvalidCredentials, errors.UserBanned),
)
async def sign_in_by_password(request: web.Request, body: Login) -> WebappSession:
    accounts = request.app[SERVICES].accounts
    return await _session(request, await accounts.login(body.username, body.password))


@calls.post(
    "/auth/redeem",
    "Sign in with a license key; a new username makes the account",
    body=KeySignIn,
    answer=WebappSession,
    signed_in=False,
    rate=SIGN_IN,
    refusals=REDEEMING,
)
async def sign_in_by_key(request: web.Request, body: KeySignIn) -> WebappSession:
    services = request.app[SERVICES]
    signed_in = await services.accounts.redeem(body.username, body.password, body.license_key, body.language)
    services.access.drop(signed_in.account.id)
    return await _session(request, signed_in)


@calls.post(
    "/auth/ticket",
    "Sign in by a link of the bot's",
    body=TicketSignIn,
    answer=WebappSession,
    signed_in=False,
    refusals=(errors.TicketInvalid, errors.UserBanned),
)
async def sign_in_by_ticket(request: web.Request, body: TicketSignIn) -> WebappSession:
    return await _session(request, await request.app[SERVICES].identity.by_ticket(body.ticket))


@calls.get(
    "/auth/bot",
    "Where the bot is written to, which sends the code for a forgotten password",
    answer=BotAddress,
    signed_in=False,
    refusals=(errors.TelegramNotSetUp, errors.Unavailable),
)
async def show_bot(request: web.Request) -> BotAddress:
    return BotAddress(await request.app[SERVICES].payments.bot_address())


async def _session(request: web.Request, signed_in: SignIn) -> WebappSession:
    view = await request.app[SERVICES].user_views.of(signed_in.account.id)
    token = await token_for(request, signed_in.account, API.audience)
    return WebappSession(token, request.app[TOKENS].ttl, view_of(view))
