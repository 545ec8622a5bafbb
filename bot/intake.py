"""Every update comes in here, by polling or by webhook: once, bounded, and nobody's flood is everybody's.

`deliver` returns when the update may be confirmed: a payment is written down by then, anything else is
remembered as taken and is being handled.
"""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from aiogram import BaseMiddleware, Bot, Dispatcher
from aiogram.exceptions import TelegramAPIError
from aiogram.types import TelegramObject, Update
from msgspec import Struct
from pydantic import ValidationError

from bot.front import Front
from bot.people import Handler
from bot.turns import Bucket
from core.errors import Invalid, Unavailable

log = structlog.get_logger(__name__)

MAX_AT_WORK = 100  # people
MAX_TAKEN = 2_000  # updates that are not finished
MAX_OF_ONE = 60  # of these, one person's: they are answered once a second
MAX_PEOPLE = 10_000
TURN_SECONDS = 0.5  # what one person may send in the long run
BURST = 30  # an album, quick presses
NOBODY = 0
LARGEST_ID = 2**63 - 1  # what the database holds
PAYMENTS = ("successful_payment", "refunded_payment")


class Places(BaseMiddleware):
    """How many people are dealt with at a time. Entered in one's turn: who has sent much holds one place."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_AT_WORK)

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        async with self._places:
            return await handler(event, data)


class Feeds(Struct, frozen=True):
    """`checkouts`: of purchases about to be made. They wait for nothing: Telegram gives them ten seconds."""

    dispatcher: Dispatcher
    checkouts: Dispatcher


class Intake:
    def __init__(self, front: Front, feeds: Feeds, bot: Bot, lease: timedelta) -> None:
        """`lease`: how long an update that was taken and not finished is left to whoever took it."""
        self._front = front
        self._feeds = feeds
        self._bot = bot
        self._lease = lease
        self._room = asyncio.Semaphore(MAX_TAKEN)
        self._running: set[int] = set()
        self._waiting: Counter[int] = Counter()  # by person
        self._idle = asyncio.Event()
        self._idle.set()
        self._people: OrderedDict[int, Bucket] = OrderedDict()

    async def deliver(self, raw: Any, *, may_wait: bool) -> None:
        """Raises `Invalid` where it is no update, `Unavailable` where too much is being done."""
        payment = _payment_of(raw)
        if payment is not None:  # also where the rest of it is of a kind nobody here knows yet
            await self._front.payments.receive(payment)
        update, sender = _parsed(raw, self._bot), _sender_of(raw)
        if payment is None and update.pre_checkout_query is None and not self._has_turn(sender):
            log.debug("flood_dropped")
            return
        if self._room.locked() and not may_wait:
            raise Unavailable
        await self._room.acquire()
        is_ours = False
        try:
            is_ours = await self._take(update.update_id)
        finally:
            if not is_ours:
                self._room.release()
        if not is_ours:
            return
        self._running.add(update.update_id)
        self._waiting[sender] += 1
        self._idle.clear()
        _ = self._front.services.tasks.spawn(self._handle(update, sender), name="telegram update")

    async def drain(self) -> None:
        """Until what runs has come to its end."""
        await self._idle.wait()

    async def _take(self, update_id: int) -> bool:
        if update_id in self._running:
            return False
        now = self._front.services.clock.now()
        async with self._front.services.db.begin() as uow:
            return await uow.telegram.take_update(update_id, now, now - self._lease)

    async def _handle(self, update: Update, sender: int) -> None:
        feeds = self._feeds
        feed = feeds.checkouts if update.pre_checkout_query else feeds.dispatcher
        try:
            with structlog.contextvars.bound_contextvars(update_id=update.update_id):
                await self._feed(feed, update)
                await self._release_button(update)
            await self._note_done(update.update_id)
        finally:
            self._room.release()
            self._running.discard(update.update_id)
            self._waiting[sender] -= 1
            if not self._waiting[sender]:
                del self._waiting[sender]
            if not self._running:
                self._idle.set()

    async def _feed(self, feed: Dispatcher, update: Update) -> None:
        """What comes out was refused where a refusal was to be explained: nothing more can be said."""
        try:
            await feed.feed_update(self._bot, update)
        except TelegramAPIError as error:
            log.warning("not_told", reason=str(error))

    async def _release_button(self, update: Update) -> None:
        """The pressed button stops spinning. Telegram takes no answer to an old press."""
        if update.callback_query:
            with suppress(TelegramAPIError):
                await self._bot.answer_callback_query(update.callback_query.id)

    async def _note_done(self, update_id: int) -> None:
        async with self._front.services.db.begin() as uow:
            await uow.telegram.note_done(update_id, self._front.services.clock.now())

    def _has_turn(self, sender: int) -> bool:
        """Nobody who sends one message a second ever meets it."""
        if sender == NOBODY:
            return True
        if self._waiting[sender] >= MAX_OF_ONE:
            return False
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


def _payment_of(raw: Any) -> Mapping[str, Any] | None:
    """The message that tells of money, unless somebody only passes one on."""
    message = raw.get("message") if isinstance(raw, Mapping) else None
    if not isinstance(message, Mapping) or "forward_origin" in message:
        return None
    return message if any(kind in message for kind in PAYMENTS) else None


def _sender_of(raw: Mapping[str, Any]) -> int:
    for event in raw.values():
        sender = event.get("from") if isinstance(event, Mapping) else None
        if isinstance(sender, Mapping) and isinstance(sender.get("id"), int):
            return int(sender["id"])
    return NOBODY
