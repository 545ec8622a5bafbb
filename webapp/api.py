"""Declare a call once: from the declaration come its route, its checks and its page in the document."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Literal

from aiohttp import web

from core.errors import AppError
from webapp.admission import admission
from webapp.requests import read_body, read_query, refuse_null
from webapp.surfaces import API, Surface

Handler = Callable[..., Awaitable[Any]]

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    path: str  # below the surface's prefix
    handler: Handler
    tag: str
    summary: str
    body: type | None = None  # JSON, given to the handler as `body`
    query: type | None = None  # given as `query`
    answer: type | None = None  # of what the handler returns; None: it makes the response itself
    media: str | None = None  # content type of an answer that is not JSON
    upload: str | None = None  # multipart field with a file, read by the handler
    keyed: Literal["must", "may"] | None = None  # whether an `Idempotency-Key` comes along
    signed_in: bool = True
    rate: str | None = None  # in `limits.*`, or `admission.SIGNED`; None: the surface's
    role: Literal["admin", "support"] | None = None  # the least the caller must be
    short: str | None = None  # a second path, on the WebApp API
    refusals: tuple[type[AppError], ...] = ()
    status: int = HTTPStatus.OK


class Calls:
    """The calls of one subject, in the order of the document."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.all: list[Call] = []

    def __call__(self, method: str, path: str, summary: str, **declared: Any) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            self.all.append(
                Call(method=method, path=path, handler=handler, tag=self.tag, summary=summary, **declared)
            )
            return handler

        return register

    def get(self, path: str, summary: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self("GET", path, summary, **declared)

    def post(self, path: str, summary: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self("POST", path, summary, **declared)

    def delete(self, path: str, summary: str, **declared: Any) -> Callable[[Handler], Handler]:
        return self("DELETE", path, summary, **declared)


def paths_of(call: Call, surface: Surface) -> list[str]:
    short = [call.short] if call.short and surface is API else []
    return [surface.prefix + path for path in (call.path, *short)]


def mount(app: web.Application, surface: Surface, groups: Iterable[Calls]) -> None:
    for group in groups:
        for call in group.all:
            add = app.router.add_get if call.method == "GET" else partial(app.router.add_route, call.method)
            for path in paths_of(call, surface):
                add(path, _bound(call, surface))


def _bound(call: Call, surface: Surface) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        refuse_null(request)
        async with admission(request, surface, signed_in=call.signed_in, rate=call.rate, role=call.role):
            given = await _arguments(call, request)
            answer = await call.handler(request, **given)
        if isinstance(answer, web.StreamResponse):
            return answer
        return web.Response(body=surface.answer(answer), status=call.status, headers=_JSON)

    return handle


async def _arguments(call: Call, request: web.Request) -> dict[str, Any]:
    given: dict[str, Any] = {}
    if call.query:
        given["query"] = read_query(request, call.query)
    if call.body:
        given["body"] = await read_body(request, call.body)
    return given
