"""Giving out a token, and remembering the device it went to."""

from datetime import timedelta

import structlog
from aiohttp import web

from core.account import Account
from core.devices import NewToken
from webapp.keys import SERVICES, TOKENS
from webapp.tokens import new_id

MAX_AGENT = 512


async def token_for(request: web.Request, account: Account, audience: str) -> str:
    """A token of `account` for one API, listed among the owner's devices."""
    services, tokens, jti = request.app[SERVICES], request.app[TOKENS], new_id()
    token = tokens.issue(account.id, account.token_version, audience, jti)
    made = NewToken(
        jti=jti,
        audience=audience,
        token_version=account.token_version,
        expires_at=services.clock.now() + timedelta(seconds=tokens.ttl),
        user_agent=request.headers.get("User-Agent", "")[:MAX_AGENT],
    )
    structlog.contextvars.bind_contextvars(user_id=account.id)
    await services.devices.signed_in(account.id, made)
    return token
