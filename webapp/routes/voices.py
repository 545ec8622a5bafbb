"""Voices to choose from, and how they sound."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.settings import Percent
from core.speech import voices
from core.speech.model import VoiceChoice
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.media import AUDIO, serve_speech
from webapp.requests import caller
from webapp.speaking import know_allowance

calls = Calls("Voices")


class VoiceQuery(Struct, frozen=True):
    lang: Annotated[str, Meta(max_length=16, description="Such as `ru` or `en-GB`; all without it")] = ""


class VoiceList(Struct, frozen=True):
    voices: list[voices.Voice]


class Preview(Struct, frozen=True):
    """What is left out is as in the settings."""

    voice_id: Annotated[str, Meta(max_length=64)] | None = None
    text: Annotated[str, Meta(min_length=1, max_length=300)] | None = None
    speech_rate: Percent | None = None
    speech_pitch: Percent | None = None


SAMPLES = {
    "en": "Hello! This is how I read your chat.",
    "ru": "Привет! Вот так я читаю ваш чат.",
    "es": "¡Hola! Así leo tu chat.",
}


@calls.get("/voices/list", "Voices by language", query=VoiceQuery, answer=VoiceList, short="/voices")
async def list_voices(request: web.Request, query: VoiceQuery) -> VoiceList:
    return VoiceList(request.app[SERVICES].speech.voices(query.lang or None))


@calls.post(
    "/voices/preview",
    "Hear a voice",
    body=Preview,
    media=AUDIO,
    rate="preview",
    refusals=(errors.Invalid, errors.PlanLimit, errors.Unavailable),
)
async def preview_voice(request: web.Request, body: Preview) -> web.StreamResponse:
    services, user_id = request.app[SERVICES], caller(request).user_id
    settings = await services.accounts.settings(user_id)
    voice_id = body.voice_id or settings.voice_id or voices.default_voice(settings.language)
    if not voices.is_known(voice_id):
        raise errors.Invalid("voice_id: unknown voice", field="voice_id")
    text = body.text or SAMPLES.get(voices.language_of(voice_id), SAMPLES["en"])
    choice = VoiceChoice(
        voice_id,
        settings.speech_rate if body.speech_rate is None else body.speech_rate,
        settings.speech_pitch if body.speech_pitch is None else body.speech_pitch,
    )
    await know_allowance(request)
    return await serve_speech(request, await services.speech.preview(user_id, text, choice))
