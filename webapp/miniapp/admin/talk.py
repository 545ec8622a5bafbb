"""Tickets with those who ask, and broadcasts to many."""

from typing import Any, Literal

from msgspec import Struct

from core.ticket_views import shown_to
from webapp.miniapp.admin.tables import (
    LIMIT,
    Cell,
    Offset,
    Row,
    Table,
    Text,
    choice,
    columns,
    number_cell,
    person_cell,
    query_of,
    status_cell,
    time_cell,
)
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue
from webapp.routes.admin.asking import id_of

views = Views("admin", role="support")

AUDIENCES = ("all", "licensed", "expired")


class TicketsAsked(Struct, frozen=True):
    q: Text = ""
    status: Literal["", "open", "closed"] = ""
    offset: Offset = 0


class BroadcastsAsked(Struct, frozen=True):
    status: Literal["", "draft", "running", "paused", "stopped", "done"] = ""
    offset: Offset = 0


@views("/admin/tickets", "admin/table.html", query=TicketsAsked)
async def list_tickets(scene: Scene, query: TicketsAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    found, total = await scene.services.tickets.list_page(
        status=query.status or None, text=query.q, limit=LIMIT, offset=query.offset
    )
    rows = [
        Row(
            f"ticket-{one.id}",
            [
                Cell(f"#{one.id}", href=f"/app/admin/tickets/{one.id}"),
                person_cell(one.user),
                Cell(words["topics"][one.topic]),
                status_cell(one.waiting_for or "closed", words["waiting_for"]),
                time_cell(scene, one.updated_at),
            ],
        )
        for one in found
    ]
    table = Table(
        words["tickets"]["title"],
        columns(words["columns"], ("ticket", "user", "topic", "waits", "at")),
        rows,
        total,
        query.offset,
        "/app/admin/tickets",
        query_of(query),
        choices=[choice(scene, "status", query.status, words["ticket_states"], ("open", "closed"))],
        searches=[("q", words["tickets"]["search"])],
        csv="/admin/tickets",
    )
    return {"table": table, "here": "/app/admin/tickets", "empty": words["tickets"]["empty"]}


@views("/admin/tickets/{ticket_id}", "admin/ticket.html")
async def show_ticket(scene: Scene) -> dict[str, Any]:
    found = await scene.services.tickets.get(id_of(scene.request, "ticket_id"))
    language, trouble = scene.say.language, (found.snapshot or {}).get("live", {}).get("error_code")
    return {
        "ticket": shown_to(scene.access.role, found),
        "types": catalogue(language, "history")["types"],
        "cure": catalogue(language, "ui")["refusals"].get(trouble, trouble),
    }


@views("/admin/broadcasts", "admin/broadcasts.html", query=BroadcastsAsked)
async def list_broadcasts(scene: Scene, query: BroadcastsAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    found, total = await scene.services.broadcasts.list_page(LIMIT, query.offset, query.status or None)
    rows = [
        Row(
            f"broadcast-{one.id}",
            [
                Cell(
                    next(iter(one.texts.values()), "")[:80],
                    href=f"/app/admin/broadcasts/{one.id}",
                ),
                status_cell(one.status, words["broadcast_states"]),
                Cell(words["audiences"][one.audience]),
                number_cell(scene, one.progress.sent),
                time_cell(scene, one.created_at),
            ],
        )
        for one in found
    ]
    table = Table(
        words["broadcasts"]["title"],
        columns(words["columns"], ("text", "status", "audience", "sent", "at"), ("sent",)),
        rows,
        total,
        query.offset,
        "/app/admin/broadcasts",
        query_of(query),
        choices=[choice(scene, "status", query.status, words["broadcast_states"], words["broadcast_states"])],
        csv="/admin/broadcasts",
    )
    return {
        "table": table,
        "here": "/app/admin/broadcasts",
        "empty": words["broadcasts"]["empty"],
        "audiences": AUDIENCES,
    }


@views("/admin/broadcasts/{broadcast_id}", "admin/broadcast.html")
async def show_broadcast(scene: Scene) -> dict[str, Any]:
    one = await scene.services.broadcasts.get(id_of(scene.request, "broadcast_id"))
    asking = await scene.services.user_views.of(scene.user_id)
    return {"one": one, "has_telegram": asking.telegram_id is not None}
