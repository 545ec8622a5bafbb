"""Who may make a call, and how often (contract section 5)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web

from core import usernames
from core.errors import AppError, InvalidToken, MissingToken, RateLimited, Unavailable
from webapp.keys import CALLER, LIMITER, QUOTA, SERVICES, TOKENS, Caller
from webapp.requests import bearer, limit_address, read_bytes
from webapp.surfaces import Surface

SIGN_IN = "auth"  # the rate of everything that deals with passwords and keys


class _Claim(msgspec.Struct):
    username: str = ""


async def identify(request: web.Request, token: str, audience: str) -> Caller:
    """Whose `token` it is; raises `InvalidToken` also where it was revoked or its owner banned."""
    claims = request.app[TOKENS].verify(token, audience)
    access = await request.app[SERVICES].access.of(claims.user_id)
    if access.token_version != claims.ver or access.is_banned:
        raise InvalidToken
    return Caller(claims.user_id, access)


@asynccontextmanager
async def admission(
    request: web.Request, surface: Surface, *, signed_in: bool, rate: str | None
) -> AsyncIterator[None]:
    """Around a call: the caller is known and within the limit, or the call is refused."""
    refusal = await _recognise(request, surface.audience)
    if refusal and rate == SIGN_IN:
        async with _attempt(request):
            if signed_in:
                raise refusal
            yield
        return
    if refusal and signed_in:
        raise refusal
    if not refusal:
        user_id = request[CALLER].user_id
        request[QUOTA] = await request.app[LIMITER].take(rate or surface.rate, str(user_id))
    yield


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
    limiter, address = request.app[LIMITER], limit_address(request)
    async with limiter.hold("auth_ip", address):
        try:
            request[QUOTA] = await limiter.take(SIGN_IN, address, await _claimed_username(request))
            yield
        except (RateLimited, Unavailable):
            raise
        except AppError:
            await limiter.count("auth_ip", address)
            raise


async def _claimed_username(request: web.Request) -> str:
    raw = await read_bytes(request)
    try:
        claimed = msgspec.json.decode(raw, type=_Claim).username
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    return usernames.fold(claimed)
