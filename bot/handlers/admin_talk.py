"""The operators' desk: tickets, and broadcasts to many."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.desk import BACK, DEEDS, PAGE, Asked, Deed, Staff, back, begin, whole
from bot.desk_texts import CASTS, TICKETS, TOPICS
from bot.figures import count
from bot.front import Front, Person
from bot.handlers.support import ANSWER
from bot.presses import PressOf, number
from bot.screens import Rows, Screen, button, show, turning
from bot.snapshots import known
from core.broadcasts import BroadcastView, Draft
from core.i18n import LANGUAGES, Html, message, words

TICKET = "t:"
TICKET_LIST = "adm:tickets:"
CAST = "c:"
CAST_LIST = "adm:casts:"
LINES = 10  # of a ticket, the newest
LONGEST_LINE = 300
_PART = re.compile(rf"^({'|'.join(LANGUAGES)}):", re.MULTILINE)


def tickets() -> Router:
    router = Router(name="admin tickets")
    router.callback_query.filter(Staff("support"))
    router.callback_query.register(list_tickets, PressOf(TICKET_LIST, number))
    router.callback_query.register(show_ticket, PressOf(f"adm:{TICKET}", number))
    router.callback_query.register(show_ticket, PressOf(f"{BACK}:{TICKET}", number))
    router.callback_query.register(close_ticket, PressOf("adm:tclose:", number))
    return router


def router() -> Router:
    router = Router(name="admin broadcasts")
    router.callback_query.filter(Staff("admin"))
    router.callback_query.register(list_casts, PressOf(CAST_LIST, number))
    router.callback_query.register(show_cast, PressOf(f"adm:{CAST}", number))
    router.callback_query.register(show_cast, PressOf(f"{BACK}:{CAST}", number))
    return router


# Tickets


async def list_tickets(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    t = who.words
    found, total = await front.services.tickets.list_open(PAGE, about)
    rows: Rows = [
        [button(f"#{one.id} · {one.user.name} · {t(TOPICS[one.topic])}", f"adm:{TICKET}{one.id}")]
        for one in found
    ]
    said = t.many(message("🎫 {count} open ticket."), message("🎫 {count} open tickets."), total)
    await show(event, Screen(said, [*rows, turning(TICKET_LIST, about, PAGE, total), back(who)]))


async def show_ticket(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await show(event, await _ticket(about, who, front))


async def close_ticket(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    await front.services.tickets.close(about, who.act(front))
    await show(event, await _ticket(about, who, front))


async def _ticket(ticket_id: int, who: Person, front: Front) -> Screen:
    t = who.words
    ticket = await front.services.tickets.get(ticket_id)
    said = "\n\n".join(
        f"{'👤' if line.side == 'user' else '🛠'} {line.text[:LONGEST_LINE]}"
        for line in (ticket.messages or [])[-LINES:]
    )
    text = t(
        message("🎫 <b>#{number}</b> · {name} · {status}\n{known}\n\n{said}"),
        number=ticket.id,
        name=ticket.user.name,
        status=t(TICKETS[ticket.status]),
        known=known(ticket.snapshot, t) if ticket.snapshot else "",
        said=said,
    )
    rows: Rows = []
    if ticket.closed_at is None:
        rows = [
            [button(t(message("✍️ Answer")), f"{ANSWER}{ticket.id}")],
            [button(t(message("✅ Close")), f"adm:tclose:{ticket.id}")],
        ]
    account = button(t(message("👤 Account")), f"adm:u:{ticket.user.id}")
    return Screen(text, [*rows, [account], back(who)])


# Broadcasts


async def list_casts(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    t = who.words
    found, total = await front.services.broadcasts.list_page(PAGE, about)
    rows: Rows = [[begin(t(message("➕ New broadcast")), "cast")]]
    rows += [[button(f"#{one.id} · {t(CASTS[one.status])}", f"adm:{CAST}{one.id}")] for one in found]
    text = t(message("📣 Broadcasts, the newest first."))
    await show(event, Screen(text, [*rows, turning(CAST_LIST, about, PAGE, total), back(who)]))


async def show_cast(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    cast = await front.services.broadcasts.get(about)
    audience = await front.services.broadcasts.audience(about) if cast.status == "draft" else None
    await show(event, _cast(cast, who, audience))


def _cast(cast: BroadcastView, who: Person, audience: int | None = None) -> Screen:
    t, progress = who.words, cast.progress
    left = progress.left if audience is None else audience
    text = t(
        message(
            "📣 <b>#{number}</b> · {status}\n{sent} sent, {blocked} blocked, {failed} failed, {unsure} "
            "perhaps sent, {left} left"
        ),
        number=cast.id,
        status=t(CASTS[cast.status]),
        sent=count(progress.sent, t),
        blocked=count(progress.blocked, t),
        failed=count(progress.failed, t),
        unsure=count(progress.unsure, t),
        left=count(left, t),
    )
    steps = {
        "draft": (("send", message("🚀 Send it")), ("stop", message("🗑 Throw away"))),
        "running": (("pause", message("⏸ Pause")), ("stop", message("⏹ Stop"))),
        "paused": (("goon", message("▶️ Go on")), ("stop", message("⏹ Stop"))),
    }.get(cast.status, ())
    rows: Rows = [[begin(t(label), step, cast.id)] for step, label in steps]
    refresh = [button(t(message("🔄 Look again")), f"adm:{CAST}{cast.id}")]
    return Screen(text, [*rows, refresh, back(who)])


async def _draft(asked: Asked, who: Person, front: Front) -> Screen:
    """Tried out at once: the admin gets it as others will, and reads how many they are."""
    broadcasts = front.services.broadcasts
    made = await broadcasts.create(Draft(texts_of(asked.said, who.words.language)), who.act(front))
    audience = await broadcasts.dry_run(made.id, who.act(front))
    return _cast(made, who, audience)


NEWS = message("👋 There is something new in TTBoost. Have a look: /start")


async def _usual_news(_asked: Asked, who: Person, _front: Front) -> tuple[str, str]:
    said = "\n".join(f"{language}: {words(language)(NEWS)}" for language in LANGUAGES)
    return who.words(NEWS), said


def texts_of(text: str, language: str) -> dict[str, str]:
    """Parts that begin with `en:`, `ru:` or `es:` at the start of a line; without any, all in `language`."""
    parts = _PART.split(text)
    if len(parts) < 3:
        return {language: text}
    return {name: part.strip() for name, part in zip(parts[1::2], parts[2::2], strict=True)}


async def _is_sent(asked: Asked, who: Person, front: Front) -> Html:
    audience = await front.services.broadcasts.audience(whole(asked.about, "broadcast"))
    return who.words.many(
        message("🚀 Send it to {count} person?"), message("🚀 Send it to {count} people?"), audience
    )


async def _is_stopped(_asked: Asked, who: Person, _front: Front) -> Html:
    return who.words(message("⏹ Stop it for good? Who has not got it yet never will."))


async def _send(asked: Asked, who: Person, front: Front) -> Screen:
    cast_id = whole(asked.about, "broadcast")
    return _cast(await front.services.broadcasts.start(cast_id, who.act(front)), who)


async def _pause(asked: Asked, who: Person, front: Front) -> Screen:
    cast_id = whole(asked.about, "broadcast")
    return _cast(await front.services.broadcasts.pause(cast_id, who.act(front)), who)


async def _go_on(asked: Asked, who: Person, front: Front) -> Screen:
    cast_id = whole(asked.about, "broadcast")
    return _cast(await front.services.broadcasts.resume(cast_id, who.act(front)), who)


async def _stop(asked: Asked, who: Person, front: Front) -> Screen:
    cast_id = whole(asked.about, "broadcast")
    return _cast(await front.services.broadcasts.stop(cast_id, who.act(front)), who)


DEEDS |= {
    "cast": Deed(
        question=message(
            "📣 Send the text. For several languages begin lines with <code>en:</code>, <code>ru:</code> and "
            "<code>es:</code>. You will see it first."
        ),
        usual=_usual_news,
        act=_draft,
    ),
    "send": Deed(sure=_is_sent, act=_send, place=CAST),
    "pause": Deed(act=_pause, place=CAST),
    "goon": Deed(act=_go_on, place=CAST),
    "stop": Deed(sure=_is_stopped, act=_stop, place=CAST),
}
