"""Asking Telegram for updates. Nothing that happens on the way ends it."""

import asyncio
import random
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.intake import Intake
from core.errors import AppError, Invalid
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

WANTED = ["message", "callback_query", "pre_checkout_query", "my_chat_member"]
WAIT_SECONDS = 25
SLACK_SECONDS = 15  # beyond which an answer is not waited for
SHORTEST_PAUSE = 0.5
LONGEST_PAUSE = 60.0


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """As they come: one that cannot be read must not take the others of its batch along."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int
    timeout: int
    allowed_updates: list[str]


async def poll(bot: Bot, intake: Intake) -> None:
    """Until cancelled."""
    offset, failures = 0, 0
    while True:
        try:
            for raw in await _ask(bot, offset):
                await _deliver(intake, raw)
                offset = int(raw["update_id"]) + 1
            failures = 0
        except (TelegramAPIError, AppError, DatabaseError, TimeoutError) as error:
            failures += 1
            tell(error, failures, "polling")
            await asyncio.sleep(pause(error, failures))


async def _ask(bot: Bot, offset: int) -> list[dict[str, Any]]:
    method = GetRawUpdates(offset=offset, timeout=WAIT_SECONDS, allowed_updates=WANTED)
    return await bot(method, request_timeout=WAIT_SECONDS + SLACK_SECONDS)


async def _deliver(intake: Intake, raw: dict[str, Any]) -> None:
    try:
        await intake.deliver(raw, may_wait=True)
    except Invalid as error:
        log.warning("update_unreadable", reason=error.detail)


def pause(error: BaseException, failures: int) -> float:
    if isinstance(error, TelegramRetryAfter):
        return float(error.retry_after)
    if isinstance(error, TelegramUnauthorizedError):
        return LONGEST_PAUSE
    longest: float = SHORTEST_PAUSE * 2 ** min(failures - 1, 10)
    return min(LONGEST_PAUSE, longest) * random.uniform(0.75, 1.0)


def tell(error: BaseException, failures: int, doing: str) -> None:
    """Once for each trouble, not once a try."""
    if failures != 1:
        return
    if isinstance(error, TelegramConflictError):
        log.warning("polling_refused", cure="another program polls with this token: stop one of them")
    elif isinstance(error, TelegramUnauthorizedError):
        log.error("token_refused", cure="copy telegram.token again from @BotFather")
    else:
        log.warning("telegram_failed", doing=doing, reason=type(error).__name__)
