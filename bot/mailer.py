"""Carries broadcasts to their chats, a few at a time, through the same pace as everything else."""

import asyncio

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)

from bot.ending import Ending
from bot.pace import is_unsent
from core.broadcasts import Broadcasts, Delivery, Message
from core.errors import AppError, Unavailable
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

AT_ONCE = 5
POLL_SECONDS = 1.0
TROUBLE_SECONDS = 5.0


class Mailer:
    def __init__(self, broadcasts: Broadcasts, bot: Bot, ending: Ending) -> None:
        self._broadcasts = broadcasts
        self._bot = bot
        self._ending = ending

    async def run(self) -> None:
        """Until the end is announced; what is on its way by then arrives."""
        while not self._ending.is_near:
            try:
                count = await self.carry()
            except (AppError, DatabaseError, OSError) as error:
                log.warning("broadcast_trouble", reason=type(error).__name__)
                await self._ending.pause(TROUBLE_SECONDS)
                continue
            if not count:
                await self._ending.pause(POLL_SECONDS)

    async def carry(self) -> int:
        """One round; how many were handed out and may be gone."""
        batch = await self._broadcasts.next_batch(AT_ONCE)
        outcomes = await asyncio.gather(*[self._send(message) for message in batch])
        for message, outcome in zip(batch, outcomes, strict=True):
            await self._broadcasts.note_sent(message, outcome)
        if Delivery.UNSURE in outcomes:
            await self._ending.pause(TROUBLE_SECONDS)  # so that few get lost in it
        return sum(outcome is not Delivery.LATER for outcome in outcomes)

    async def _send(self, message: Message) -> Delivery:
        try:
            await self._bot.send_message(message.telegram_id, message.text, parse_mode=None)
        except TelegramForbiddenError:
            return Delivery.BLOCKED
        except (TelegramRetryAfter, TelegramUnauthorizedError, Unavailable):
            return Delivery.LATER
        except TelegramBadRequest as error:
            log.warning("broadcast_refused", reason=error.message)
            return Delivery.FAILED
        except (TelegramNetworkError, TelegramServerError, TimeoutError) as error:
            # What may have arrived is not sent again: it might come twice.
            return Delivery.LATER if is_unsent(error) else Delivery.UNSURE
        except TelegramAPIError as error:
            log.warning("broadcast_failed", reason=type(error).__name__)
            return Delivery.FAILED
        return Delivery.SENT
