"""What a setting may name: voices there are, sounds there are, fields that exist."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.account_settings import Check
from core.errors import Invalid
from core.settings import Pronunciation
from core.sounds.service import Sounds
from core.speech import voices
from core.speech.pronunciation import name_key
from core.speech.script import is_pronounceable
from core.triggers.templates import Template
from storage.db import UnitOfWork


def setting_checks(sounds: Sounds) -> Mapping[str, Check]:
    async def has_sound(uow: UnitOfWork, user_id: int, name: Any) -> None:
        if name is not None and await sounds.find(uow, user_id, name) is None:
            raise Invalid("default_gift_sound: no such sound", field="default_gift_sound")

    return {
        "voice_id": _has_voice,
        "default_gift_sound": has_sound,
        "chat_tts_template": _has_fields("chat_tts_template"),
        "silence_text": _has_fields("silence_text"),
        "pronunciations": _says_each_name_once,
    }


async def _has_voice(_uow: UnitOfWork, _user_id: int, voice_id: Any) -> None:
    if voice_id is not None and not voices.is_known(voice_id):
        raise Invalid("voice_id: no such voice", field="voice_id")


async def _says_each_name_once(_uow: UnitOfWork, _user_id: int, said: Sequence[Pronunciation]) -> None:
    names = [name_key(one.name) for one in said]
    if not all(names) or len(set(names)) < len(names):
        raise Invalid("pronunciations: each name once", field="pronunciations")
    if not all(is_pronounceable(one.say) for one in said):
        raise Invalid("pronunciations: nothing to pronounce", field="pronunciations")


def _has_fields(name: str) -> Check:
    async def check(_uow: UnitOfWork, _user_id: int, text: Any) -> None:
        if text:
            Template.parse(text, name)

    return check
