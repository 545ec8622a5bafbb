"""Overlay setup: its address and the player's, where they are open, and how the overlay looks."""

from typing import Any

import msgspec
from msgspec import Struct

from core import account_look, overlay_look
from core.channel import MAX_OVERLAYS
from core.glance import Seat
from core.listener import Place
from core.overlay_look import STANDARD, Look
from core.triggers import service as triggers
from core.triggers.model import Action
from webapp.miniapp.qr import qr
from webapp.miniapp.views import Scene, Views
from webapp.routes.overlay import pages_of

views = Views("overlay")

ICONS = {
    "alerts": "alert",
    "feed": "chat",
    "likes": "heart",
    "follows": "follow",
    "diamonds": "diamond",
    "gifters": "gift",
}
FONTS = ("plain", "round", "heavy", "serif", "typewriter")
SPOTS = tuple((x, y) for y in (0, 50, 100) for x in (0, 50, 100))
_PROGRAMS = (("OBS/", "OBS Studio"), ("Streamlabs", "Streamlabs"), ("Dart/", "app"), ("Mozilla/", "browser"))


class Opened(Struct, frozen=True):
    """One overlay or player that is connected. `program`: its name, or a key of the page's words."""

    program: str
    since: str


@views("/overlay", "overlay.html")
async def show_overlay(scene: Scene) -> dict[str, Any]:
    services, user_id = scene.services, scene.user_id
    async with services.db.read() as uow:
        look = await account_look.get(uow, user_id)
        found = await triggers.list_all(uow, user_id)
    pages = pages_of(scene.request, user_id, scene.access.overlay_version)
    seats = await services.studios.seats(user_id)
    return {
        "pages": pages,
        "overlay_qr": qr(pages.url),
        "player_qr": qr(pages.player_url),
        "overlays": _opened(scene, seats, Place.OVERLAY),
        "players": _opened(scene, seats, Place.PLAYER),
        "max_overlays": MAX_OVERLAYS,
        "look": msgspec.to_builtins(look),
        "standard": msgspec.to_builtins(STANDARD),
        "is_standard": look == STANDARD,
        "is_on": any(getattr(look, name).on for name in Look.__struct_fields__),
        "has_alerts": any(one.enabled and one.action is Action.ALERT for one in found),
        "icons": ICONS,
        "fonts": FONTS,
        "spots": SPOTS,
        "most_rows": overlay_look.MOST_ROWS,
    }


def _opened(scene: Scene, seats: tuple[Seat, ...], place: Place) -> list[Opened]:
    return [
        Opened(_program_of(one.agent), scene.say.when(one.came_at))
        for one in seats
        if one.place is place and one.came_at is not None
    ]


def _program_of(agent: str) -> str:
    return next((name for mark, name in _PROGRAMS if mark in agent), "other")
