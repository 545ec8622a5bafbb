"""The operators' desk: accounts, and their money."""

from contextlib import suppress

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.desk import BACK, DEEDS, PAGE, Asked, Deed, Staff, back, begin, is_admin, whole
from bot.desk_texts import ROLES
from bot.figures import money
from bot.front import Front, Person
from bot.presses import PressOf, number
from bot.screens import Rows, Screen, button, show, turning
from core import administration, plans
from core.admin.people import UserCard, UserQuery, UserRow
from core.errors import InsufficientFunds, Invalid, UserNotFound
from core.i18n import Html, message
from core.money.amounts import parse

PLACE = "u:"
LIST = "adm:users:"
LONGEST_REASON = 300
USUAL_AMOUNT = 500  # minor units


def router() -> Router:
    router = Router(name="admin people")
    router.callback_query.filter(Staff("support"))
    router.callback_query.register(list_users, PressOf(LIST, number))
    router.callback_query.register(show_user, PressOf(f"adm:{PLACE}", number))
    router.callback_query.register(show_user, PressOf(f"{BACK}:{PLACE}", number))
    return router


async def list_users(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await show(event, await _users(UserQuery(limit=PAGE, offset=about), who, front))


async def show_user(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await show(event, await card(about, who, front))


async def card(user_id: int, who: Person, front: Front) -> Screen:
    sees_money = await is_admin(who, front)
    return _user(await front.services.admin.people.show(user_id, with_money=sees_money), who, front)


async def _find(asked: Asked, who: Person, front: Front) -> Screen:
    """Exactly that one; else all whose names hold it. Nothing said: the newest."""
    if not asked.said:
        return await _users(UserQuery(limit=PAGE), who, front)
    with suppress(UserNotFound):
        async with front.services.db.read() as uow:
            user = await administration.find_user(uow, asked.said.removeprefix("@"))
        return await card(user.id, who, front)
    return await _users(UserQuery(q=asked.said.removeprefix("@"), limit=PAGE), who, front)


async def _newest(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    return who.words(message("👥 The newest")), ""


async def _users(query: UserQuery, who: Person, front: Front) -> Screen:
    found, total = await front.services.admin.people.list_page(query)
    if query.q and not found:
        raise UserNotFound
    rows: Rows = [[button(_name(one), f"adm:{PLACE}{one.id}")] for one in found]
    text = who.words.many(message("👥 {count} account."), message("👥 {count} accounts."), total)
    turn = [] if query.q else turning(LIST, query.offset, PAGE, total)
    return Screen(text, [*rows, turn, back(who)])


def _name(user: UserRow) -> str:
    known = (user.username and f"@{user.username}", user.name, user.telegram_id and f"tg:{user.telegram_id}")
    return " · ".join(str(one) for one in known if one) or f"#{user.id}"


def _user(card: UserCard, who: Person, front: Front) -> Screen:
    t, user = who.words, card.user
    lines = [
        t(message("👤 <b>{name}</b> · {role}"), name=_name(user), role=t(ROLES[user.role])),
        t(message("TikTok: {tiktok}"), tiktok=f"@{user.tiktok_username}" if user.tiktok_username else "–"),
        t(
            message("License: {plan} {until}"),
            plan=plans.title_of(front.services.config, user.plan) or "–",
            until=(user.license_expires_at or "")[:10],
        ),
    ]
    if user.is_banned:
        lines.append(t(message("⛔ Blocked")))
    rows: Rows = []
    if card.balance is not None:
        lines.append(t(message("Balance: {amount}"), amount=money(card.balance.available, front.currency, t)))
        rows = _actions(user, who)
    return Screen(Html("\n".join(lines)), [*rows, back(who)])


def _actions(user: UserRow, who: Person) -> Rows:
    t = who.words
    switch = begin(t(message("✅ Unban")), "unban", user.id)
    return [
        [
            begin(t(message("➕ Give money")), "credit", user.id),
            begin(t(message("➖ Take money")), "debit", user.id),
        ],
        [button(t(message("⭐ Payments")), f"adm:pays:{user.id}:0")],
        [switch if user.is_banned else begin(t(message("⛔ Ban")), "ban", user.id)],
    ]


async def _named(asked: Asked, front: Front) -> UserCard:
    return await front.services.admin.people.show(whole(asked.about, "user"), with_money=True)


# Banned or not


async def _is_banned(asked: Asked, who: Person, front: Front) -> Html:
    text = message("⛔ Block {name}? They are signed out everywhere and cannot come in again.")
    return who.words(text, name=_name((await _named(asked, front)).user))


async def _is_unbanned(asked: Asked, who: Person, front: Front) -> Html:
    return who.words(message("✅ Let {name} in again?"), name=_name((await _named(asked, front)).user))


async def _ban(asked: Asked, who: Person, front: Front) -> Screen:
    return await _set_banned(asked, who, front, is_banned=True)


async def _unban(asked: Asked, who: Person, front: Front) -> Screen:
    return await _set_banned(asked, who, front, is_banned=False)


async def _set_banned(asked: Asked, who: Person, front: Front, *, is_banned: bool) -> Screen:
    user_id = whole(asked.about, "user")
    card = await front.services.admin.people.set_banned(user_id, who.act(front), is_banned=is_banned)
    return _user(card, who, front)


# Money


async def _usual_gift(_asked: Asked, who: Person, front: Front) -> tuple[str, str]:
    reason = who.words(message("as a thank you"))
    return f"{money(USUAL_AMOUNT, front.currency, who.words)} {reason}", _answer(USUAL_AMOUNT, reason)


async def _usual_debit(asked: Asked, who: Person, front: Front) -> tuple[str, str]:
    reason, balance = who.words(message("correction")), (await _named(asked, front)).balance
    amount = min(USUAL_AMOUNT, balance.available if balance and balance.available > 0 else USUAL_AMOUNT)
    return f"{money(amount, front.currency, who.words)} {reason}", _answer(amount, reason)


def _answer(amount: int, reason: str) -> str:
    """As an operator would type it."""
    return f"{amount // 100}.{amount % 100:02} {reason}"


def _wanted(text: str) -> tuple[int, str]:
    """Amount and reason."""
    amount, _, rest = text.partition(" ")
    reason = " ".join(rest.split())
    parsed = parse(amount)
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise Invalid("reason: say why", field="reason")
    return parsed, reason


async def _is_given(asked: Asked, who: Person, front: Front) -> Html:
    text = message("➕ Give {amount} to {name}? Reason: {reason}")
    return await _sure(text, asked, who, front)


async def _is_taken(asked: Asked, who: Person, front: Front) -> Html:
    amount, _ = _wanted(asked.said)
    balance = (await _named(asked, front)).balance
    if balance and balance.available < amount:
        raise InsufficientFunds(available=balance.available, required=amount)
    text = message("➖ Debit {amount} from {name}? Reason: {reason}")
    return await _sure(text, asked, who, front)


async def _sure(text: str, asked: Asked, who: Person, front: Front) -> Html:
    amount, reason = _wanted(asked.said)
    shown = money(amount, front.currency, who.words)
    return who.words(text, amount=shown, name=_name((await _named(asked, front)).user), reason=reason)


async def _credit(asked: Asked, who: Person, front: Front) -> Screen:
    amount, reason = _wanted(asked.said)
    user_id = whole(asked.about, "user")
    await front.services.admin.books.credit(user_id, amount, reason, asked.key, who.act(front))
    return await card(user_id, who, front)


async def _debit(asked: Asked, who: Person, front: Front) -> Screen:
    amount, reason = _wanted(asked.said)
    user_id = whole(asked.about, "user")
    await front.services.admin.books.debit(user_id, amount, reason, asked.key, who.act(front))
    return await card(user_id, who, front)


_MONEY = message("💳 Send an amount and the reason. For example: <code>5.00 paid by card</code>")
DEEDS |= {
    "user": Deed(
        question=message("👤 Send a name, or tg: and the digits of a Telegram id."),
        usual=_newest,
        act=_find,
        needed="support",
    ),
    "ban": Deed(sure=_is_banned, act=_ban, place=PLACE),
    "unban": Deed(sure=_is_unbanned, act=_unban, place=PLACE),
    "credit": Deed(question=_MONEY, usual=_usual_gift, sure=_is_given, act=_credit, place=PLACE),
    "debit": Deed(question=_MONEY, usual=_usual_debit, sure=_is_taken, act=_debit, place=PLACE),
}
