"""Settings worth having at hand: language, voice, chat, volume, notifications."""

from collections.abc import Collection
from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.front import Front, Person
from bot.presses import Press, PressOf, Read
from bot.screens import Rows, Screen, button, show
from core import telegram_people
from core.i18n import LANGUAGES, Words, message, words
from core.notices import NoticeKind
from core.settings import Settings
from core.speech import voices
from core.telegram_people import SWITCHABLE

SET = "set:"
CHOOSE = "choose:"
SWITCH = "notice:"
ON, OFF = "on", "off"  # what a press brings, however often it comes
LANGUAGE = "language:"
VOLUMES = (100, 75, 50, 25, 0)
VOICES_SHOWN = 8
LOUDNESS = ("tts_volume", "gifts_volume")

LANGUAGE_NAMES = {"en": "🇬🇧 English", "ru": "🇷🇺 Русский", "es": "🇪🇸 Español"}

CHAT_MODES = {
    "all": message("everything"),
    "follower": message("followers only"),
    "donor": message("people who gave gifts"),
    "prefix": message("messages that begin with your sign (chosen in the app)"),
    "off": message("nothing"),
}

ROBOTS = {True: message("Robot, higher"), False: message("Robot, lower")}

NOTICES = {
    NoticeKind.LICENSE_ENDING: message("License ends soon"),
    NoticeKind.LIVE_BEGAN: message("LIVE began"),
    NoticeKind.LIVE_FAILED: message("LIVE has a problem"),
    NoticeKind.LIVE_DEAF: message("LIVE was not heard for a while"),
    NoticeKind.UNPLAYED: message("Sounds were not played"),
    NoticeKind.SPEECH_SPENT: message("Speech of the day used up"),
    NoticeKind.LIVE_REPORT: message("Report after a LIVE"),
    NoticeKind.ORDER_PROGRESS: message("Progress of orders"),
    NoticeKind.ORDER_ENDED: message("Orders done"),
    NoticeKind.PAYMENT: message("Payments"),
}


def router() -> Router:
    router = Router(name="settings")
    router.message.register(show_settings, Command("settings"))
    router.message.register(show_languages, Command("language"))
    router.callback_query.register(show_settings, Press("settings", "settings:back"))
    router.callback_query.register(show_languages, Press("language"))
    router.callback_query.register(set_language, PressOf(LANGUAGE, one_of(LANGUAGES)))
    router.callback_query.register(show_voices, Press(f"{CHOOSE}voice"))
    router.callback_query.register(show_chat_modes, Press(f"{CHOOSE}chat"))
    router.callback_query.register(show_volumes, PressOf(f"{CHOOSE}volume:", one_of(LOUDNESS)))
    router.callback_query.register(show_notices, Press("notices"))
    router.callback_query.register(switch_notice, PressOf(SWITCH, switching))
    router.callback_query.register(set_value, PressOf(SET, change))
    return router


async def show_settings(event: Message | CallbackQuery, who: Person, front: Front) -> None:
    await show(event, _settings(who, await front.services.accounts.settings(who.user_id)))


async def set_value(event: CallbackQuery, about: dict[str, Any], who: Person, front: Front) -> None:
    changed = await _save(who, front, about)
    await show(event, _settings(who, changed))


async def show_languages(event: Message | CallbackQuery, who: Person) -> None:
    """The one in use comes first."""
    t = who.words
    names = sorted(LANGUAGES, key=lambda name: name != t.language)
    rows: Rows = [[button(LANGUAGE_NAMES[name], f"{LANGUAGE}{name}")] for name in names]
    text = t(message("🌍 Which language do you speak?"))
    await show(event, Screen(text, [*rows, [button(t(message("⬅️ Back")), "settings:back")]]))


async def set_language(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    await _save(who, front, {"language": about})
    t = words(about)
    rows: Rows = [[button(t(message("⚙️ Settings")), "settings"), button(t(message("🏠 Menu")), "menu")]]
    await show(event, Screen(t(message("🌍 From now on I speak English.")), rows))


async def show_voices(event: CallbackQuery, who: Person, front: Front) -> None:
    t = who.words
    speaking = [voice for voice in front.services.speech.voices(t.language) if voice.available]
    rows: Rows = [
        [button(f"🗣 {_listed(voice, t)}", f"{SET}voice_id={voice.id}")]
        for voice in speaking[:VOICES_SHOWN]
        if len(f"{SET}voice_id={voice.id}".encode()) <= 64
    ]
    text = t(message("🗣 Which voice reads your chat? There are more in the app."))
    usual = [button(t(message("✨ The usual one")), f"{SET}voice_id=")]
    await show(event, Screen(text, [usual, *rows, [button(t(message("⬅️ Back")), "settings:back")]]))


async def show_chat_modes(event: CallbackQuery, who: Person) -> None:
    t = who.words
    rows: Rows = [[button(t(label), f"{SET}chat_tts_mode={mode}")] for mode, label in CHAT_MODES.items()]
    text = t(message("💬 What is read aloud from your chat?"))
    await show(event, Screen(text, [*rows, [button(t(message("⬅️ Back")), "settings:back")]]))


async def show_volumes(event: CallbackQuery, about: str, who: Person) -> None:
    t = who.words
    rows: Rows = [[button(f"{volume} %", f"{SET}{about}={volume}") for volume in VOLUMES]]
    text = t(message("🔊 How loud?"))
    await show(event, Screen(text, [*rows, [button(t(message("⬅️ Back")), "settings:back")]]))


async def show_notices(event: CallbackQuery, who: Person, front: Front) -> None:
    async with front.services.db.read() as uow:
        muted = await telegram_people.muted(uow, who.user_id)
    await show(event, _notices(who, muted))


async def switch_notice(event: CallbackQuery, about: tuple[str, bool], who: Person, front: Front) -> None:
    kind, is_wanted = about
    async with front.services.db.begin() as uow:
        muted = await telegram_people.switch(uow, who.user_id, kind, is_wanted=is_wanted)
    await show(event, _notices(who, muted))


def _settings(who: Person, now: Settings) -> Screen:
    t = who.words
    chat = t(CHAT_MODES[now.chat_tts_mode])
    text = t(
        message(
            "⚙️ <b>Settings</b>\n👤 TikTok name: {name}\n🗣 Voice: {voice}\n💬 Read aloud: {chat}\n"
            "🔊 Speech {speech} %, gifts {gifts} %\nEverything else is in the app."
        ),
        name=f"@{now.tiktok_username}" if now.tiktok_username else "–",
        voice=_called(now.voice_id, t) if now.voice_id else t(message("the usual one")),
        chat=chat,
        speech=now.tts_volume,
        gifts=now.gifts_volume,
    )
    rows: Rows = [
        [button(t(message("👤 TikTok name")), "tiktok"), button(t(message("🗣 Voice")), f"{CHOOSE}voice")],
        [button(t(message("💬 Chat")), f"{CHOOSE}chat"), button(t(message("🔔 Notifications")), "notices")],
        [
            button(t(message("🔊 Speech")), f"{CHOOSE}volume:tts_volume"),
            button(t(message("🔊 Gifts")), f"{CHOOSE}volume:gifts_volume"),
        ],
        [button(t(message("🌍 Language")), "language")],
        [button(t(message("🏠 Menu")), "menu")],
    ]
    return Screen(text, rows)


def _listed(voice: voices.Voice, t: Words) -> str:
    called = _called(voice.id, t)
    return f"{called} · {voice.lang}" if voices.is_espeak(voice.id) else called


def _called(voice_id: str, t: Words) -> str:
    """Robots have no names of their own."""
    return t(ROBOTS[voices.is_high(voice_id)]) if voices.is_espeak(voice_id) else voices.name_of(voice_id)


def _notices(who: Person, muted: frozenset[str]) -> Screen:
    t = who.words
    rows: Rows = [
        [button(f"🔕 {t(NOTICES[kind])}", f"{SWITCH}{kind.value}:{ON}")]
        if kind in muted
        else [button(f"🔔 {t(NOTICES[kind])}", f"{SWITCH}{kind.value}:{OFF}")]
        for kind in SWITCHABLE
    ]
    text = t(message("🔔 What may I write to you about? Press to switch on or off."))
    return Screen(text, [*rows, [button(t(message("⬅️ Back")), "settings:back")]])


async def _save(who: Person, front: Front, changes: dict[str, Any]) -> Settings:
    changed = await front.services.accounts.update_settings(who.user_id, changes)
    await front.services.studios.reload(who.user_id)
    return changed


def change(text: str) -> dict[str, Any] | None:
    """`name=value` as the setting takes it; None for what no button here says."""
    name, _, value = text.partition("=")
    if name in LOUDNESS:
        return {name: int(value)} if value in map(str, VOLUMES) else None
    if name == "chat_tts_mode":
        return {name: value} if value in CHAT_MODES else None
    return {name: value or None} if name == "voice_id" and "=" in text else None


def one_of(known: Collection[str]) -> Read:
    return lambda text: text if text in known else None


def switching(text: str) -> tuple[str, bool] | None:
    """`kind:on` or `kind:off`."""
    kind, _, wanted = text.partition(":")
    return (kind, wanted == ON) if kind in SWITCHABLE and wanted in (ON, OFF) else None
