"""How the overlay looks, and where it is open."""

from functools import cache
from typing import Any

from aiohttp import web
from msgspec import UNSET, Struct, UnsetType, defstruct, structs, to_builtins

from core import account_look
from core.clock import iso
from core.listener import Place
from core.overlay_look import Look
from webapp.api import Calls
from webapp.fields import Moment
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Overlay and socket")


@cache
def _subset(kind: type[Struct], name: str) -> type[Struct]:
    """Any subset of the fields of `kind` and nothing else, all the way down."""
    fields: list[tuple[str, Any, Any]] = []
    for field in structs.fields(kind):
        is_widget = isinstance(field.type, type) and issubclass(field.type, Struct)
        inner = _subset(field.type, f"{field.type.__name__}Update") if is_widget else field.type
        fields.append((field.name, inner | UnsetType, UNSET))
    return defstruct(name, fields, forbid_unknown_fields=True, frozen=True)


LookUpdate = _subset(Look, "LookUpdate")


class OpenPlace(Struct, frozen=True):
    place: str  # `overlay` or `player`
    agent: str  # what the program there calls itself
    since: Moment


class OpenPlaces(Struct, frozen=True):
    places: list[OpenPlace]


@calls.get("/overlay/look", "How the overlay looks", answer=Look)
async def show_look(request: web.Request) -> Look:
    async with request.app[SERVICES].db.read() as uow:
        return await account_look.get(uow, caller(request).user_id)


@calls.post(
    "/overlay/look",
    "Change how the overlay looks; what is left out stays. Overlays that are open follow at once",
    body=LookUpdate,
    answer=Look,
)
async def change_look(request: web.Request, body: Any) -> Look:
    services, user_id = request.app[SERVICES], caller(request).user_id
    async with services.db.begin() as uow:
        look = await account_look.change(uow, user_id, to_builtins(body), services.clock.now())
    await services.studios.reload(user_id)
    return look


@calls.get("/overlay/places", "Which overlays and players are connected right now", answer=OpenPlaces)
async def list_places(request: web.Request) -> OpenPlaces:
    seats = await request.app[SERVICES].studios.seats(caller(request).user_id)
    return OpenPlaces(
        [
            OpenPlace(one.place.value, one.agent, iso(one.came_at))
            for one in seats
            if one.place is not Place.MONITOR and one.came_at
        ]
    )
