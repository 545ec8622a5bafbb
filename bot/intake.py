"""Every update comes in here, by polling or by webhook: once, bounded, and nobody's flood is everybody's.

`deliver` returns when the update may be confirmed: a payment is written down by then, anything else is
remembered as taken and is being handled.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError
from aiogram.types import Update
from pydantic import ValidationError

from bot.front import Front
from bot.turns import Bucket
from core.errors import Invalid, Unavailable

log = structlog.get_logger(__name__)

MAX_RUNNING = 100
MAX_PEOPLE = 10_000
TURN_SECONDS = 0.5  # what one person may send in the long run
BURST = 30  # an album, quick presses
LARGEST_ID = 2**63 - 1  # what the database holds
PAYMENTS = ("successful_payment", "refunded_payment")


class Intake:
    def __init__(self, front: Front, dispatcher: Dispatcher, bot: Bot, lease: timedelta) -> None:
        """`lease`: how long an update that was taken and not finished is left to whoever took it."""
        self._front = front
        self._dispatcher = dispatcher
        self._bot = bot
        self._lease = lease
        self._places = asyncio.Semaphore(MAX_RUNNING)
        self._running: set[int] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._people: OrderedDict[int, Bucket] = OrderedDict()

    async def deliver(self, raw: Any, *, may_wait: bool) -> None:
        """Raises `Invalid` where it is no update, `Unavailable` where too much is being done."""
        update = _parsed(raw, self._bot)
        payment = _payment_of(raw)
        if payment is not None:
            await self._front.payments.receive(payment)
        elif not self._has_turn(raw):
            log.debug("flood_dropped")
            return
        if self._places.locked() and not may_wait:
            raise Unavailable
        await self._places.acquire()
        is_ours = False
        try:
            is_ours = await self._take(update.update_id)
        finally:
            if not is_ours:
                self._places.release()
        if not is_ours:
            return
        self._running.add(update.update_id)
        self._idle.clear()
        _ = self._front.services.tasks.spawn(self._handle(update), name="telegram update")

    async def drain(self, seconds: float) -> None:
        """Let what runs come to its end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._idle.wait()

    async def _take(self, update_id: int) -> bool:
        if update_id in self._running:
            return False
        now = self._front.services.clock.now()
        async with self._front.services.db.begin() as uow:
            return await uow.telegram.take_update(update_id, now, now - self._lease)

    async def _handle(self, update: Update) -> None:
        try:
            with structlog.contextvars.bound_contextvars(update_id=update.update_id):
                await self._dispatcher.feed_update(self._bot, update)
                await self._release_button(update)
            await self._note_done(update.update_id)
        finally:
            self._places.release()
            self._running.discard(update.update_id)
            if not self._running:
                self._idle.set()

    async def _release_button(self, update: Update) -> None:
        """The pressed button stops spinning. Telegram takes no answer to an old press."""
        if update.callback_query:
            with suppress(TelegramAPIError):
                await self._bot.answer_callback_query(update.callback_query.id)

    async def _note_done(self, update_id: int) -> None:
        async with self._front.services.db.begin() as uow:
            await uow.telegram.note_done(update_id, self._front.services.clock.now())

    def _has_turn(self, raw: Mapping[str, Any]) -> bool:
        """Nobody who sends one message a second ever meets it."""
        sender = _sender_of(raw)
        if sender is None or "pre_checkout_query" in raw:
            return True
        bucket = self._people.setdefault(sender, Bucket(TURN_SECONDS, BURST))
        self._people.move_to_end(sender)
        if len(self._people) > MAX_PEOPLE:
            self._people.popitem(last=False)
        return bucket.has_turn(self._front.services.clock.monotonic())


def _parsed(raw: Any, bot: Bot) -> Update:
    try:
        update = Update.model_validate(raw, context={"bot": bot})
    except (ValidationError, RecursionError) as error:
        raise Invalid("not an update") from error
    if not 0 <= update.update_id <= LARGEST_ID:
        raise Invalid("not an update")
    return update


def _payment_of(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The message that tells of money, unless somebody only passes one on."""
    message = raw.get("message")
    if not isinstance(message, Mapping) or "forward_origin" in message:
        return None
    return message if any(kind in message for kind in PAYMENTS) else None


def _sender_of(raw: Mapping[str, Any]) -> int | None:
    for event in raw.values():
        sender = event.get("from") if isinstance(event, Mapping) else None
        if isinstance(sender, Mapping) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return None
