"""Which lines of the chat are read, and how."""

from typing import Any

from core.sounds import shelf
from webapp.miniapp.views import Scene, Views

views = Views("sounds")

MAX_CHOICES = 1_000


@views("/chat", "chat.html")
async def show_chat(scene: Scene) -> dict[str, Any]:
    async with scene.services.db.read() as uow:
        found = await shelf.look(uow, scene.user_id, limit=MAX_CHOICES)
    return {
        "own": [one.filename for one in found.sounds],
        "built_in": [one.filename for one in found.builtin],
        "chosen_gift": found.default.filename if found.default else None,
    }
