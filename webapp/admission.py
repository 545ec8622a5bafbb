"""Who may make a call, and how often (contract section 5)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import msgspec
import structlog
from aiohttp import web

from core import staff, usernames
from core.errors import AppError, Forbidden, InvalidToken, MissingToken, RateLimited, Unavailable
from core.overlay_secrets import Holder, Kind
from webapp.keys import CALLER, LIMITER, QUOTA, SERVICES, TOKENS, Caller
from webapp.requests import bearer, limit_address, read_bytes
from webapp.surfaces import ADMIN_RATE, Surface

SIGN_IN = "auth"  # the rate of everything that deals with passwords and keys
SIGNED = "signed"  # of calls that prove themselves by a signature: only refusals are counted, by address


class _Claim(msgspec.Struct):
    username: str = ""


async def identify(request: web.Request, token: str, audience: str) -> Caller:
    """Whose `token` it is; raises `InvalidToken` also where it was revoked or its owner banned."""
    claims, services = request.app[TOKENS].verify(token, audience), request.app[SERVICES]
    access = await services.access.of(claims.user_id)
    if access.token_version != claims.ver or access.is_banned or claims.jti in access.ended:
        raise InvalidToken
    services.last_seen.note(claims.user_id, claims.jti)
    structlog.contextvars.bind_contextvars(user_id=claims.user_id)
    return Caller(claims.user_id, access, claims.jti)


async def by_secret(request: web.Request, kind: Kind) -> Holder:
    """Whose overlay or player it is; raises `InvalidToken` where the address never worked or does no more."""
    services = request.app[SERVICES]
    holder = services.accounts.holder_of(kind, request.match_info["secret"])
    access = await services.access.of(holder.user_id) if holder else None
    if not holder or not access or access.is_banned or access.overlay_version != holder.version:
        raise InvalidToken
    return holder


@asynccontextmanager
async def admission(
    request: web.Request, surface: Surface, *, signed_in: bool, rate: str | None, role: str | None = None
) -> AsyncIterator[None]:
    """Around a call: the caller is known, of that role and within the limit, or the call is refused."""
    refusal = await _recognise(request, surface.audience)
    if refusal is None:
        await _admit(request, surface, rate, role)
        yield
        return
    if surface.public_rate and rate != SIGNED:
        request[QUOTA] = await request.app[LIMITER].take(surface.public_rate, limit_address(request))
    async with _GUARDS.get(rate, _unguarded)(request):
        if signed_in:
            raise refusal
        yield


async def _admit(request: web.Request, surface: Surface, rate: str | None, role: str | None) -> None:
    who = request[CALLER]
    is_fit = role is None or staff.reaches(who.access.role, role)
    for name in surface.rates(ADMIN_RATE if role and is_fit else rate):
        request[QUOTA] = await request.app[LIMITER].take(name, str(who.user_id))
    if not is_fit:
        raise Forbidden


async def _recognise(request: web.Request, audience: str) -> AppError | None:
    """Keep the caller on the request, or tell why there is none."""
    token = bearer(request)
    if token is None:
        return MissingToken()
    try:
        request[CALLER] = await identify(request, token, audience)
    except InvalidToken as error:
        return error
    return None


@asynccontextmanager
async def _attempt(request: web.Request) -> AsyncIterator[None]:
    """Count tries by address and claimed name together, refusals by address alone."""
    async with _few_refusals(request):
        name = await _claimed_username(request)
        request[QUOTA] = await request.app[LIMITER].take(SIGN_IN, limit_address(request), name)
        yield


@asynccontextmanager
async def _few_refusals(request: web.Request) -> AsyncIterator[None]:
    limiter, address = request.app[LIMITER], limit_address(request)
    async with limiter.hold("auth_ip", address) as held:
        try:
            yield
        except (RateLimited, Unavailable):
            raise
        except AppError:
            held.keep()
            raise


@asynccontextmanager
async def _unguarded(_request: web.Request) -> AsyncIterator[None]:
    yield


_GUARDS: dict[str | None, Callable[[web.Request], AbstractAsyncContextManager[None]]] = {
    SIGN_IN: _attempt,
    SIGNED: _few_refusals,
}


async def _claimed_username(request: web.Request) -> str:
    raw = await read_bytes(request)
    try:
        claimed = msgspec.json.decode(raw, type=_Claim).username
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return usernames.fold(claimed)
