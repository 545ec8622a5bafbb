"""The operators' desk: its menu, and how every deed there is asked for, made sure of and done."""

import secrets
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command, ExceptionTypeFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ErrorEvent, Message

from bot import desk_texts
from bot.desk import ASK, BACK, DEEDS, Asked, Deed, Staff, back, begin, is_admin, role_of
from bot.dialogs import Dialog
from bot.front import Front, Person
from bot.presses import Press, PressOf, word
from bot.refusals import is_of_old_button
from bot.screens import Rows, Screen, button, plain, show, tell
from core import staff
from core.errors import AppError, NotFound
from core.i18n import Html, message

USUAL = "adm:usual:"
YES = "adm:yes:"
TYPED = F.text & ~F.text.startswith("/")


def router() -> Router:
    router = Router(name="admin")
    router.message.filter(Staff("support"))
    router.callback_query.filter(Staff("support"))
    router.message.register(open_desk, Command("admin"))
    router.callback_query.register(open_desk, Press("adm", BACK, "adm:cancel"))
    router.callback_query.register(ask, PressOf(ASK, word))
    router.callback_query.register(press_usual, Dialog.staff, PressOf(USUAL, word))
    router.callback_query.register(press_yes, PressOf(YES, word))
    router.message.register(take_reply, Dialog.staff, TYPED)
    router.message.register(take_reply, Dialog.sure, TYPED)
    router.error.register(say_why, ExceptionTypeFilter(AppError), is_of_deed)
    return router


async def open_desk(event: Message | CallbackQuery, who: Person, front: Front) -> None:
    t = who.words
    rows: Rows = [
        [
            button(t(message("📦 Fulfilment queue")), "adm:queue:0"),
            button(t(message("🎫 Tickets")), "adm:tickets:0"),
        ],
        [begin(t(message("👤 Find a user")), "user"), button(t(message("📊 Figures")), "adm:figures")],
    ]
    if await is_admin(who, front):
        rows += [
            [begin(t(message("🔑 New keys")), "issue"), begin(t(message("🔎 Find a key")), "key")],
            [button(t(message("📣 Broadcasts")), "adm:casts:0")],
        ]
    rows.append([button(t(message("🧾 Audit log")), "adm:audit:0"), button(t(message("🏠 Menu")), "menu")])
    await show(event, Screen(t(message("🛠 The operators' desk.")), rows))


# The dialog


async def ask(event: CallbackQuery, about: str, who: Person, front: Front, state: FSMContext) -> None:
    name, _, subject = about.partition(":")
    deed = await _deed(name, who, front)
    if deed.question:
        await _ask(event, name, Asked(subject), who, front, state)
    else:
        await _proceed(event, name, Asked(subject), who, front, state)


async def press_usual(event: CallbackQuery, about: str, who: Person, front: Front, state: FSMContext) -> None:
    known = await state.get_data()
    if known.get("turn") != about:
        raise NotFound
    await _proceed(event, known["deed"], Asked(known["about"], known["usual"]), who, front, state)


async def take_reply(event: Message, who: Person, front: Front, state: FSMContext) -> None:
    known = await state.get_data()
    if "deed" not in known:
        raise NotFound
    asked = Asked(known["about"], (event.text or "").strip())
    await _proceed(event, known["deed"], asked, who, front, state)


async def press_yes(event: CallbackQuery, about: str, who: Person, front: Front, state: FSMContext) -> None:
    """Once: the second press of the same button changes nothing, whatever is shown by then."""
    known = await state.get_data()
    if known.get("done") == about:
        return
    if known.get("turn") != about or "said" not in known:
        raise NotFound
    deed = await _deed(known["deed"], who, front)
    asked = Asked(known["about"], known["said"], f"desk:{who.telegram_id}:{about}")
    screen = await deed.act(asked, who, front)
    await state.set_state(None)
    await state.set_data({"done": about})
    await show(event, screen)


async def _ask(
    event: Message | CallbackQuery, name: str, asked: Asked, who: Person, front: Front, state: FSMContext
) -> None:
    deed = await _deed(name, who, front)
    label, usual = await deed.usual(asked, who, front) if deed.usual else ("", "")
    known = {
        "deed": name,
        "about": asked.about,
        "label": str(plain(label)),
        "usual": str(plain(usual)),
        "turn": _turn(),
    }
    await state.set_data(known)
    await state.set_state(Dialog.staff)
    await tell(event, _question(deed, known, who))


async def _proceed(
    event: Message | CallbackQuery, name: str, asked: Asked, who: Person, front: Front, state: FSMContext
) -> None:
    """Done at once, or after a yes."""
    deed = await _deed(name, who, front)
    if deed.sure is None:
        screen = await deed.act(asked, who, front)
        await state.clear()
        await show(event, screen)
        return
    text, turn = await deed.sure(asked, who, front), _turn()
    known = await state.get_data() if deed.question else {}
    await state.set_data({**known, "deed": name, "about": asked.about, "said": asked.said, "turn": turn})
    await state.set_state(Dialog.sure)
    yes = button(who.words(message("✅ Yes")), f"{YES}{turn}")
    leave = button(who.words(message("⬅️ Back")), _place(deed, asked.about))
    await show(event, Screen(text, [[yes], [leave]]))


def _question(deed: Deed, known: dict[str, Any], who: Person, refused: Html | None = None) -> Screen:
    t = who.words
    text = t(deed.question)
    rows: Rows = [[button(known["label"], f"{USUAL}{known['turn']}")]] if known["label"] else []
    leave = button(t(message("✖️ Cancel")), _place(deed, known["about"]))
    return Screen(Html(f"{refused}\n\n{text}") if refused else text, [*rows, [leave]])


def _place(deed: Deed, about: str) -> str:
    """Where one gets by leaving: the card of what the deed is about."""
    return f"{BACK}:{deed.place}{about}" if deed.place else BACK


def _turn() -> str:
    """Names one asking, so that the buttons of an older one do nothing."""
    return secrets.token_hex(4)


async def _deed(name: str, who: Person, front: Front) -> Deed:
    """Looked at again for each step: a role may have been taken away in between."""
    deed = DEEDS.get(name)
    if deed is None or not staff.reaches(await role_of(who, front), deed.needed):
        raise NotFound
    return deed


# Refusals


async def is_of_deed(event: ErrorEvent, state: FSMContext, raw_state: str | None) -> bool | dict[str, Any]:
    """Whether a dialog of the desk, or one of its buttons, was refused for a reason worth telling."""
    known = await state.get_data()
    press = event.update.callback_query
    if press is None:
        is_in_dialog = raw_state in (Dialog.staff.state, Dialog.sure.state) and "deed" in known
        return {"known": known} if is_in_dialog else False
    data = press.data or ""
    is_step = bool(known.get("turn")) and data in (f"{USUAL}{known['turn']}", f"{YES}{known['turn']}")
    is_button = data.startswith("adm:") and not is_of_old_button(event)
    return {"known": known if is_step else {}} if is_step or is_button else False


async def say_why(
    event: ErrorEvent, known: dict[str, Any], who: Person, front: Front, state: FSMContext
) -> None:
    """And ask again, where something was asked."""
    source = event.update.message or event.update.callback_query
    error = event.exception
    if source is None or not isinstance(error, AppError):
        return
    why = desk_texts.refusal(error, who.words, front.currency)
    deed = DEEDS.get(str(known.get("deed")))
    if deed is None or not deed.question or "label" not in known:
        await tell(source, Screen(why, [back(who)]))
        return
    known = {**known, "turn": _turn()}
    await state.set_data(known)
    await state.set_state(Dialog.staff)
    await tell(source, _question(deed, known, who, why))
