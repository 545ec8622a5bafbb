"""A streamer's settings."""

from typing import Annotated, Any

from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType, defstruct, to_builtins

from core import errors, reading
from core.settings import Settings
from core.speech import voices
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import caller, media_url
from webapp.speaking import know_allowance

calls = Calls("Settings")

SettingsUpdate = defstruct(
    "SettingsUpdate",
    [(name, kind | UnsetType, UNSET) for name, kind in Settings.__annotations__.items()],
    forbid_unknown_fields=True,
    frozen=True,
)
"""Any subset of the settings and nothing else."""


class LineToTry(Struct, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=500)]
    name: Annotated[str, Meta(min_length=1, max_length=64, description="The viewer's")] = "Anna"


class LineTried(Struct, frozen=True):
    text: str | None  # what is said; null: it stays silent
    skipped_by: str | None  # the setting or the reason that keeps it silent
    tts_url: str | None


own = Calls("Settings")
"""Of the WebApp API alone."""


@calls.get("/settings/get", "All settings", answer=Settings, short="/settings")
async def show_settings(request: web.Request) -> Settings:
    return await request.app[SERVICES].accounts.settings(caller(request).user_id)


@calls.post(
    "/settings/update", "Change any of the settings", body=SettingsUpdate, answer=Settings, short="/settings"
)
async def update_settings(request: web.Request, body: Any) -> Settings:
    services, user_id = request.app[SERVICES], caller(request).user_id
    settings = await services.accounts.update_settings(user_id, to_builtins(body))
    await services.studios.reload(user_id)
    return settings


@own.post(
    "/settings/try-line",
    "How a line of chat would be read with the settings as they are; nothing is sent or counted",
    body=LineToTry,
    answer=LineTried,
    rate="preview",
    refusals=(errors.Invalid, errors.PlanLimit),
)
async def try_line(request: web.Request, body: LineToTry) -> LineTried:
    services, user_id = request.app[SERVICES], caller(request).user_id
    settings = await services.accounts.settings(user_id)
    said = reading.try_line(body.text, body.name, settings)
    if said.text is None:
        return LineTried(None, said.skipped_by, None)
    await know_allowance(request)
    spoken = services.speech.hand_out(user_id, said.text, voices.choice_of(settings))
    if spoken is None:
        raise services.speech.refuse(user_id)
    return LineTried(said.text, None, media_url(request, spoken.name))
