"""Every way in there is, read off the application itself, so that a new one cannot be forgotten."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from msgspec import structs

from webapp.api import paths_of
from webapp.app import GROUPS
from webapp.miniapp.setup import GROUPS as VIEWS
from webapp.surfaces import PAGES, Surface

_IN_PATH = re.compile(r"{(\w+)(?::[^}]*)?}")
_IDS = re.compile(r"id|ids|since|filename|\w+_ids?")
_NOBODYS = {"voice_id"}
"""Names that are the same for everybody."""


@dataclass(frozen=True, slots=True)
class Door:
    method: str
    surface: Surface
    path: str  # below the surface's prefix
    role: str | None
    fields: tuple[str, ...]  # of the address, the query and the body
    is_signed_in: bool

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def ids(self) -> list[str]:
        """Which of its fields name something that belongs to somebody."""
        in_path = _IN_PATH.findall(self.path)
        return [one for one in self.fields if one in in_path or (_IDS.fullmatch(one) and one not in _NOBODYS)]


def doors() -> list[Door]:
    calls = [
        Door(call.method, surface, path.removeprefix(surface.prefix), call.role, fields, call.signed_in)
        for surface, groups in GROUPS.items()
        for group in groups
        for call in group.all
        for path in paths_of(call, surface)
        for fields in [_fields(call.path, call.query, call.body)]
    ]
    pages = [
        Door("GET", PAGES, view.path, view.role, _fields(view.path, view.query), is_signed_in=True)
        for group in VIEWS
        for view in group.all
    ]
    return calls + pages


def served(app: web.Application) -> Iterable[tuple[str, str]]:
    """Method and pattern of everything the application answers."""
    for route in app.router.routes():
        if route.resource and route.method != "HEAD":
            yield route.method, route.resource.canonical


def _fields(path: str, *kinds: Any) -> tuple[str, ...]:
    named = [field.name for kind in kinds if kind for field in structs.fields(kind)]
    return (*_IN_PATH.findall(path), *named)
