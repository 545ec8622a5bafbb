"""Which voice speaks, how fast, how high and how loud."""

from itertools import groupby
from typing import Annotated, Any
from unicodedata import combining, normalize

from msgspec import Meta, Struct

from core.sounds import shelf
from core.speech import voices
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.voice_names import voice_name
from webapp.requests import media_url

views = Views("sounds")

MAX_CHOICES = 1_000


class Asked(Struct, frozen=True):
    lang: Annotated[str, Meta(max_length=16)] = ""


@views("/voices", "voices.html", query=Asked)
async def show_voices(scene: Scene, query: Asked) -> dict[str, Any]:
    speech, choice = scene.services.speech, voices.choice_of(scene.settings)
    known = {voice.id: voice for voice in speech.voices()}
    languages = {voice.lang.partition("-")[0] for voice in known.values()}
    language = query.lang if query.lang in languages else voices.language_of(choice.voice_id)
    shown = _by_country([voice for voice in speech.voices(language) if voice.available])
    now, usual = speech.speakers(choice)
    async with scene.services.db.read() as uow:
        gift = (await shelf.look(uow, scene.user_id, limit=MAX_CHOICES)).default
    return {
        "languages": sorted(((scene.say.tongue(one), one) for one in languages), key=_by_letters),
        "language": language,
        "groups": [(tag, list(group)) for tag, group in groupby(shown, lambda voice: voice.lang)],
        "chosen": known[choice.voice_id],
        "automatic": known[voices.default_voice(scene.settings.language)],
        "called": lambda voice: voice_name(voice.id, scene.say),
        "now": now,
        "is_usual": now == usual,
        "has_spoken": speech.has_spoken(now),
        "gift_url": media_url(scene.request, gift.media_name) if gift else "",
    }


def _by_letters(named: tuple[str, str]) -> str:
    """As a dictionary has them: an accent changes nothing."""
    return "".join(char for char in normalize("NFD", named[0]) if not combining(char)).casefold()


def _by_country(listed: list[voices.Voice]) -> list[voices.Voice]:
    """Stable: the better voices stay before the others."""
    countries = list(dict.fromkeys(voice.lang for voice in listed))
    return sorted(listed, key=lambda voice: countries.index(voice.lang))
