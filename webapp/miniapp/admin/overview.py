"""The desk at a glance: figures, health, what waits; LIVEs of this process; what was done by whom."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from core.admin import watching
from core.admin.trade import OrderQuery
from core.admin.watching import AuditQuery
from webapp.miniapp.admin.tables import (
    LIMIT,
    TONES,
    Cell,
    Offset,
    Row,
    Table,
    Text,
    columns,
    number_cell,
    person_cell,
    query_of,
    time_cell,
)
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue

views = Views("admin", role="support")


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


@views("/admin/live", "admin/table.html")
async def list_lives(scene: Scene) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    refusals = catalogue(scene.say.language, "ui")["refusals"]
    lives = await scene.services.admin.watching.lives()
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
                time_cell(scene, one.last_frame_at),
                number_cell(scene, one.cuts),
                Cell(
                    " · ".join(f"{words['places'][place]}: {count}" for place, count in one.listeners.items())
                ),
                number_cell(scene, one.backlog_seconds),
            ],
        )
        for one in lives
    ]
    heads = columns(words["columns"], names, ("viewers", "cuts", "backlog"))
    table = Table(
        words["live"]["title"], heads, rows, len(rows), 0, "/app/admin/live", {}, limit=len(rows) or 1
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
                Cell(msgspec.json.encode(one.details).decode() if one.details else ""),
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
        search=words["audit"]["search"],
        csv="/admin/audit",
    )
    return {
        "table": table,
        "here": "/app/admin/audit",
        "empty": words["audit"]["empty"],
        "search_name": "action",
    }
