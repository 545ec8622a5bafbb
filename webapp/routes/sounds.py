"""A streamer's own sounds."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import errors, plans
from core.clock import iso
from core.sounds import renaming
from core.sounds.service import SoundView
from webapp.api import Calls
from webapp.fields import Done, Moment
from webapp.keys import SERVICES
from webapp.requests import caller, media_url
from webapp.uploads import receive

calls = Calls("Sounds")


class Uploaded(Struct, frozen=True):
    filename: str
    url: str
    duration: float
    size: int
    status: str = "ok"


class Sound(Struct, frozen=True):
    filename: str
    url: str
    duration: float  # seconds
    size: int  # bytes
    created_at: Moment


class SoundList(Struct, frozen=True):
    sounds: list[Sound]
    used: int
    quota: int


class NewName(Struct, frozen=True):
    filename: Annotated[str, Meta(min_length=1, max_length=200)]


class Renamed(Struct, frozen=True):
    sound: Sound
    status: str = "ok"


@calls.post(
    "/sounds/upload",
    "Add a sound; it is checked, evened out in loudness and stored as mp3",
    upload="file",
    answer=Uploaded,
    rate="sounds_upload",
    refusals=(
        errors.UnsupportedSound,
        errors.SoundExists,
        errors.FileTooLarge,
        errors.UnsupportedMediaType,
        errors.QuotaExceeded,
        errors.Full,
    ),
)
async def upload_sound(request: web.Request) -> Uploaded:
    services, user_id = request.app[SERVICES], caller(request).user_id
    upload = await receive(request, "file", services.config.sounds.max_bytes)
    sound = await services.sounds.upload(user_id, upload.filename, upload.chunks, _quota(request))
    await services.studios.reload(user_id)
    return Uploaded(sound.filename, media_url(request, sound.url), sound.duration, sound.size)


@calls.get(
    "/sounds/list",
    "Own sounds; built-in ones are used by name and not listed",
    answer=SoundList,
    short="/sounds",
)
async def list_sounds(request: web.Request) -> SoundList:
    found = await request.app[SERVICES].sounds.list(caller(request).user_id, _quota(request))
    return SoundList([_view(request, sound) for sound in found.sounds], found.used, found.quota)


@calls.post(
    "/sounds/{filename}/rename",
    "Give a sound another name; triggers and settings that play it follow",
    body=NewName,
    answer=Renamed,
    refusals=(errors.Invalid, errors.SoundNotFound, errors.SoundExists),
)
async def rename_sound(request: web.Request, body: NewName) -> Renamed:
    services, user_id = request.app[SERVICES], caller(request).user_id
    filename = request.match_info["filename"]
    async with services.db.begin() as uow:
        sound = await renaming.rename(uow, user_id, filename, body.filename, services.clock)
    await services.studios.reload(user_id)
    return Renamed(_view(request, sound))


@calls.delete(
    "/sounds/{filename}",
    "Delete a sound that no trigger plays",
    answer=Done,
    refusals=(errors.SoundNotFound, errors.SoundInUse),
)
async def delete_sound(request: web.Request) -> Done:
    services, user_id = request.app[SERVICES], caller(request).user_id
    await services.sounds.delete(user_id, request.match_info["filename"])
    await services.studios.reload(user_id)
    return Done()


def _quota(request: web.Request) -> int:
    config = request.app[SERVICES].config
    return plans.sound_quota(config, plans.limits_of(config, caller(request).access.license.plan))


def _view(request: web.Request, sound: SoundView) -> Sound:
    url = media_url(request, sound.url)
    return Sound(sound.filename, url, sound.duration, sound.size, iso(sound.created_at))
