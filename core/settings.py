"""A streamer's settings: names, bounds and defaults of contract section 3."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Volume = Annotated[int, Meta(ge=0, le=100)]
Percent = Annotated[int, Meta(ge=-50, le=100)]
Word = Annotated[str, Meta(min_length=1, max_length=64)]
Words = Annotated[list[Word], Meta(max_length=500)]
# Whole numbers stay whole in answers: clients read them as such.
Pause = Annotated[int, Meta(ge=0, le=86_400)] | Annotated[float, Meta(ge=0, le=86_400)]
Minutes = Annotated[int, Meta(gt=0, le=1_440)] | Annotated[float, Meta(gt=0, le=1_440)]
Prefix = Annotated[str, Meta(min_length=1, max_length=16)]

ChatMode = Literal["all", "prefix", "donor", "follower", "off"]
ProfanityMode = Literal["mask", "off", "skip"]
Language = Literal["en", "ru", "es"]
PlayOn = Literal["auto", "player", "overlay", "both"]


class Pronunciation(Struct, frozen=True, forbid_unknown_fields=True):
    """How to say a viewer's name: the display name or the handle, in any case."""

    name: Word
    say: Word


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    tts_enabled: bool = True
    gift_sounds_enabled: bool = True
    tts_volume: Volume = 100
    gifts_volume: Volume = 100
    tiktok_username: str | None = None  # normalised by core.accounts
    voice_id: Annotated[str, Meta(max_length=64)] | None = None  # None: the language's default voice
    auto_connect_live: bool = False
    chat_tts_mode: ChatMode = "all"
    chat_tts_prefixes: Annotated[list[Prefix], Meta(max_length=20)] = []
    chat_tts_min_diamonds: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    chat_tts_max_length: Annotated[int, Meta(ge=1, le=500)] = 200
    chat_tts_template: Annotated[str, Meta(min_length=1, max_length=300)] = "{message}"
    profanity_mode: ProfanityMode = "mask"
    blocked_words: Words = []
    blocked_users: Words = []
    user_tts_cooldown_seconds: Pause = 0
    silence_enabled: bool = False
    silence_minutes: Minutes = 5
    silence_text: Annotated[str, Meta(max_length=300)] = ""
    default_gift_sound: Annotated[str, Meta(max_length=200)] | None = "chime"
    language: Language = "en"
    speech_rate: Percent = 0  # percent faster (+) or slower (-) than the voice's own
    speech_pitch: Percent = 0
    max_backlog_seconds: Annotated[int, Meta(ge=1, le=600)] = 30
    play_on: PlayOn = "auto"
    pronunciations: Annotated[list[Pronunciation], Meta(max_length=200)] = []
