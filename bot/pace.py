"""Everything that goes out passes here: Telegram's flood limits, its refusals, and who has blocked the bot.

Bounds: about 25 messages a second altogether and one a second for each chat after a short burst. Told to
wait, we wait and try again; somebody who blocked the bot is noted and not written to. When the program stops,
no chat's turn is waited for any more, and what Telegram does not take at once is the caller's.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType
from aiohttp import ClientConnectorError

from bot.ending import Ending
from bot.turns import Turns
from core.clock import Clock
from core.counting import Sending
from core.errors import Unavailable

log = structlog.get_logger(__name__)

MAX_WAITING = 2_000
ATTEMPTS = 4
PATIENCE = 120.0  # seconds in all; told to wait for longer, the caller decides

patience: ContextVar[float] = ContextVar("patience", default=PATIENCE)
"""Of the task that sends: who has others to serve meanwhile waits for no single chat so long."""

OnBlocked = Callable[[int], Awaitable[None]]


class Pace(BaseRequestMiddleware):
    def __init__(
        self, clock: Clock, turns: Turns, on_blocked: OnBlocked, sending: Sending, ending: Ending
    ) -> None:
        self._clock = clock
        self._turns = turns
        self._sending = sending
        self._on_blocked = on_blocked
        self._ending = ending

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        chat_id = _chat_of(method)
        if chat_id is None:
            return await make_request(bot, method)
        async with asyncio.timeout(PATIENCE):
            sent: Response[TelegramType] = await self._counted(make_request, bot, method, chat_id)
        return sent

    async def _counted(self, make_request: Any, bot: Bot, method: Any, chat_id: int) -> Any:
        outcome = "failed"
        try:
            sent = await self._send(make_request, bot, method, chat_id)
            outcome = "sent"
        except TelegramForbiddenError:
            outcome = "blocked"
            raise
        else:
            return sent
        finally:
            self._sending.outcomes[outcome] += 1

    async def _send(self, make_request: Any, bot: Bot, method: Any, chat_id: int) -> Any:
        for attempt in range(ATTEMPTS):
            await self._turn(chat_id)
            try:
                return await make_request(bot, method)
            except TelegramRetryAfter as refusal:
                await self._hold(chat_id, refusal.retry_after)
                if self._is_last(attempt) or refusal.retry_after > patience.get():
                    raise
            except TelegramBadRequest as refusal:
                if "message is not modified" not in refusal.message:
                    raise
                return True
            except TelegramForbiddenError:
                await self._on_blocked(chat_id)
                raise
            except TelegramNetworkError as error:
                # Only where no connection was made: otherwise the message may have been sent.
                if self._is_last(attempt) or not is_unsent(error):
                    raise
                await self._ending.pause(2**attempt)
        raise Unavailable

    def _is_last(self, attempt: int) -> bool:
        return self._ending.is_near or attempt == ATTEMPTS - 1

    async def _turn(self, chat_id: int) -> None:
        if self._sending.waiting >= MAX_WAITING:
            raise Unavailable
        since = self._clock.monotonic()
        self._sending.waiting += 1
        try:
            turn = await self._turns.of_chat(chat_id)
            if turn > patience.get():
                raise Unavailable
            await self._ending.pause(turn)
            await asyncio.sleep(await self._turns.of_all())
        finally:
            self._sending.waiting -= 1
            self._sending.delay.note(self._clock.monotonic() - since)

    async def _hold(self, chat_id: int, seconds: float) -> None:
        self._sending.outcomes["told_to_wait"] += 1
        log.warning("told_to_wait", seconds=seconds)
        await self._turns.hold(chat_id, seconds)


def _chat_of(method: TelegramMethod[Any]) -> int | None:
    """Whose turn it takes; None for what is no message."""
    name = method.__api_method__
    chat_id = getattr(method, "chat_id", None)
    counts = name.startswith(("send", "edit", "copy", "forward")) and name != "sendChatAction"
    return chat_id if counts and isinstance(chat_id, int) else None


def is_unsent(error: BaseException) -> bool:
    """No connection was made, so nothing can have arrived."""
    return isinstance(error.__cause__, ClientConnectorError)
