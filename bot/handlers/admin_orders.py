"""The operators' desk: the queue of orders that people deliver."""

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.desk import BACK, DEEDS, PAGE, Asked, Deed, Staff, back, begin, is_admin, whole
from bot.figures import count, money
from bot.front import Front, Person
from bot.order_cards import order_number, status_of
from bot.presses import PressOf, number
from bot.screens import Rows, Screen, button, link, show, turning
from core.errors import Invalid
from core.i18n import Html, message
from core.orders.views import OrderView

QUEUE = "adm:queue:"
PLACE = "o:"
LONGEST_NOTE = 500


def router() -> Router:
    router = Router(name="admin orders")
    router.callback_query.filter(Staff("support"))
    router.callback_query.register(show_queue, PressOf(QUEUE, number))
    router.callback_query.register(show_order, PressOf(f"adm:{PLACE}", order_number))
    router.callback_query.register(show_order, PressOf(f"{BACK}:{PLACE}", order_number))
    router.callback_query.register(take_order, PressOf("adm:take:", order_number), Staff("admin"))
    return router


async def show_queue(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    t = who.words
    orders, total = await front.services.orders.list_queue(PAGE, about)
    rows: Rows = [[button(_line(one, who), f"adm:{PLACE}{one.order_id}")] for one in orders]
    said = t.many(message("📦 {count} order waits."), message("📦 {count} orders wait."), total)
    await show(event, Screen(said, [*rows, turning(QUEUE, about, PAGE, total), back(who)]))


def _line(order: OrderView, who: Person) -> str:
    sign = "✋" if order.taken_by else "🕒"
    return f"{sign} {order.order_id} · {count(order.view_count, who.words)}"


async def show_order(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    await show(event, await _order((await front.services.orders.get_any(about)).order, who, front))


async def take_order(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    await show(event, await _order(await front.services.orders.take(about, who.act(front)), who, front))


async def _order(order: OrderView, who: Person, front: Front) -> Screen:
    t = who.words
    lines = [
        t(
            message("📦 <b>{order_id}</b> · {status}"),
            order_id=order.order_id,
            status=t(status_of(order.status, is_cancel_asked=order.is_cancel_asked)),
        ),
        t(
            message("{sent} sent, {delivered} delivered of {count}"),
            sent=count(order.view_count_sent, t),
            delivered=count(order.view_count_delivered, t),
            count=count(order.view_count, t),
        ),
    ]
    is_theirs = await is_admin(who, front)  # support looks on
    if is_theirs:
        lines.append(t(message("💳 {price}"), price=money(order.price, order.currency, t)))
    if order.taken_by:
        lines.append(t(message("✋ Taken by {who}"), who=order.taken_by))
    if order.note:
        lines.append(t(message("📝 {note}"), note=order.note))
    if order.is_cancel_asked and order.completed_at is None:
        lines.append(t(message("⏳ The customer wants it stopped: report what was shown and finish.")))
    actions = _actions(order, who) if is_theirs and order.completed_at is None else []
    return Screen(
        Html("\n".join(lines)), [*actions, [link(t(message("🎬 Video")), order.video_url)], back(who)]
    )


def _actions(order: OrderView, who: Person) -> Rows:
    t, order_id = who.words, order.order_id
    take = [] if order.taken_by else [button(t(message("✋ I take it")), f"adm:take:{order_id}")]
    return [
        take,
        [begin(t(message("📝 Report numbers")), "report", order_id)],
        [begin(t(message("🏁 Finish")), "finish", order_id)],
        [begin(t(message("🚫 Cannot be done")), "fail", order_id)],
    ]


# What is reported


async def _all_sent(asked: Asked, who: Person, front: Front) -> tuple[str, str]:
    order, t = (await front.services.orders.get_any(asked.about)).order, who.words
    sent, delivered = max(order.view_count, order.view_count_sent), order.view_count_delivered
    label = t(
        message("{sent} sent, {delivered} delivered"), sent=count(sent, t), delivered=count(delivered, t)
    )
    return label, f"{sent} {delivered}"


async def _all_delivered(asked: Asked, who: Person, front: Front) -> tuple[str, str]:
    order, t = (await front.services.orders.get_any(asked.about)).order, who.words
    sent = max(order.view_count, order.view_count_sent)
    delivered = max(order.view_count, order.view_count_delivered)
    label = t(
        message("{sent} sent, {delivered} delivered"), sent=count(sent, t), delivered=count(delivered, t)
    )
    return label, f"{sent} {delivered}"


async def _cannot_be_shown(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    reason = who.words(message("TikTok does not show this video to others."))
    return reason, reason


def _numbers(text: str) -> tuple[int, int, str]:
    """Sent, delivered, a note."""
    sent, delivered, note = [*text.split(maxsplit=2), "", "", ""][:3]
    _check_note(note)
    return whole(sent, "sent"), whole(delivered, "delivered"), note


def _check_note(note: str) -> None:
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise Invalid("note: too long", field="note")


async def _progress(asked: Asked, who: Person, front: Front) -> Screen:
    told, by = _numbers(asked.said), who.act(front)
    return await _order(await front.services.orders.report(asked.about, *told, by, final=False), who, front)


async def _is_finished(asked: Asked, who: Person, front: Front) -> Html:
    t = who.words
    sent, delivered, _ = _numbers(asked.said)
    order = (await front.services.orders.get_any(asked.about)).order
    if sent < order.view_count_sent or delivered < order.view_count_delivered:
        field = "sent" if sent < order.view_count_sent else "delivered"
        raise Invalid(f"{field}: less than was reported", field=field)
    return t(
        message(
            "🏁 Finish <b>{order_id}</b> with {delivered} of {count} delivered? The customer pays for these, "
            "the rest goes back to them."
        ),
        order_id=order.order_id,
        delivered=count(delivered, t),
        count=count(order.view_count, t),
    )


async def _finish(asked: Asked, who: Person, front: Front) -> Screen:
    told, by = _numbers(asked.said), who.act(front)
    return await _order(await front.services.orders.report(asked.about, *told, by, final=True), who, front)


async def _is_given_up(asked: Asked, who: Person, front: Front) -> Html:
    _check_note(asked.said)
    order = (await front.services.orders.get_any(asked.about)).order
    return who.words(
        message("🚫 Give up <b>{order_id}</b>? What was not delivered goes back. The customer reads: {note}"),
        order_id=order.order_id,
        note=asked.said,
    )


async def _fail(asked: Asked, who: Person, front: Front) -> Screen:
    order = await front.services.orders.fail(asked.about, asked.said, who.act(front))
    return await _order(order, who, front)


_NUMBERS = message("📝 Send: views sent, views delivered, a note. For example: <code>500 450 running</code>")
DEEDS |= {
    "report": Deed(question=_NUMBERS, usual=_all_sent, act=_progress, place=PLACE),
    "finish": Deed(question=_NUMBERS, usual=_all_delivered, sure=_is_finished, act=_finish, place=PLACE),
    "fail": Deed(
        question=message("🚫 Why can it not be done? The customer reads this."),
        usual=_cannot_be_shown,
        sure=_is_given_up,
        act=_fail,
        place=PLACE,
    ),
}
