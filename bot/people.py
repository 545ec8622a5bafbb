"""Whose update it is: the account behind a Telegram person, made at the first word."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.fsm.context import FSMContext
from aiogram.types import TelegramObject, Update, User

from bot import order_cards
from bot.front import Front, Person
from bot.order_cards import CONFIRM, REFRESH
from core import telegram_people
from core.account import SignIn, TelegramPerson
from core.i18n import language_of, words

Handler = Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]]

MAX_KNOWN = 10_000


class People(BaseMiddleware):
    """Puts `who` beside the update. Other bots, groups and channels go no further."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._reachable: OrderedDict[int, None] = OrderedDict()

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        user, chat = data.get("event_from_user"), data.get("event_chat")
        if not isinstance(event, Update) or user is None or user.is_bot or (chat and chat.type != "private"):
            return UNHANDLED
        data["words"] = words(language_of(None, user.language_code))
        who = await self._person(user)
        data["words"], data["who"] = who.words, who
        structlog.contextvars.bind_contextvars(user_id=who.account.id)
        if chat and event.my_chat_member is None:
            await self._note_reachable(user.id)
        await _leave_dialog(event, data.get("state"))
        await self._leave_card(event, who)
        return await handler(event, data)

    def forget(self, telegram_id: int) -> None:
        """Not reachable any more: their next word is to be noted."""
        self._reachable.pop(telegram_id, None)

    async def _person(self, user: User) -> Person:
        signed_in = await self._front.identity.by_telegram(_profile(user))
        account = signed_in.account
        language = await self._language(signed_in, user.language_code)
        return Person(user.id, user.first_name, account, signed_in.license, words(language), signed_in.is_new)

    async def _language(self, signed_in: SignIn, code: str | None) -> str:
        """The one chosen; somebody new is spoken to, and read to, in their Telegram's language."""
        account = signed_in.account
        wanted = language_of(account.language, code)
        if account.language is None and account.username is None:
            await self._front.services.accounts.update_settings(account.id, {"language": wanted})
        return wanted

    async def _leave_card(self, update: Update, who: Person) -> None:
        query = update.callback_query
        if query and query.message and not (query.data or "").startswith((REFRESH, CONFIRM)):
            await order_cards.forget(self._front, who.user_id, query.message.message_id)

    async def _note_reachable(self, telegram_id: int) -> None:
        if telegram_id in self._reachable:
            return
        async with self._front.services.db.begin() as uow:
            await telegram_people.note_reachable(uow, telegram_id, is_reachable=True)
        self._reachable[telegram_id] = None
        if len(self._reachable) > MAX_KNOWN:
            self._reachable.popitem(last=False)


async def _leave_dialog(update: Update, state: FSMContext | None) -> None:
    """A command leaves any dialog; so does a button that says so in its data."""
    if state is None:
        return
    text = (update.message.text if update.message else None) or ""
    data = (update.callback_query.data if update.callback_query else None) or ""
    if text.startswith("/") or any(word in data for word in ("cancel", "back", "menu")):
        await state.clear()


def _profile(user: User) -> TelegramPerson:
    return TelegramPerson(
        telegram_id=user.id,
        first_name=user.first_name[:64],
        last_name=(user.last_name or "")[:64],
        telegram_name=(user.username or "")[:32],
        language_code=user.language_code or "",
    )
