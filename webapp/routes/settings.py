"""A streamer's settings."""

from typing import Any

from aiohttp import web
from msgspec import UNSET, UnsetType, defstruct, to_builtins

from core.settings import Settings
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Settings")

SettingsUpdate = defstruct(
    "SettingsUpdate",
    [(name, kind | UnsetType, UNSET) for name, kind in Settings.__annotations__.items()],
    forbid_unknown_fields=True,
    frozen=True,
)
"""Any subset of the settings and nothing else."""


@calls.get("/settings/get", "All settings", answer=Settings)
async def show_settings(request: web.Request) -> Settings:
    return await request.app[SERVICES].accounts.settings(caller(request).user_id)


@calls.post("/settings/update", "Change any of the settings", body=SettingsUpdate, answer=Settings)
async def update_settings(request: web.Request, body: Any) -> Settings:
    services, user_id = request.app[SERVICES], caller(request).user_id
    settings = await services.accounts.update_settings(user_id, to_builtins(body))
    await services.studios.reload(user_id)
    return settings
