"""The desk at a glance: figures, health, what waits; LIVEs of this process; what was done by whom."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct

from core.admin import watching
from core.admin.trade import OrderQuery
from core.admin.watching import MONEY_DETAILS, AuditQuery, AuditRow
from webapp.miniapp.admin.tables import (
    LIMIT,
    TONES,
    Cell,
    Offset,
    Row,
    Table,
    Text,
    choice,
    clock_cell,
    columns,
    number_cell,
    person_cell,
    query_of,
    time_cell,
)
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue

views = Views("admin", role="support")


class LivesAsked(Struct, frozen=True):
    q: Text = ""
    state: Literal["", "off", "connecting", "waiting", "live", "failed"] = ""
    offset: Offset = 0


class AuditAsked(Struct, frozen=True):
    actor: Text = ""
    action: Text = ""
    subject: Text = ""
    offset: Offset = 0


@views("/admin", "admin/overview.html")
async def show_overview(scene: Scene) -> dict[str, Any]:
    admin = scene.services.admin
    _, in_queue = await admin.trade.orders(OrderQuery(is_queue=True, limit=1))
    health = await admin.watching.health()
    oldest = datetime.fromisoformat(health.oldest_notice_at) if health.oldest_notice_at else None
    figures = await admin.watching.figures(with_money=scene.is_admin)
    return {
        "figures": figures,
        "money": watching.as_told(figures.money or {}),
        "health": health,
        "oldest_notice": oldest,
        "in_queue": in_queue,
        "ledger": await admin.books.state() if scene.is_admin else None,
    }


@views("/admin/live", "admin/table.html", query=LivesAsked)
async def list_lives(scene: Scene, query: LivesAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    refusals = catalogue(scene.say.language, "ui")["refusals"]
    lives = await scene.services.admin.watching.lives(query.q, query.state or None)
    names = ("user", "state", "viewers", "last_frame", "cuts", "listeners", "backlog")
    rows = [
        Row(
            f"live-{one.user.id}",
            [
                person_cell(one.user),
                Cell(
                    words["states"].get(one.state, one.state),
                    small=refusals.get(one.error_code or "", one.error or ""),
                    tone=TONES.get(one.state, ""),
                ),
                number_cell(scene, one.viewers or 0),
                clock_cell(scene, one.last_frame_at),
                number_cell(scene, one.cuts),
                Cell(
                    " · ".join(f"{words['places'][place]}: {count}" for place, count in one.listeners.items())
                ),
                number_cell(scene, one.backlog_seconds),
            ],
        )
        for one in lives[query.offset : query.offset + LIMIT]
    ]
    heads = columns(words["columns"], names, ("viewers", "cuts", "backlog"))
    table = Table(
        words["live"]["title"],
        heads,
        rows,
        len(lives),
        query.offset,
        "/app/admin/live",
        query_of(query),
        searches=[("q", words["live"]["search"])],
        choices=[choice(scene, "state", query.state, words["states"], words["states"])],
        csv="/admin/live",
    )
    return {"table": table, "here": "/app/admin/live", "empty": words["live"]["empty"]}


@views("/admin/audit", "admin/table.html", query=AuditAsked)
async def list_audit(scene: Scene, query: AuditAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    wanted = AuditQuery(
        actor=query.actor, action=query.action, subject=query.subject, limit=LIMIT, offset=query.offset
    )
    found, total = await scene.services.admin.watching.audit(wanted, with_money=scene.is_admin)
    rows = [
        Row(
            f"audit-{one.id}",
            [
                time_cell(scene, one.at),
                Cell(one.actor),
                Cell(one.action),
                Cell(one.subject),
                Cell(_details(scene, one)),
            ],
        )
        for one in found
    ]
    table = Table(
        words["audit"]["title"],
        columns(words["columns"], ("at", "actor", "action", "subject", "details")),
        rows,
        total,
        query.offset,
        "/app/admin/audit",
        query_of(query),
        searches=[
            ("action", words["audit"]["search"]),
            ("actor", words["audit"]["search_actor"]),
            ("subject", words["audit"]["search_subject"]),
        ],
        csv="/admin/audit",
    )
    return {"table": table, "here": "/app/admin/audit", "empty": words["none_fits"]}


def _details(scene: Scene, entry: AuditRow) -> str:
    money = {name: scene.say.money(entry.details[name]) for name in MONEY_DETAILS & entry.details.keys()}
    told = {name: value for name, value in (entry.details | money).items() if value is not None}
    return " · ".join(f"{name}: {_written(value)}" for name, value in told.items())


def _written(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
