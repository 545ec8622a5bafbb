"""The devices that are signed in, and what the owner of an account may do with all of it."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.clock import iso
from core.identity import FRESH_SECONDS
from webapp.admission import SIGN_IN
from webapp.api import Calls
from webapp.fields import Done, Moment, Password
from webapp.keys import SERVICES
from webapp.requests import caller, init_data

calls = Calls("Account")

CHUNK = 64 * 1024


class DeviceShown(Struct, frozen=True):
    id: int
    name: Annotated[str, Meta(description="Such as `Chrome, Android`; may be empty")]
    audience: Annotated[str, Meta(description="`mobile` or `webapp`")]
    signed_in_at: Moment
    last_seen_at: Moment | None
    is_this: bool


class DeviceList(Struct, frozen=True):
    devices: list[DeviceShown]


class DeviceChosen(Struct, frozen=True):
    id: int


class Ended(Struct, frozen=True):
    ended: int


class Leave(Struct, frozen=True):
    """Either the password, or init data of Telegram's at most ten minutes old."""

    password: Password = ""
    initData: str = ""  # noqa: N815 - Telegram's
    gives_up_balance: Annotated[bool, Meta(description="What is left on the balance is lost")] = False


@calls.get("/devices", "Where the account is signed in, the newest first", answer=DeviceList)
async def list_devices(request: web.Request) -> DeviceList:
    who = caller(request)
    found = await request.app[SERVICES].devices.list_open(who.user_id, who.token_id)
    return DeviceList(
        [
            DeviceShown(
                id=one.id,
                name=one.name,
                audience=one.audience,
                signed_in_at=iso(one.created_at),
                last_seen_at=iso(one.last_seen_at) if one.last_seen_at else None,
                is_this=one.is_this,
            )
            for one in found
        ]
    )


@calls.post(
    "/devices/end", "Sign one of them out", body=DeviceChosen, answer=Done, refusals=(errors.NotFound,)
)
async def end_device(request: web.Request, body: DeviceChosen) -> Done:
    await request.app[SERVICES].devices.end(caller(request).user_id, body.id)
    _notice(request)
    return Done()


@calls.post("/devices/end-others", "Sign all others out", answer=Ended)
async def end_others(request: web.Request) -> Ended:
    who = caller(request)
    ended = await request.app[SERVICES].devices.end_others(who.user_id, who.token_id)
    _notice(request)
    return Ended(ended)


@calls.post("/devices/end-this", "Sign this one out: the token that asks ends", answer=Done)
async def end_this(request: web.Request) -> Done:
    who = caller(request)
    await request.app[SERVICES].devices.end_this(who.user_id, who.token_id)
    _notice(request)
    return Done()


@calls.get("/account/export", "All that is kept about the account, as a zip file", media="application/zip")
async def export_account(request: web.Request) -> web.StreamResponse:
    async with request.app[SERVICES].export.archive(caller(request).user_id) as path:
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/zip",
                "Content-Disposition": 'attachment; filename="ttboost.zip"',
            }
        )
        await response.prepare(request)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                await response.write(chunk)
        await response.write_eof()
        return response


@calls.post(
    "/account/delete",
    "Delete the account for good. Licenses end, and what must be kept for the books names nobody any more",
    body=Leave,
    answer=Done,
    rate=SIGN_IN,
    refusals=(
        errors.InvalidCredentials,
        errors.InitDataInvalid,
        errors.InitDataExpired,
        errors.OrdersOpen,
        errors.BalanceLeft,
    ),
)
async def delete_account(request: web.Request, body: Leave) -> Done:
    services, user_id = request.app[SERVICES], caller(request).user_id
    raw = init_data(request, body.initData)
    if not body.password and not raw:
        raise errors.InvalidCredentials
    proof = body.password or services.identity.read(raw, FRESH_SECONDS)
    await services.leaving.delete(user_id, proof, gives_up_balance=body.gives_up_balance)
    await services.studios.stop_live(user_id)
    _notice(request)
    return Done()


def _notice(request: web.Request) -> None:
    services = request.app[SERVICES]
    services.access.drop(caller(request).user_id)
    services.changes.check_now()
