"""An audio file or a voice message becomes a sound, by the same checks as an upload."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest
from aiogram.types import Audio, Document, Message, Voice
from aiohttp import ClientError

from bot.front import Front, Person
from bot.screens import Screen, button, page
from core import plans
from core.errors import FileTooLarge, Unavailable, UnsupportedSound
from core.i18n import message

DOWNLOAD_SECONDS = 60
CHUNK = 65_536
UNKNOWN = "application/octet-stream"  # some programs say so of every file
MAY_BE_SOUND = ("audio/", "video/ogg", "application/ogg", UNKNOWN)
Sent = Audio | Voice | Document


def router() -> Router:
    router = Router(name="sounds")
    router.message.register(take_sound, F.audio | F.voice | F.document)
    return router


async def take_sound(event: Message, who: Person, front: Front, bot: Bot) -> None:
    sent = event.audio or event.voice or event.document
    if sent is None or not _may_be_sound(sent):
        raise UnsupportedSound
    config = front.services.config
    if (sent.file_size or 0) > config.sounds.max_bytes:
        raise FileTooLarge(max_bytes=config.sounds.max_bytes)
    with suppress(TelegramAPIError):  # a courtesy: the sound is wanted without it too
        await bot.send_chat_action(event.chat.id, "upload_voice")
    quota = plans.sound_quota(config, plans.limits_of(config, who.license.plan))
    async with aclosing(_download(bot, sent.file_id, config.sounds.max_bytes)) as chunks:
        sound = await front.services.sounds.upload(who.user_id, _name(event, sent), chunks, quota)
    await front.services.studios.reload(who.user_id)
    t = who.words
    text = t(
        message("🎵 Saved as <b>{name}</b> ({seconds} s). Choose in the app when it plays."),
        name=sound.filename,
        seconds=f"{sound.duration:.1f}",
    )
    opens = page(t(message("📱 Open TTBoost")), f"{front.base_url}/app")
    screen = Screen(text, [[opens] if opens else [], [button(t(message("🏠 Menu")), "menu")]])
    await event.answer(screen.text, reply_markup=screen.markup)


async def _download(bot: Bot, file_id: str, max_bytes: int) -> AsyncGenerator[bytes, None]:
    try:
        file = await bot.get_file(file_id)
        url = bot.session.api.file_url(bot.token, file.file_path or "")
        stream = bot.session.stream_content(
            url, timeout=DOWNLOAD_SECONDS, chunk_size=CHUNK, raise_for_status=True
        )
        async for chunk in stream:
            yield chunk
    except TelegramBadRequest as error:
        raise (FileTooLarge(max_bytes=max_bytes) if "too big" in error.message else Unavailable()) from error
    except (TelegramAPIError, ClientError, TimeoutError) as error:
        raise Unavailable from error


def _may_be_sound(sent: Sent) -> bool:
    """A document may be anything; what a sound really is, is checked by its bytes."""
    return not isinstance(sent, Document) or (sent.mime_type or UNKNOWN).startswith(MAY_BE_SOUND)


def _name(event: Message, sent: Sent) -> str:
    named = None if isinstance(sent, Voice) else sent.file_name
    title = sent.title if isinstance(sent, Audio) else None
    return named or (f"{title}.mp3" if title else f"voice {event.date:%Y-%m-%d %H-%M-%S}.ogg")
