"""Declare a page once: its address, its words, its template, and who may see it.

`/app/triggers` is the shell, the same for every page; it fetches `/app/view/triggers` with the token and
shows what comes. So a page is a handler that returns what its template needs.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import aiohttp_jinja2
from aiohttp import web
from msgspec import Struct

from core import staff
from core.access import AccessState
from core.services import Services
from core.settings import Settings
from webapp.admission import admission
from webapp.keys import SERVICES
from webapp.miniapp.wording import Say, catalogue, zone_of
from webapp.requests import caller, read_query, refuse_null
from webapp.surfaces import PAGES

MAX_ZONE = 64
_HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Scene:
    """For whom a page is made."""

    request: web.Request
    services: Services
    user_id: int
    token_id: str
    access: AccessState
    settings: Settings
    say: Say

    @property
    def is_admin(self) -> bool:
        return staff.reaches(self.access.role, "admin")

    @property
    def is_staff(self) -> bool:
        return staff.reaches(self.access.role, "support")


Handler = Callable[..., Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    path: str  # below `/app`
    handler: Handler
    template: str  # below `templates/app`
    words: str  # its catalogue
    query: type[Struct] | None = None
    role: Literal["admin", "support"] | None = None


class Views:
    """The pages of one subject. `words`: the catalogue they share."""

    def __init__(self, words: str, role: Literal["admin", "support"] | None = None) -> None:
        self.words = words
        self.role = role
        self.all: list[View] = []

    def __call__(
        self, path: str, template: str, *, query: type[Struct] | None = None
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            view = View(
                path=path, handler=handler, template=template, words=self.words, query=query, role=self.role
            )
            self.all.append(view)
            return handler

        return register


def mount(app: web.Application, groups: Iterable[Views]) -> None:
    for group in groups:
        for view in group.all:
            app.router.add_get(f"{PAGES.prefix}{view.path}", partial(_show, view))


async def _show(view: View, request: web.Request) -> web.Response:
    refuse_null(request)
    async with admission(request, PAGES, signed_in=True, rate=None, role=view.role):
        scene = await _scene(request)
        given = {"query": read_query(request, view.query)} if view.query else {}
        context = await view.handler(scene, **given)
    language = scene.say.language
    context = {
        "words": catalogue(language, view.words),
        "ui": catalogue(language, "ui"),
        "say": scene.say,
        "lang": language,
        "scene": scene,
        **context,
    }
    text = aiohttp_jinja2.render_string(f"app/{view.template}", request, context)
    response = web.Response(text=text, headers=_HTML)
    # Its length tells nobody anything: only our own script can ask for it, with a token in a header.
    response.enable_compression()
    return response


async def _scene(request: web.Request) -> Scene:
    services, who = request.app[SERVICES], caller(request)
    settings = await services.accounts.settings(who.user_id)
    zone = zone_of(request.headers.get("X-Time-Zone", "")[:MAX_ZONE])
    say = Say(settings.language, zone, services.clock.now(), services.config.orders.currency)
    return Scene(request, services, who.user_id, who.token_id, who.access, settings, say)
