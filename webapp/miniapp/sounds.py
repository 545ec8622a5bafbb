"""A streamer's sounds, and those that come built in."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from core import plans
from core.sounds import shelf
from webapp.miniapp.views import Scene, Views
from webapp.requests import media_url

views = Views("sounds")

ROWS = 30
SEARCHED = 10  # from so many sounds on one may want to look for one
_MIDDLE = 16  # of a picture, which is 128 wide and 32 high
_LEAST = 2.0


class Looked(Struct, frozen=True):
    q: Annotated[str, Meta(max_length=100)] = ""
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@views("/sounds", "sounds.html", query=Looked)
async def show_sounds(scene: Scene, query: Looked) -> dict[str, Any]:
    config = scene.services.config
    async with scene.services.db.read() as uow:
        found = await shelf.look(uow, scene.user_id, query.q, limit=ROWS, offset=query.offset)
    return {
        "shelf": found,
        "quota": plans.sound_quota(config, plans.limits_of(config, scene.access.license.plan)),
        "limits": config.sounds,
        "asked": query,
        "rows": ROWS,
        "is_searched": found.owned > SEARCHED or bool(query.q),
        "address": lambda name: media_url(scene.request, name),
        "picture": picture,
    }


def picture(peaks: list[int]) -> str:
    """An SVG path: a bar for each peak, a low line where there are none."""
    heights = [max(_LEAST, peak * 0.3) for peak in peaks] or [_LEAST] * 64
    return "".join(f"M{1 + 2 * x} {_MIDDLE - high / 2:g}v{high:g}" for x, high in enumerate(heights))
