"""Carries notices to their chats: each once, in the person's language; who cannot be reached is left out."""

import asyncio
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError

from bot import kept_replies, notice_texts
from bot.dialogs import OneAtATime
from bot.ending import Ending
from bot.front import Front
from bot.order_cards import Cards
from bot.pace import patience
from core import notice_post
from core.errors import AppError
from core.i18n import language_of, words
from core.notice_post import Letter
from core.notices import NoticeKind
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
TROUBLE_SECONDS = 5.0
AT_ONCE = 8
PATIENCE = 10.0  # seconds that one chat may keep the others waiting; told to wait for longer, it is later


class Postman:
    def __init__(self, front: Front, bot: Bot, turns: OneAtATime, ending: Ending) -> None:
        self._front = front
        self._db = front.services.db
        self._bot = bot
        self._ending = ending
        self._cards = Cards(front, bot, turns)
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Until the end is announced; what is on its way by then arrives."""
        while not self._ending.is_near:
            try:
                count = await self.carry()
            except* (DatabaseError, OSError) as group:
                log.warning("notices_unreadable", reason=type(group.exceptions[0]).__name__)
                await self._ending.pause(TROUBLE_SECONDS)
                count = 1
            if not count:
                await self._ending.pause(POLL_SECONDS)

    async def carry(self) -> int:
        """One round; how many were due."""
        async with self._db.begin() as uow:
            letters, count = await notice_post.claim(uow, self._front.services.clock.now())
        await asyncio.gather(*[self._carry_one(letter) for letter in letters])
        return count

    async def _carry_one(self, letter: Letter) -> None:
        clock = self._front.services.clock
        async with self._places:
            is_late = notice_post.is_late(letter, clock.now())
            outcome = None if is_late else await self._send(letter)
        now = clock.now()
        async with self._db.begin() as uow:
            if is_late:
                await notice_post.give_back(uow, letter, now)
            elif outcome:
                await notice_post.finish(uow, letter, outcome, now)
            else:
                await notice_post.put_off(uow, letter, now)

    async def _send(self, letter: Letter) -> str | None:
        """What became of it; None: later."""
        patience.set(PATIENCE)
        try:
            async with asyncio.timeout(notice_post.SENDING.total_seconds()):
                await self._put_through(letter)
        except TelegramForbiddenError:
            return "blocked"
        except (TelegramBadRequest, KeyError, ValueError) as error:
            log.warning("notice_refused", kind=letter.kind, reason=str(error))
            return "refused"
        except (TelegramAPIError, AppError, TimeoutError) as error:
            log.warning("notice_put_off", kind=letter.kind, reason=type(error).__name__)
            return None
        return "sent"

    async def _put_through(self, letter: Letter) -> None:
        said = words(language_of(letter.language))
        if letter.kind in (NoticeKind.ORDER_PROGRESS, NoticeKind.ORDER_ENDED):
            order_id = str(letter.data["order_id"])
            is_open = letter.kind == NoticeKind.ORDER_PROGRESS  # the end has a text of its own
            await self._cards.refresh(letter.user_id, letter.chat_id, order_id, said, anew=is_open)
        if letter.kind == NoticeKind.ORDER_PROGRESS:
            return
        if letter.kind == NoticeKind.REPLY:
            await kept_replies.send(self._bot, letter)
            return
        screen = notice_texts.render(letter.kind, self._data(letter), said)
        await self._bot.send_message(letter.chat_id, screen.text, reply_markup=screen.markup)

    def _data(self, letter: Letter) -> dict[str, Any]:
        """With the one thing that is not written down."""
        if letter.kind == NoticeKind.RESET_CODE:
            return {"code": self._front.services.accounts.reset_code(letter.data["seed"])}
        return letter.data
