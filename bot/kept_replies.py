"""Replies that Telegram does not take before the program stops: written down, sent after the next start."""

import secrets
from typing import Any

import structlog
from aiogram import Bot
from aiogram.methods import EditMessageText, SendMessage, TelegramMethod
from aiogram.types import InlineKeyboardMarkup

from bot.front import Front
from core import notices
from core.notice_post import Letter
from core.notices import NoticeKind

log = structlog.get_logger(__name__)


async def keep(front: Front, method: TelegramMethod[Any]) -> None:
    """What is neither a new text nor another text of a message is of no use later."""
    if not isinstance(method, SendMessage | EditMessageText) or not isinstance(method.chat_id, int):
        return
    markup = method.reply_markup.model_dump(exclude_none=True) if method.reply_markup else None
    message_id = method.message_id if isinstance(method, EditMessageText) else None
    said = {"text": method.text, "markup": markup, "message_id": message_id}
    async with front.services.db.begin() as uow:
        user = await uow.accounts.get_by_telegram_id(method.chat_id)
        if user is not None:
            key = f"reply:{secrets.token_hex(8)}"
            await notices.add(uow, user.id, NoticeKind.REPLY, key, front.services.clock.now(), **said)
    log.info("reply_kept")


async def send(bot: Bot, letter: Letter) -> None:
    markup, message_id = letter.data["markup"], letter.data["message_id"]
    buttons = InlineKeyboardMarkup.model_validate(markup) if markup else None
    if message_id is None:
        await bot.send_message(letter.chat_id, letter.data["text"], reply_markup=buttons)
    else:
        await bot.edit_message_text(
            letter.data["text"], chat_id=letter.chat_id, message_id=message_id, reply_markup=buttons
        )
