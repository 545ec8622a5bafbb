"""Ways into one account: a username and a password, a Telegram chat."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.identity import REQUEST_LASTS
from webapp.admission import SIGN_IN
from webapp.api import Calls
from webapp.fields import Done, Password, Username
from webapp.keys import SERVICES
from webapp.requests import caller, init_data

calls = Calls("Account")


class Credentials(Struct, frozen=True):
    username: Username
    password: Password


class Linking(Struct, frozen=True):
    username: Username
    password: Password
    initData: Annotated[str, Meta(description="At most ten minutes old")] = ""  # noqa: N815 - Telegram's


class LinkAsked(Struct, frozen=True):
    """Nothing has changed yet: the chat with the bot is asked."""

    expires_in: int
    status: str = "confirm_in_telegram"


@calls.post(
    "/account/credentials",
    "Give an account that came by Telegram a username and a password",
    body=Credentials,
    answer=Done,
    rate=SIGN_IN,
    refusals=(errors.UsernameTaken, errors.CredentialsSet),
)
async def set_credentials(request: web.Request, body: Credentials) -> Done:
    services = request.app[SERVICES]
    await services.identity.set_credentials(caller(request).user_id, body.username, body.password)
    services.changes.check_now()
    return Done()


@calls.post(
    "/account/link",
    "Join an account with a password and one that came by Telegram; the bot asks in the chat first",
    body=Linking,
    answer=LinkAsked,
    signed_in=False,
    rate=SIGN_IN,
    refusals=(
        errors.InvalidCredentials,
        errors.InitDataInvalid,
        errors.InitDataExpired,
        errors.UserBanned,
        errors.AccountsInUse,
        errors.AlreadyLinked,
        errors.CredentialsSet,
        errors.TelegramNotSetUp,
    ),
)
async def request_link(request: web.Request, body: Linking) -> LinkAsked:
    raw = init_data(request, body.initData)
    await request.app[SERVICES].identity.request_link(body.username, body.password, raw)
    return LinkAsked(int(REQUEST_LASTS.total_seconds()))
