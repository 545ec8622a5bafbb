"""The only place where a refusal becomes an HTTP status and a body."""

import contextlib
from http import HTTPStatus

import structlog
from aiohttp import WSCloseCode, web
from aiohttp.typedefs import Handler

from core.errors import (
    AppError,
    Conflict,
    Forbidden,
    Full,
    InsufficientFunds,
    Invalid,
    MethodNotAllowed,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
    UpgradeRequired,
)
from storage.db import DatabaseBusy, DatabaseError
from storage.engines import is_lost
from webapp.keys import PREPARED, QUOTA, REQUEST_ID
from webapp.limits import Limited
from webapp.surfaces import surface_of

log = structlog.get_logger(__name__)

STATUS: dict[type[AppError], HTTPStatus] = {
    AppError: HTTPStatus.INTERNAL_SERVER_ERROR,
    Invalid: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    MethodNotAllowed: HTTPStatus.METHOD_NOT_ALLOWED,
    Conflict: HTTPStatus.CONFLICT,
    InsufficientFunds: HTTPStatus.PAYMENT_REQUIRED,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    UpgradeRequired: HTTPStatus.UPGRADE_REQUIRED,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    Full: HTTPStatus.INSUFFICIENT_STORAGE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

_NO_ROOM = ("database or disk is full", "No space left on device")  # SQLite and Postgres

_BUSY = (
    "database is locked", "QueuePool limit", "could not obtain lock", "too many clients", "statement timeout",
    "deadlock detected", "the database system is",
)  # fmt: skip
BUSY_SECONDS = 5

_ROUTER: dict[int, type[AppError]] = {
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    415: UnsupportedMediaType,
}


def status_of(kind: type[AppError]) -> HTTPStatus:
    """The nearest ancestor wins, so a new error needs no entry of its own."""
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def answer(request: web.Request, error: AppError, path: str | None = None) -> web.Response:
    """`path`: what was asked for, where the request itself does not say."""
    status = status_of(type(error))
    body = surface_of(request.path if path is None else path).refusal(error, request.get(REQUEST_ID, ""))
    response = web.json_response(body, status=status)
    if isinstance(error, Limited):
        request[QUOTA] = error.quota
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, UpgradeRequired):
        response.headers["Upgrade"] = "websocket"
    return response


@web.middleware
async def error_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, the client gets an answer and the log a line
        begun = request.get(PREPARED)
        return _refused(request, error) if begun is None else await _broken_off(request, begun, error)


def _refused(request: web.Request, error: Exception) -> web.StreamResponse:
    if isinstance(error, AppError):
        return answer(request, error)
    if isinstance(error, web.HTTPException):
        return _of_framework(request, error)
    _tell(request, error)
    if _is_gone(request, error):
        return web.Response(status=HTTPStatus.BAD_REQUEST)
    return answer(request, _known_trouble(error) or AppError())


async def _broken_off(
    request: web.Request, begun: web.StreamResponse, error: Exception
) -> web.StreamResponse:
    """Bytes of an answer are out already: nothing but its end may follow them."""
    _tell(request, error)
    if _is_gone(request, error):
        return web.Response(status=HTTPStatus.BAD_REQUEST)
    if isinstance(begun, web.WebSocketResponse):
        with contextlib.suppress(ConnectionError):
            await begun.close(code=WSCloseCode.INTERNAL_ERROR)
    elif request.transport is not None:
        request.transport.abort()
    return begun


def _tell(request: web.Request, error: Exception) -> None:
    """Once, with its traceback; no word of it goes out."""
    if _is_gone(request, error):
        log.info("client_gone", route=route_of(request))
    elif trouble := _known_trouble(error):
        log.warning("database_refused", reason=trouble.code, method=request.method, route=route_of(request))
    else:
        log.error("request_failed", method=request.method, route=route_of(request), exc_info=error)


def _is_gone(request: web.Request, error: Exception) -> bool:
    """The other side hung up: no failure of ours, and nobody reads an answer."""
    is_open = request.transport is not None and not request.transport.is_closing()
    return isinstance(error, ConnectionError) and not is_open


def route_of(request: web.Request) -> str:
    """The route's pattern: in the path itself stand overlay secrets, in the query tokens."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "-"


def _known_trouble(error: Exception) -> AppError | None:
    """What the machine under the database does not allow at the moment."""
    if not isinstance(error, DatabaseError):
        return None
    told = str(error)
    if any(sign in told for sign in _NO_ROOM):
        return Full()
    if isinstance(error, DatabaseBusy) or is_lost(error) or any(sign in told for sign in _BUSY):
        return Unavailable(service="database", retry_after=BUSY_SECONDS)
    return None


def _of_framework(request: web.Request, error: web.HTTPException) -> web.Response:
    if error.status < HTTPStatus.BAD_REQUEST:
        raise error
    kind = _ROUTER.get(error.status)
    refusal = kind() if kind else Invalid(error.reason.lower())
    response = answer(request, refusal)
    response.set_status(error.status)
    if allowed := error.headers.get("Allow"):
        response.headers["Allow"] = allowed
    return response
