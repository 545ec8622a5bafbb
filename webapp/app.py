"""The web application: routes, and what happens around every request."""

import secrets
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from core.errors import AppError
from core.services import Services
from webapp import media, metrics, pages, ws
from webapp.api import Calls, mount
from webapp.entrance import Entrance
from webapp.errors import answer, error_middleware, route_of
from webapp.keys import (
    DOCUMENT,
    ENTRANCE,
    LIMITER,
    METRICS,
    PREPARED,
    PROXIES,
    QUOTA,
    READINESS,
    REFERENCE,
    REQUEST_ID,
    REQUEST_LOG,
    SERVICES,
    TICKETS,
    TOKENS,
    UPDATES,
    Updates,
)
from webapp.limits import Limiter
from webapp.miniapp import setup as miniapp
from webapp.openapi import document
from webapp.readiness import Readiness
from webapp.reference import render
from webapp.requests import MAX_JSON, networks
from webapp.routes import (
    account,
    admin,
    auth,
    devices,
    fulfilment,
    gifts,
    history,
    licensing,
    live,
    live_stats,
    orders,
    overlay,
    overlay_look,
    replay,
    settings,
    sounds,
    stats,
    system,
    telegram,
    topups,
    trigger_lists,
    triggers,
    user,
    voices,
    wallet,
    webapp_auth,
)
from webapp.surfaces import API, V2, Surface
from webapp.tickets import Tickets
from webapp.tokens import Tokens

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

SHARED = (sounds, triggers, settings, voices, gifts, live, history, stats, overlay)
"""Both APIs are made of these."""

WEBAPP = (
    webapp_auth,
    account,
    devices,
    user,
    wallet,
    topups,
    licensing,
    orders,
    live_stats,
    fulfilment,
    overlay_look,
    trigger_lists,
    replay,
    *admin.SUBJECTS,
)
"""The WebApp API's own."""

GROUPS: dict[Surface, list[Calls]] = {
    V2: [auth.calls, auth.passwords, *(subject.calls for subject in SHARED)],
    API: [auth.passwords, *(subject.calls for subject in (*WEBAPP, *SHARED)), settings.own],
}


HSTS = "max-age=31536000"
"""Only where the server is reached by https; what else the operator has on other names is theirs to bind."""

_HEADERS = {
    "Cache-Control": "no-store",  # what may be kept says so itself
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def build_app(
    services: Services, updates: Updates | None = None, *, is_for_people: bool = True
) -> web.Application:
    """Not `is_for_people`: a process without the role `web`, which answers operators and Telegram alone."""
    app = web.Application(middlewares=[_around, error_middleware], client_max_size=MAX_JSON)
    app[SERVICES] = services
    app[LIMITER] = Limiter(services.config.limits, services.clock, services.reach)
    app[REQUEST_LOG] = structlog.get_logger(__name__).bind()  # once, not for each line
    app[METRICS] = metrics.Metrics(services)
    app.on_startup.append(app[METRICS].start)
    app[READINESS] = Readiness(services.db, services.clock, services.reach)
    app[ENTRANCE] = Entrance()
    app[TICKETS] = Tickets(services.clock, services.reach)
    app[TOKENS] = Tokens(services.secrets, services.config.auth.token_ttl_hours, services.clock)
    if updates is not None:
        app[UPDATES] = updates
    app[PROXIES] = networks(services.config.web.trusted_proxies)
    app.on_response_prepare.append(_finish_headers)
    for routes in (system.routes, telegram.routes):
        app.add_routes(routes)
    if is_for_people:
        _open_to_people(app)
    return app


def _open_to_people(app: web.Application) -> None:
    for surface, groups in GROUPS.items():
        mount(app, surface, groups)
    app.router.add_get("/media/{name:.+}", media.serve)
    app.router.add_options("/media/{name:.+}", media.preflight)
    for routes in (system.reference, ws.routes):
        app.add_routes(routes)
    pages.setup(app)
    miniapp.setup(app)
    app[DOCUMENT] = _document()
    page: Callable[[], str] = cache(partial(render, app, app[DOCUMENT]))
    app[REFERENCE] = page


@cache
def _document() -> dict[str, Any]:
    return document(GROUPS)


@web.middleware
async def _around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A name for every request, one line about it, and the numbers."""
    request[REQUEST_ID] = secrets.token_hex(8)
    began = time.perf_counter()
    # What the request before it on this connection was about is forgotten first.
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request[REQUEST_ID])
    response = await handler(request)
    _count(request, response, time.perf_counter() - began)
    return response


def _count(request: web.Request, response: web.StreamResponse, seconds: float) -> None:
    route = route_of(request)
    method = request.method if request.method in METHODS else "other"
    metrics.count_request(method, route, response.status)
    if not isinstance(response, web.WebSocketResponse):
        metrics.time_request(route, seconds)
    request.app[REQUEST_LOG].info(
        "request", method=method, route=route, status=response.status, ms=round(seconds * 1000, 1)
    )


def refuse_unread(request: web.Request, error: AppError, path: str) -> web.Response:
    """The answer to what is no request, and comes to no route and no middleware."""
    request[REQUEST_ID] = secrets.token_hex(8)
    response = answer(request, error, path)
    _stamp(request, response)
    metrics.count_request("other", "-", response.status)
    return response


async def _finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    request[PREPARED] = response
    _stamp(request, response)
    if (request.app[SERVICES].config.web.public_url or "").startswith("https://"):
        response.headers["Strict-Transport-Security"] = HSTS


def _stamp(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "ttboost"
    response.headers["X-Request-ID"] = request.get(REQUEST_ID, "")
    if quota := request.get(QUOTA):
        response.headers["RateLimit-Limit"] = str(quota.limit)
        response.headers["RateLimit-Remaining"] = str(quota.remaining)
        response.headers["RateLimit-Reset"] = str(quota.reset)
