"""The operators' desk: what somebody paid in Stars, and giving it back.

A charge's id is too long for a button: there it goes by the beginning of its hash.
"""

import hashlib

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.desk import BACK, DEEDS, PAGE, Asked, Deed, Staff, begin
from bot.desk_texts import PAYMENTS
from bot.figures import count, money
from bot.front import Front, Person
from bot.presses import PressOf, number
from bot.screens import Rows, Screen, button, show, turning
from core.errors import Invalid, PaymentNotFound
from core.i18n import Html, message
from core.payments.views import PaymentView

PLACE = "p:"
LIST = "adm:pays:"
SEARCHED = 100  # of somebody's payments, the newest
LONGEST_REASON = 500


def router() -> Router:
    router = Router(name="admin payments")
    router.callback_query.filter(Staff("admin"))
    router.callback_query.register(list_payments, PressOf(LIST, page))
    router.callback_query.register(show_payment, PressOf(f"adm:{PLACE}", which))
    router.callback_query.register(show_payment, PressOf(f"{BACK}:{PLACE}", which))
    return router


def page(text: str) -> tuple[int, int] | None:
    """`user:offset`."""
    user_id, offset = (number(part) for part in (*text.split(":", 1), "")[:2])
    return (user_id, offset) if user_id is not None and offset is not None else None


def which(text: str) -> str | None:
    """`user:mark`."""
    user_id, _, mark = text.partition(":")
    return text if number(user_id) is not None and mark.isalnum() and mark.isascii() else None


async def list_payments(event: CallbackQuery, about: tuple[int, int], who: Person, front: Front) -> None:
    t, (user_id, offset) = who.words, about
    found, total = await front.services.payments.list(user_id, limit=PAGE, offset=offset)
    rows: Rows = [[button(_line(one, who, front), f"adm:{PLACE}{user_id}:{_mark(one)}")] for one in found]
    text = t.many(message("⭐ {count} payment in Stars."), message("⭐ {count} payments in Stars."), total)
    turn = turning(f"{LIST}{user_id}:", offset, PAGE, total)
    home = button(t(message("⬅️ Account")), f"{BACK}:u:{user_id}")
    await show(event, Screen(text, [*rows, turn, [home]]))


def _line(payment: PaymentView, who: Person, front: Front) -> str:
    amount = money(payment.amount, front.currency, who.words)
    return f"{payment.booked_at:%d.%m.%Y} · {amount} · {who.words(PAYMENTS[payment.status])}"


def _mark(payment: PaymentView) -> str:
    return hashlib.sha256(payment.charge_id.encode()).hexdigest()[:12]


async def show_payment(event: CallbackQuery, about: str, who: Person, front: Front) -> None:
    await show(event, _payment(await _found(about, front), who, front))


async def _found(about: str, front: Front) -> PaymentView:
    user_id, _, mark = about.partition(":")
    found, _ = await front.services.payments.list(number(user_id) or 0, limit=SEARCHED)
    payment = next((one for one in found if _mark(one) == mark), None)
    if payment is None:
        raise PaymentNotFound
    return payment


def _payment(payment: PaymentView, who: Person, front: Front) -> Screen:
    t = who.words
    lines = [
        t(
            message("⭐ <b>{amount}</b> for {stars} Stars, {day} · {status}"),
            amount=money(payment.amount, front.currency, t),
            stars=count(payment.stars, t),
            day=f"{payment.booked_at:%d.%m.%Y}",
            status=t(PAYMENTS[payment.status]),
        )
    ]
    if payment.debt:
        debt = money(payment.debt, front.currency, t)
        lines.append(t(message("⚠️ Beyond the balance, booked as a debt: {amount}"), amount=debt))
    if payment.refund_error:
        lines.append(t(message("⚠️ Telegram refused to refund it: {reason}"), reason=payment.refund_error))
    about = f"{payment.user_id}:{_mark(payment)}"
    rows: Rows = []
    if payment.status == "booked":
        rows = [[begin(t(message("↩️ Refund")), "refund", about)]]
    home = button(t(message("⬅️ Account")), f"{BACK}:u:{payment.user_id}")
    return Screen(Html("\n".join(lines)), [*rows, [home]])


async def _asked_for(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    reason = who.words(message("The customer asked for it."))
    return reason, reason


async def _is_refunded(asked: Asked, who: Person, front: Front) -> Html:
    t = who.words
    if not 0 < len(asked.said) <= LONGEST_REASON:
        raise Invalid("reason: too long", field="reason")
    payment = await _found(asked.about, front)
    return t(
        message(
            "↩️ Refund {stars} Stars? {amount} is taken from the balance, or the unused days of the license; "
            "what was spent is owed. Reason: {reason}"
        ),
        stars=count(payment.stars, t),
        amount=money(payment.amount, front.currency, t),
        reason=asked.said,
    )


async def _refund(asked: Asked, who: Person, front: Front) -> Screen:
    payment = await _found(asked.about, front)
    done = await front.services.payments.refund(payment.charge_id, who.act(front), asked.said)
    return _payment(done, who, front)


DEEDS["refund"] = Deed(
    question=message("↩️ Why is it refunded?"), usual=_asked_for, sure=_is_refunded, act=_refund, place=PLACE
)
