"""Accounts, and one of them with all an operator may do to it."""

from typing import Any, Literal

from msgspec import Struct

from core.admin.people import UserQuery
from core.admin.trade import OrderQuery
from core.admin.watching import AuditQuery
from webapp.miniapp.admin.tables import (
    LIMIT,
    Cell,
    Choice,
    Offset,
    Row,
    Table,
    Text,
    choice,
    columns,
    query_of,
    time_cell,
)
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue
from webapp.routes.admin.asking import id_of

views = Views("admin", role="support")

ROLES = ("user", "support", "admin")


class UsersAsked(Struct, frozen=True):
    q: Text = ""
    role: Literal["", "user", "support", "admin"] = ""
    banned: Literal["", "true", "false"] = ""
    offset: Offset = 0


@views("/admin/users", "admin/table.html", query=UsersAsked)
async def list_users(scene: Scene, query: UsersAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    banned = {"": None, "true": True, "false": False}[query.banned]
    wanted = UserQuery(q=query.q, role=query.role or None, is_banned=banned, limit=LIMIT, offset=query.offset)
    found, total = await scene.services.admin.people.list_page(wanted)
    rows = [
        Row(
            f"user-{one.id}",
            [
                Cell(
                    one.username or one.name or f"tg:{one.telegram_id}",
                    small=f"@{one.telegram_name}" if one.telegram_name else "",
                    href=f"/app/admin/users/{one.id}",
                ),
                Cell(words["roles"]["banned"], tone="is-bad")
                if one.is_banned
                else Cell(words["roles"][one.role]),
                Cell(f"@{one.tiktok_username}" if one.tiktok_username else "–"),
                Cell(one.plan or "–"),
                time_cell(scene, one.license_expires_at),
                time_cell(scene, one.last_seen_at),
            ],
        )
        for one in found
    ]
    everything = catalogue(scene.say.language, "ui")["all"]
    table = Table(
        words["users"]["title"],
        columns(words["columns"], ("user", "role", "tiktok", "plan", "until", "seen")),
        rows,
        total,
        query.offset,
        "/app/admin/users",
        query_of(query),
        searches=[("q", words["users"]["search"])],
        choices=[
            choice(scene, "role", query.role, words["roles"], ROLES),
            Choice(
                "banned",
                words["users"]["banned"],
                query.banned,
                [("", everything), ("true", words["yes"]), ("false", words["no"])],
            ),
        ],
        csv="/admin/users",
    )
    return {"table": table, "here": "/app/admin/users", "empty": words["none_fits"]}


@views("/admin/users/{user_id}", "admin/user.html")
async def show_user(scene: Scene) -> dict[str, Any]:
    admin, user_id = scene.services.admin, id_of(scene.request, "user_id")
    card = await admin.people.show(user_id, with_money=scene.is_admin)
    orders, _ = await admin.trade.orders(OrderQuery(user_id=user_id, limit=5))
    audit, _ = await admin.watching.audit(
        AuditQuery(subject=f"user:{user_id}", limit=10), with_money=scene.is_admin
    )
    return {"card": card, "user": card.user, "orders": orders, "audit": audit, "roles": ROLES}
