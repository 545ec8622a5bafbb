"""Orders: the list page by page, one in detail, and cancelling it."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.figures import count
from bot.front import Front, Person
from bot.needs import Order
from bot.order_cards import REFRESH, card, order_number, remember, status_of
from bot.presses import Press, PressOf, number
from bot.screens import Rows, Screen, button, show, turning
from core.i18n import Html, message

PAGE = 5
LIST = "orders:"
ASK_CANCEL = "ordercancel:"
CANCEL = "orderstop:"
KEEP = "orderback:"


def router() -> Router:
    router = Router(name="orders")
    router.message.register(list_orders, Command("orders"))
    router.callback_query.register(turn_page, PressOf(LIST, number))
    router.callback_query.register(turn_page, Press("orders:back"))
    router.callback_query.register(show_order, PressOf(REFRESH, order_number))
    router.callback_query.register(show_order, PressOf(KEEP, order_number))
    router.callback_query.register(ask_to_cancel, PressOf(ASK_CANCEL, order_number))
    router.callback_query.register(cancel_order, PressOf(CANCEL, order_number))
    return router


async def list_orders(event: Message, command: CommandObject, who: Person, front: Front) -> None:
    if command.args:
        await _show_one(event, command.args.strip().upper(), who, front)
        return
    await show(event, await _page(0, who, front))


async def turn_page(event: CallbackQuery, who: Person, front: Front, about: int = 0) -> None:
    await show(event, await _page(about, who, front))


async def show_order(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    await _show_one(event, about, who, front)


async def ask_to_cancel(event: CallbackQuery, about: str, who: Person) -> None:
    t = who.words
    text = t(
        message("Cancel <b>{order_id}</b>? What was not delivered goes back to your balance."),
        order_id=about,
    )
    rows: Rows = [
        [button(t(message("✖️ Yes, cancel it")), f"{CANCEL}{about}")],
        [button(t(message("⬅️ No, keep it")), f"{KEEP}{about}")],
    ]
    await show(event, Screen(text, rows))


async def cancel_order(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    shown_in = event.message.message_id if event.message else None
    known = (await front.orders.get(who.user_id, about)).order
    await remember(front, who.user_id, known.order_id, shown_in)  # before there is news of it
    order = await front.orders.cancel(who.user_id, about, who.act(front))
    await remember(front, who.user_id, about, await show(event, card(order, who.words)))


async def _show_one(event: Message | CallbackQuery, order_id: str, who: Person, front: Front) -> None:
    detail = await front.orders.get(who.user_id, order_id)
    message_id = await show(event, card(detail.order, who.words))
    await remember(front, who.user_id, order_id, message_id)


async def _page(offset: int, who: Person, front: Front) -> Screen:
    t = who.words
    orders, total = await front.orders.list(who.user_id, limit=PAGE, offset=offset)
    if offset and not orders:
        return await _page(0, who, front)
    promote = [button(t(message("🚀 Promote a video")), "promote")]
    home = [button(t(message("🏠 Menu")), "menu")]
    if not orders:
        text = t(message("📦 You have no orders yet. Send me the link of a TikTok video to promote it."))
        return Screen(text, [promote, home])
    title = t(
        message("📦 Your orders, {first}–{last} of {total}:"),
        first=offset + 1,
        last=offset + len(orders),
        total=total,
    )
    rows: Rows = [[button(order.order_id, f"{REFRESH}{order.order_id}")] for order in orders]
    text = Html("\n".join([title, *(_line(order, who) for order in orders)]))
    return Screen(text, [*rows, turning(LIST, offset, PAGE, total), promote, home])


def _line(order: Order, who: Person) -> Html:
    t = who.words
    return t(
        message("<b>{order_id}</b> · {delivered} of {ordered} views · {status}"),
        order_id=order.order_id,
        delivered=count(order.view_count_delivered, t),
        ordered=count(order.view_count, t),
        status=t(status_of(order.status, is_cancel_asked=order.is_cancel_asked)),
    )
