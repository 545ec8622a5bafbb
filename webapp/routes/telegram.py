"""Telegram pushes updates here. Only Telegram knows the secret; who does not is told nothing."""

import hmac
from typing import Any

from aiohttp import web

from core.errors import NotFound, Unauthenticated
from webapp.keys import UPDATES
from webapp.requests import read_body

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name

routes = web.RouteTableDef()


@routes.post("/telegram/webhook")
async def take_update(request: web.Request) -> web.Response:
    """200 means it is kept; anything else makes Telegram send it again."""
    updates = request.app.get(UPDATES)
    if updates is None:
        raise NotFound
    given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(given, updates.secret):
        raise Unauthenticated
    await updates.take(await read_body(request, dict[str, Any]))
    return web.Response()
