"""What operators and developers look at."""

import asyncio
import hmac

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from core.errors import Forbidden, Unavailable
from storage.db import DatabaseError
from webapp.keys import DOCUMENT, READINESS, REFERENCE, SERVICES
from webapp.requests import bearer, is_local

routes = web.RouteTableDef()

READY_SECONDS = 5.0


@routes.get("/openapi.json")
async def show_document(request: web.Request) -> web.Response:
    return web.json_response(request.app[DOCUMENT])


@routes.get("/docs")
async def show_reference(request: web.Request) -> web.Response:
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy}
    return web.Response(text=request.app[REFERENCE](), content_type="text/html", headers=headers)


@routes.get("/healthz")
async def show_health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def show_readiness(request: web.Request) -> web.Response:
    try:
        async with asyncio.timeout(READY_SECONDS):
            await request.app[READINESS].prove()
    except (DatabaseError, OSError, TimeoutError) as error:
        raise Unavailable(service="database") from error
    return web.json_response({"status": "ok"})


@routes.get("/metrics")
async def show_metrics(request: web.Request) -> web.Response:
    if not (_has_metrics_token(request) or is_local(request)):
        raise Forbidden
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _has_metrics_token(request: web.Request) -> bool:
    token = request.app[SERVICES].config.metrics.token
    given = bearer(request)
    if token is None or given is None:
        return False
    return hmac.compare_digest(token.get_secret_value().encode(), given.encode(errors="replace"))
