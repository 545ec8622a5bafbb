"""A screen: a text with buttons under it, shown as a new message or in place of the one that was pressed."""

import html
import re
from urllib.parse import urlsplit

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    WebAppInfo,
)
from msgspec import Struct

_TAG = re.compile(r"</?[a-z][^<>]*>")
_GONE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")

Rows = list[list[InlineKeyboardButton]]


class Screen(Struct, frozen=True):
    text: str
    rows: Rows = []

    @property
    def markup(self) -> InlineKeyboardMarkup | None:
        rows = [row for row in self.rows if row]
        return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def plain(text: str) -> str:
    """For places where Telegram reads no markup."""
    return html.unescape(_TAG.sub("", text))


def button(label: str, data: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=plain(label), callback_data=data)


def link(label: str, url: str) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=plain(label), url=url)


def page(label: str, url: str) -> InlineKeyboardButton | None:
    """Opens inside Telegram where that is possible. None: Telegram takes no button to this address."""
    if url.startswith("https://"):
        return InlineKeyboardButton(text=plain(label), web_app=WebAppInfo(url=url))
    return link(label, url) if is_linkable(url) else None


def is_linkable(url: str) -> bool:
    """Telegram refuses buttons to names without a dot, such as `localhost`."""
    return "." in (urlsplit(url).hostname or "")


def turning(begins: str, offset: int, page: int, total: int) -> list[InlineKeyboardButton]:
    """To the pages before and after; `begins` and the offset are the buttons' data."""
    turns = []
    if offset > 0:
        turns.append(button("⬅️", f"{begins}{max(0, offset - page)}"))
    if offset + page < total:
        turns.append(button("➡️", f"{begins}{offset + page}"))
    return turns


async def show(event: Message | CallbackQuery, screen: Screen) -> int | None:
    """The id of the message that shows it now."""
    shown = event.message if isinstance(event, CallbackQuery) else None
    if isinstance(shown, Message) and await _edited(shown, screen):
        return shown.message_id
    return await tell(event, screen)


async def _edited(shown: Message, screen: Screen) -> bool:
    """False: it is gone, for instance because they deleted it after pressing."""
    try:
        await shown.edit_text(screen.text, reply_markup=screen.markup)
    except TelegramBadRequest as refusal:
        if not any(reason in refusal.message for reason in _GONE):
            raise
        return False
    return True


async def tell(event: Message | CallbackQuery, screen: Screen) -> int | None:
    """As a new message, whatever was pressed."""
    bot = event.bot
    if bot is None or event.from_user is None:
        return None
    sent = await bot.send_message(event.from_user.id, screen.text, reply_markup=screen.markup)
    return sent.message_id
