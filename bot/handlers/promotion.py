"""Promoting a video: link, number of views, price, yes."""

import re
from dataclasses import replace
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardButton, Message

from bot.dialogs import Dialog
from bot.figures import count, money
from bot.front import Front, Person
from bot.needs import Quote
from bot.order_cards import CONFIRM, card, remember, shown_in
from bot.presses import Press, PressOf, number
from bot.screens import Rows, Screen, button, link, show, tell
from core.errors import Invalid, NotFound
from core.i18n import message

LINK = re.compile(r"(?<![\w./@-])(https?://)?([\w-]+\.)?tiktok\.com/\S+", re.ASCII | re.IGNORECASE)
COUNT = "views:"
OFFER = "offer"
TIKTOK = "https://www.tiktok.com/"
MOST_SHOWN = 4


def router() -> Router:
    router = Router(name="promotion")
    router.callback_query.register(ask_link, Press("promote"))
    router.callback_query.register(explain_link, Press("promote:how"))
    router.callback_query.register(take_video_again, Press("promote:again"))
    router.callback_query.register(press_count, Dialog.count, PressOf(COUNT, number))
    router.callback_query.register(place_order, Press(CONFIRM), is_offered)
    router.callback_query.register(show_placed, Press(CONFIRM), is_placed)
    router.message.register(take_link, Dialog.link, F.text, ~F.text.startswith("/"))
    router.message.register(take_count, Dialog.count, F.text, ~F.text.startswith("/"))
    router.message.register(take_count, Dialog.quote, F.text, ~F.text.startswith("/"))
    router.message.register(take_link, F.text.regexp(LINK, mode="search"))
    return router


async def ask_link(event: CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    t = who.words
    orders, _ = await front.orders.list(who.user_id, limit=1)
    await state.set_state(Dialog.link)
    again = button(t(message("🔁 The same video as last time")), "promote:again")
    how = button(t(message("❓ How do I copy the link?")), "promote:how")
    text = t(
        message(
            "🚀 Send me the link of your TikTok video: Share → Copy link.\n"
            "It is promoted with TikTok’s own advertising or by our team, and you see measured results. No "
            "bots, no fake views."
        )
    )
    await show(event, Screen(text, [[again] if orders else [], [how], _leave(who)]))


async def explain_link(event: CallbackQuery, who: Person, state: FSMContext) -> None:
    t = who.words
    await state.set_state(Dialog.link)
    text = t(
        message(
            "1. Open TikTok and go to your video.\n2. Press the arrow (Share), then “Copy link”.\n"
            "3. Come back here, hold your finger on the message field, press “Paste” and send."
        )
    )
    await show(event, Screen(text, [[link(t(message("📱 Open TikTok")), TIKTOK)], _leave(who)]))


async def take_video_again(event: CallbackQuery, who: Person, front: Front, state: FSMContext) -> None:
    orders, _ = await front.orders.list(who.user_id, limit=1)
    if not orders:
        raise NotFound
    await _ask_count(event, orders[0].video_url, who, front, state)


async def take_link(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    """Also when nobody asked for one, and with the words TikTok's "Share" puts around it."""
    text = (event.text or "").strip()
    found = LINK.search(text)
    await _ask_count(event, found[0].rstrip(".,!)") if found else text, who, front, state)


async def _ask_count(
    event: Message | CallbackQuery, video_url: str, who: Person, front: Front, state: FSMContext
) -> None:
    prices = front.orders.prices()
    first = prices.packages[0].view_count if prices.packages else prices.minimum
    quote = await front.orders.quote(video_url, first)
    await state.set_data({"video_url": quote.video_url})
    await state.set_state(Dialog.count)
    t = who.words
    text = t(
        message("🎬 Got it. How many views? From {minimum} to {maximum}: press a button or send a number."),
        minimum=count(prices.minimum, t),
        maximum=count(prices.maximum, t),
    )
    buttons = [
        button(
            t(
                message("{count} views · {price}"),
                count=count(package.view_count, t),
                price=money(package.price, prices.currency, t),
            ),
            f"{COUNT}{package.view_count}",
        )
        for package in prices.packages[:MOST_SHOWN]
    ]
    rows: Rows = [[one] for one in buttons]
    await tell(event, Screen(text, [*rows, _leave(who)]))


def _leave(who: Person) -> list[InlineKeyboardButton]:
    return [button(who.words(message("✖️ Cancel")), "menu:cancel")]


async def take_count(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    digits = re.sub(r"[\s.,’']", "", event.text or "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise Invalid("view_count: not a number", field="view_count")
    await _quote_count(event, int(digits), who, front, state)


async def press_count(event: CallbackQuery, about: int, who: Person, front: Front, state: FSMContext) -> None:
    await _quote_count(event, about, who, front, state)


async def is_offered(event: CallbackQuery, state: FSMContext) -> bool | dict[str, Any]:
    """The message that is pressed shows the newest offer; other dialogs in between do not matter."""
    offer = await _offer(state).get_data()
    message_id = event.message.message_id if event.message else None
    return {"offer": offer} if offer and offer["shown_in"] == message_id else False


async def place_order(
    event: CallbackQuery, offer: dict[str, Any], who: Person, front: Front, state: FSMContext
) -> None:
    """Exactly what was shown: another price asks again."""
    shown_in = int(offer["shown_in"])
    quote = await front.orders.quote(offer["video_url"], offer["view_count"])
    if quote.price != offer["price"]:
        await _show_quote(event, quote, who, state)
        return
    key = f"tg:{who.telegram_id}:{shown_in}"
    order = await front.orders.create(who.user_id, quote.video_url, quote.view_count, key, who.act(front))
    await remember(front, who.user_id, order.order_id, shown_in)  # before there is news of it
    await state.clear()
    await _offer(state).set_data({})
    await remember(front, who.user_id, order.order_id, await show(event, card(order, who.words)))


async def is_placed(event: CallbackQuery, who: Person, front: Front) -> bool | dict[str, str]:
    """A second click: the message is the order's card by now."""
    message_id = event.message.message_id if event.message else 0
    order_id = await shown_in(front, who.user_id, message_id)
    return {"order_id": order_id} if order_id else False


async def show_placed(event: CallbackQuery, who: Person, front: Front, order_id: str) -> None:
    await show(event, card((await front.orders.get(who.user_id, order_id)).order, who.words))


async def _quote_count(
    event: Message | CallbackQuery, view_count: int, who: Person, front: Front, state: FSMContext
) -> None:
    video_url = (await state.get_data()).get("video_url")
    if video_url is None:
        raise NotFound
    await _show_quote(event, await front.orders.quote(video_url, view_count), who, state)


async def _show_quote(event: Message | CallbackQuery, quote: Quote, who: Person, state: FSMContext) -> None:
    shown_in = await show(event, _quote(quote, who))
    await _offer(state).set_data(
        {
            "video_url": quote.video_url,
            "view_count": quote.view_count,
            "price": quote.price,
            "shown_in": shown_in,
        }
    )
    await state.set_data({"video_url": quote.video_url})
    await state.set_state(Dialog.quote)


def _offer(state: FSMContext) -> FSMContext:
    """The newest offer has a place of its own: it outlives topping up, which is a dialog too."""
    return FSMContext(storage=state.storage, key=replace(state.key, destiny=OFFER))


def _quote(quote: Quote, who: Person) -> Screen:
    t = who.words
    text = t(
        message(
            "🎬 {video_url}\n👁 {count} views\n💳 <b>{price}</b> ({unit} for {thousand})\n\n"
            "When you order, the money is set aside. You pay only for what is delivered, the rest comes back."
        ),
        video_url=quote.video_url,
        count=count(quote.view_count, t),
        price=money(quote.price, quote.currency, t),
        thousand=count(1_000, t),
        unit=money(quote.unit_price, quote.currency, t),
    )
    rows: Rows = [
        [button(t(message("✅ Order for {price}"), price=money(quote.price, quote.currency, t)), CONFIRM)],
        _leave(who),
    ]
    return Screen(text, rows)
