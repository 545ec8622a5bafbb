"""What operators and developers look at."""

import hmac

from aiohttp import web

from core.errors import Forbidden
from webapp.keys import DOCUMENT, METRICS, READINESS, REFERENCE, SERVICES
from webapp.metrics import CONTENT_TYPE
from webapp.requests import bearer, is_local

routes = web.RouteTableDef()
reference = web.RouteTableDef()


@reference.get("/openapi.json")
async def show_document(request: web.Request) -> web.Response:
    return web.json_response(request.app[DOCUMENT])


@reference.get("/docs")
async def show_reference(request: web.Request) -> web.Response:
    policy = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    headers = {"Content-Security-Policy": policy}
    return web.Response(text=request.app[REFERENCE](), content_type="text/html", headers=headers)


@routes.get("/healthz")
async def show_health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@routes.get("/readyz")
async def show_readiness(request: web.Request) -> web.Response:
    await request.app[READINESS].prove()
    return web.json_response({"status": "ok"})


@routes.get("/metrics")
async def show_metrics(request: web.Request) -> web.Response:
    if not (_has_metrics_token(request) or is_local(request)):
        raise Forbidden
    return web.Response(body=await request.app[METRICS].text(), headers={"Content-Type": CONTENT_TYPE})


def _has_metrics_token(request: web.Request) -> bool:
    token = request.app[SERVICES].config.metrics.token
    given = bearer(request)
    if token is None or given is None:
        return False
    return hmac.compare_digest(token.get_secret_value().encode(), given.encode(errors="replace"))
