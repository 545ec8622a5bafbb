"""Ready-made sets: what most streamers want first, several triggers and settings at once."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from core.settings import Settings
from core.triggers.bulk import occasion
from core.triggers.intake import Allowed, TriggerBody, parse
from core.triggers.model import Trigger

Texts = dict[str, str]  # by language


class ReadySet(Struct, frozen=True):
    triggers: tuple[dict[str, Any], ...]
    settings: dict[str, Any] = {}


def _gift(*diamonds: tuple[str, int]) -> dict[str, Any]:
    conditions = [{"key": key, "value": value} for key, value in diamonds]
    return {"event_type": "gift", "conditions": conditions}


def _play(sound: str) -> dict[str, Any]:
    return {"action": "play_sound", "action_params": {"sound_filename": sound}}


def _say(text: Texts) -> dict[str, Any]:
    return {"action": "tts", "action_params": {"text_template": text}}


def _show(text: Texts, image: str, duration: int = 5) -> dict[str, Any]:
    params = {"text_template": text, "image": image, "duration": duration}
    return {"action": "alert", "action_params": params}


def _likes(every: int) -> dict[str, Any]:
    return {"event_type": "like", "conditions": [{"key": "every", "value": every}]}


def _in_each(en: str, ru: str, es: str) -> Texts:
    return {"en": en, "ru": ru, "es": es}


def _named(en: str, ru: str, es: str) -> dict[str, Any]:
    return {"name": _in_each(en, ru, es)}


_GIVEN = "{user}: {gift_name} × {count}"

SETS: dict[str, ReadySet] = {
    "gifts": ReadySet(
        (
            _gift(("max_diamonds", 29))
            | _named("Small gifts", "Маленькие подарки", "Regalos pequeños")
            | _play("coin"),
            _gift(("min_diamonds", 30), ("max_diamonds", 198))
            | _named("Nice gifts", "Подарки побольше", "Regalos medianos")
            | _play("bell"),
            _gift(("min_diamonds", 199))
            | _named("Big gifts", "Большие подарки", "Regalos grandes")
            | _play("fanfare"),
            _gift(("min_diamonds", 30))
            | {"when": "end"}
            | _named("Thanks on screen", "Спасибо на экране", "Gracias en pantalla")
            | _show(_in_each(_GIVEN, _GIVEN, _GIVEN), "gift"),
        ),
        {"gift_sounds_enabled": True},
    ),
    "chat": ReadySet(
        (
            {"event_type": "viewer_first_message", "user_cooldown_seconds": 3600}
            | _named("First words", "Первые слова", "Primeras palabras")
            | _play("pop"),
        ),
        {"tts_enabled": True, "chat_tts_mode": "all"},
    ),
    "followers": ReadySet(
        (
            {"event_type": "follow", "cooldown_seconds": 5}
            | _named("Greet followers", "Привет подписчикам", "Saludo a seguidores")
            | _say(_in_each("Welcome, {user}!", "{user}, спасибо за подписку!", "¡Hola, {user}!")),
            {"event_type": "follow"}
            | _named("New follower on screen", "Новый подписчик на экране", "Nuevo seguidor en pantalla")
            | _show(_in_each("{user} follows you", "{user} теперь с вами", "{user} te sigue"), "heart"),
            {"event_type": "share", "cooldown_seconds": 5}
            | _named("Thanks for sharing", "Спасибо за репост", "Gracias por compartir")
            | _show(
                _in_each(
                    "{user} shared your LIVE", "{user} делится вашим эфиром", "{user} compartió tu LIVE"
                ),
                "rocket",
            ),
        ),
        {"tts_enabled": True},
    ),
    "likes": ReadySet(
        (
            _likes(1_000)
            | _named("Every 1,000 likes", "Каждая 1000 лайков", "Cada 1000 me gusta")
            | _show(_in_each("{likes} likes!", "Уже {likes} лайков!", "¡{likes} me gusta!"), "party"),
            _likes(5_000)
            | _named("Every 5,000 likes", "Каждые 5000 лайков", "Cada 5000 me gusta")
            | _play("fanfare"),
            _likes(10_000)
            | _named("Every 10,000 likes", "Каждые 10 000 лайков", "Cada 10 000 me gusta")
            | _say(
                _in_each(
                    "{likes} likes! Thank you all!",
                    "Уже {likes} лайков! Спасибо всем!",
                    "¡{likes} me gusta! ¡Gracias a todos!",
                )
            ),
        ),
        {"tts_enabled": True},
    ),
}


def bodies(name: str, language: str) -> list[TriggerBody]:
    """The triggers of a set, with what is read or shown in the streamer's language."""
    return [msgspec.convert(_in(one, language), TriggerBody) for one in SETS[name].triggers]


def added(triggers: Iterable[Trigger], settings: Settings, allowed: Allowed) -> set[str]:
    """Those of which nothing is missing: adding one of them again would change nothing."""
    known = {occasion(one) for one in triggers}

    def is_there(name: str) -> bool:
        wanted = SETS[name].settings.items()
        there = {occasion(parse(one, allowed)) for one in bodies(name, settings.language)}
        return there <= known and all(getattr(settings, key) == value for key, value in wanted)

    return {name for name in SETS if is_there(name)}


def _in(given: Any, language: str) -> Any:
    """With the language's own text wherever there is one for each."""
    if not isinstance(given, dict):
        return given
    if language in given:
        return given[language]
    return {key: _in(value, language) for key, value in given.items()}
