"""The operators' desk: figures and the audit log."""

from collections.abc import Mapping

from aiogram import Router
from aiogram.types import CallbackQuery

from bot.audit_texts import ACTIONS
from bot.desk import PAGE, Staff, back, is_admin
from bot.desk_texts import FIGURES
from bot.figures import count, money
from bot.front import Front, Person
from bot.presses import Press, PressOf, number
from bot.screens import Screen, show, turning
from core.admin import watching
from core.admin.watching import AuditQuery, AuditRow
from core.i18n import Html, Words, message

AUDIT = "adm:audit:"


def router() -> Router:
    router = Router(name="admin watch")
    router.callback_query.filter(Staff("support"))
    router.callback_query.register(show_figures, Press("adm:figures"))
    router.callback_query.register(show_audit, PressOf(AUDIT, number))
    return router


async def show_figures(event: CallbackQuery, who: Person, front: Front) -> None:
    found = await front.services.admin.watching.figures(with_money=await is_admin(who, front))
    told = watching.as_told(found.money or {})
    amounts = {kind: money(amount, front.currency, who.words) for kind, amount in told.items()}
    groups: dict[str, Mapping[str, int | str]] = {
        "users": found.users,
        "licenses": found.licenses,
        "orders": found.orders,
        "lives": found.lives,
        "money": amounts,
    }
    parts = [_group(name, figures, who) for name, figures in groups.items() if figures]
    text = Html("\n\n".join([who.words(message("📊 Figures")), *parts]))
    await show(event, Screen(text, [back(who)]))


def _group(name: str, figures: Mapping[str, int | str], who: Person) -> Html:
    t = who.words
    title, labels = FIGURES[name]
    lines = [
        t(
            message("{what}: {number}"),
            what=t(labels.get(key, key)),
            number=count(value, t) if isinstance(value, int) else value,
        )
        for key, value in figures.items()
    ]
    return Html("\n".join([t(title), *lines]))


async def show_audit(event: CallbackQuery, about: int, who: Person, front: Front) -> None:
    query = AuditQuery(limit=PAGE, offset=about)
    found, total = await front.services.admin.watching.audit(query, with_money=await is_admin(who, front))
    lines = [_act(one, who.words) for one in found] or [who.words(message("Nothing has happened here yet."))]
    text = who.words(message("🧾 Audit log\n{lines}"), lines=Html("\n".join(lines)))
    await show(event, Screen(text, [turning(AUDIT, about, PAGE, total), back(who)]))


def _act(row: AuditRow, t: Words) -> Html:
    done = t(ACTIONS.get(row.action, "{code}"), code=row.action)
    at = row.at[5:16].replace("T", " ")
    return t("{at} · {actor} · {done} · {subject}", at=at, actor=row.actor, done=done, subject=row.subject)
