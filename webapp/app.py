"""The web application: routes, and what happens around every request."""

import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, partial
from typing import Any

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Counter, Histogram

from core.errors import AppError
from core.services import Services
from webapp import media, pages, ws
from webapp.api import mount
from webapp.errors import answer, error_middleware, route_of
from webapp.keys import (
    DOCUMENT,
    LIMITER,
    PREPARED,
    PROXIES,
    QUOTA,
    READINESS,
    REFERENCE,
    REQUEST_ID,
    SERVICES,
    TICKETS,
    TOKENS,
)
from webapp.limits import Limiter
from webapp.openapi import document
from webapp.readiness import Readiness
from webapp.reference import render
from webapp.requests import MAX_JSON, networks
from webapp.routes import (
    auth,
    gifts,
    history,
    live,
    overlay,
    settings,
    sounds,
    stats,
    system,
    triggers,
    voices,
)
from webapp.surfaces import V2
from webapp.tickets import Tickets
from webapp.tokens import Tokens

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger(__name__)

SUBJECTS = (auth, sounds, triggers, settings, voices, gifts, live, history, stats, overlay)
"""Both APIs are made of these."""

REQUESTS = Counter("ttboost_http_requests", "Answered requests", ["method", "route", "status"])
SECONDS = Histogram("ttboost_http_request_seconds", "From request to answer, sockets left out", ["route"])

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def build_app(services: Services) -> web.Application:
    app = web.Application(middlewares=[_around, error_middleware], client_max_size=MAX_JSON)
    app[SERVICES] = services
    app[LIMITER] = Limiter(services.config.limits, services.clock)
    app[READINESS] = Readiness(services.db, services.clock)
    app[TICKETS] = Tickets(services.clock)
    app[TOKENS] = Tokens(services.secrets, services.config.auth.token_ttl_hours, services.clock)
    app[PROXIES] = networks(services.config.web.trusted_proxies)
    app.on_response_prepare.append(_finish_headers)
    mount(app, V2, [subject.calls for subject in SUBJECTS])
    app.router.add_get("/media/{name:.+}", media.serve)
    app.router.add_options("/media/{name:.+}", media.preflight)
    for routes in (system.routes, ws.routes):
        app.add_routes(routes)
    pages.setup(app)
    app[DOCUMENT] = _document()
    page: Callable[[], str] = cache(partial(render, app, app[DOCUMENT]))
    app[REFERENCE] = page
    return app


@cache
def _document() -> dict[str, Any]:
    return document({V2: [subject.calls for subject in SUBJECTS]})


@web.middleware
async def _around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A name for every request, one line about it, and the numbers."""
    request[REQUEST_ID] = secrets.token_hex(8)
    began = time.perf_counter()
    with _bound(request):
        response = await handler(request)
        _count(request, response, time.perf_counter() - began)
    return response


def _bound(request: web.Request) -> AbstractContextManager[None]:
    return structlog.contextvars.bound_contextvars(request_id=request[REQUEST_ID])


def _count(request: web.Request, response: web.StreamResponse, seconds: float) -> None:
    route = route_of(request)
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(method, route, response.status).inc()
    if not isinstance(response, web.WebSocketResponse):
        SECONDS.labels(route).observe(seconds)
    log.info("request", method=method, route=route, status=response.status, ms=round(seconds * 1000, 1))


def refuse_unread(request: web.Request, error: AppError) -> web.Response:
    """The answer to what is no request, and comes to no route and no middleware."""
    request[REQUEST_ID] = secrets.token_hex(8)
    response = answer(request, error)
    _stamp(request, response)
    REQUESTS.labels("other", "-", response.status).inc()
    return response


async def _finish_headers(request: web.Request, response: web.StreamResponse) -> None:
    request[PREPARED] = response
    _stamp(request, response)


def _stamp(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "ttboost"
    response.headers["X-Request-ID"] = request.get(REQUEST_ID, "")
    if request.path.startswith(f"{V2.prefix}/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if quota := request.get(QUOTA):
        response.headers["RateLimit-Limit"] = str(quota.limit)
        response.headers["RateLimit-Remaining"] = str(quota.remaining)
        response.headers["RateLimit-Reset"] = str(quota.reset)
