"""An order as a message that is edited while the order moves on."""

import asyncio
import re
from contextlib import suppress

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from bot.dialogs import OneAtATime
from bot.figures import count, money
from bot.front import Front
from bot.needs import Order
from bot.screens import Rows, Screen, button, link
from core.errors import NotFound
from core.i18n import Html, Words, message

BAR = 10
TURN_SECONDS = 5.0  # news waits so long for somebody who presses and presses; then it comes later

STATUS = {
    "pending": message("🕒 waiting to begin"),
    "processing": message("🚀 being shown"),
    "completed": message("✅ done"),
    "partial": message("☑️ partly done"),
    "failed": message("❌ did not work"),
    "cancelled": message("✖️ cancelled"),
}
STOPPED = message("✖️ cancelled, delivered in part")
OPEN = ("pending", "processing")
REFRESH = "order:"  # the button that shows an order where it is pressed
CONFIRM = "promote:yes"
_NUMBER = re.compile(r"ORD-[0-9]{8}-[0-9A-Z]{6}")


def order_number(text: str) -> str | None:
    """Of a button's data."""
    return text if _NUMBER.fullmatch(text) else None


def status_of(status: str, *, is_cancel_asked: bool) -> str:
    """What came before the end of an order that was cancelled is no failure to do the rest."""
    return STOPPED if status == "partial" and is_cancel_asked else STATUS.get(status, status)


def card(order: Order, words: Words) -> Screen:
    filled = min(BAR, order.percent * BAR // 100)
    lines = [
        words(message("📦 <b>{order_id}</b>"), order_id=order.order_id),
        words(status_of(order.status, is_cancel_asked=order.is_cancel_asked)),
        f"{'▓' * filled}{'░' * (BAR - filled)} {order.percent} %",
        words(
            message("👁 {delivered} of {ordered} views"),
            delivered=count(order.view_count_delivered, words),
            ordered=count(order.view_count, words),
        ),
        words(message("💳 {price}"), price=money(order.price, order.currency, words)),
    ]
    if order.note:
        lines.append(words(message("💬 {note}"), note=order.note))
    if order.refunded:
        lines.append(
            words(
                message("↩️ Back to your balance: {amount}"),
                amount=money(order.refunded, order.currency, words),
            )
        )
    if order.is_cancel_asked and order.status in OPEN:
        lines.append(words(message("⏳ Being cancelled: what was shown is counted first.")))
    if order.is_simulated:
        lines.append(words(message("🧪 A demo: nobody is shown anything.")))
    return Screen(Html("\n".join(lines)), _buttons(order, words))


def _buttons(order: Order, words: Words) -> Rows:
    can_cancel = order.status in OPEN and not order.is_cancel_asked
    return [
        [button(words(message("🔄 Refresh")), f"{REFRESH}{order.order_id}")],
        [link(words(message("🎬 The video")), order.video_url)],
        [button(words(message("✖️ Cancel the order")), f"ordercancel:{order.order_id}")] if can_cancel else [],
        [button(words(message("⬅️ Orders")), "orders:back"), button(words(message("🏠 Menu")), "menu")],
    ]


async def remember(front: Front, user_id: int, order_id: str, message_id: int | None) -> None:
    """From now on this message shows the order."""
    if message_id is None:
        return
    async with front.services.db.begin() as uow:
        await uow.telegram.set_card(user_id, subject(order_id), message_id)


async def shown_in(front: Front, user_id: int, message_id: int) -> str | None:
    """The number of the order whose card that message is."""
    async with front.services.db.read() as uow:
        found = await uow.telegram.find_card(user_id, message_id)
    return found.removeprefix(REFRESH) if found else None


async def forget(front: Front, user_id: int, message_id: int) -> None:
    """The message is about to show something else, which no news of the order may overwrite."""
    if order_id := await shown_in(front, user_id, message_id):
        async with front.services.db.begin() as uow:
            await uow.telegram.delete_card(user_id, subject(order_id))


def subject(order_id: str) -> str:
    return f"{REFRESH}{order_id}"


class Cards:
    """Keeps the cards of orders up to date.

    In the person's turn: a button that is pressed meanwhile makes of the card something else, which must
    not be overwritten, and an older state of the order must not come after a newer one.
    """

    def __init__(self, front: Front, bot: Bot, turns: OneAtATime) -> None:
        self._front = front
        self._bot = bot
        self._turns = turns

    async def refresh(self, user_id: int, chat_id: int, order_id: str, words: Words, *, anew: bool) -> None:
        """Edit the message that shows the order; `anew`: send one where there is none.

        Raises `TimeoutError`.
        """
        async with asyncio.timeout(TURN_SECONDS) as waiting, self._turns.turn_of(self._bot.id, chat_id):
            waiting.reschedule(None)
            await self._refresh(user_id, chat_id, order_id, words, anew=anew)

    async def _refresh(self, user_id: int, chat_id: int, order_id: str, words: Words, *, anew: bool) -> None:
        with suppress(NotFound):
            shown = card((await self._front.orders.get(user_id, order_id)).order, words)
            async with self._front.services.db.read() as uow:
                message_id = await uow.telegram.get_card(user_id, subject(order_id))
            is_shown = message_id is not None and await self._edit(chat_id, message_id, shown)
            if anew and not is_shown:
                sent = await self._bot.send_message(chat_id, shown.text, reply_markup=shown.markup)
                await remember(self._front, user_id, order_id, sent.message_id)

    async def _edit(self, chat_id: int, message_id: int, shown: Screen) -> bool:
        """False: the message is gone."""
        try:
            await self._bot.edit_message_text(
                shown.text, chat_id=chat_id, message_id=message_id, reply_markup=shown.markup
            )
        except TelegramBadRequest:
            return False
        return True
