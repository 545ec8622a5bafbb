"""License keys, batches of them, and one key."""

from typing import Any, Literal

from msgspec import Struct

from core.admin.keys import LicenseQuery, LicenseRow
from webapp.miniapp.admin.tables import (
    LIMIT,
    Cell,
    Offset,
    Pin,
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

STATES = ("new", "active", "suspended", "revoked")


class KeysAsked(Struct, frozen=True):
    q: Text = ""
    status: Literal["", "new", "active", "suspended", "revoked"] = ""
    batch: Text = ""
    offset: Offset = 0


class BatchesAsked(Struct, frozen=True):
    q: Text = ""
    offset: Offset = 0


@views("/admin/licenses", "admin/licenses.html", query=KeysAsked)
async def list_licenses(scene: Scene, query: KeysAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    wanted = LicenseQuery(
        q=query.q, status=query.status or None, batch=query.batch, limit=LIMIT, offset=query.offset
    )
    found, total = await scene.services.admin.keys.list_page(wanted)
    table = Table(
        words["licenses"]["title"],
        columns(words["columns"], ("key", "status", "plan", "left", "user", "note", "made"), ("left",)),
        [_row(scene, one, words) for one in found],
        total,
        query.offset,
        "/app/admin/licenses",
        query_of(query),
        searches=[("q", words["licenses"]["search"])],
        pins=[Pin("batch", words["columns"]["batch"], query.batch)] if query.batch else [],
        choices=[choice(scene, "status", query.status, words["keys"], STATES)],
        csv="/admin/licenses",
    )
    plans = [(name, plan.title, plan.days) for name, plan in scene.services.config.plans.items()]
    return {
        "table": table,
        "here": "/app/admin/licenses",
        "empty": words["licenses"]["empty"],
        "plans": plans,
    }


@views("/admin/batches", "admin/table.html", query=BatchesAsked)
async def list_batches(scene: Scene, query: BatchesAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    found, total = await scene.services.admin.keys.batches(query.q, LIMIT, query.offset)
    counted = ("issued", "redeemed", "suspended", "revoked")
    rows = [
        Row(
            one.batch,
            [
                Cell(one.batch, small=one.note, href=f"/app/admin/licenses?batch={one.batch}"),
                Cell(one.plan),
                number_cell(scene, one.days),
                *(number_cell(scene, getattr(one, name)) for name in counted),
                time_cell(scene, one.created_at),
            ],
        )
        for one in found
    ]
    heads = columns(words["columns"], ("batch", "plan", "days", *counted, "made"), ("days", *counted))
    table = Table(
        words["batches"]["title"],
        heads,
        rows,
        total,
        query.offset,
        "/app/admin/batches",
        query_of(query),
        searches=[("q", words["batches"]["search"])],
        csv="/admin/licenses/batches",
    )
    return {"table": table, "here": "/app/admin/batches", "empty": words["batches"]["empty"]}


@views("/admin/licenses/{license_id}", "admin/license.html")
async def show_license(scene: Scene) -> dict[str, Any]:
    return {"one": await scene.services.admin.keys.show(id_of(scene.request, "license_id"))}


def _row(scene: Scene, one: LicenseRow, words: dict[str, Any]) -> Row:
    return Row(
        f"license-{one.id}",
        [
            Cell(f"…{one.key}", small=one.batch or "", href=f"/app/admin/licenses/{one.id}"),
            status_cell(one.status, words["keys"]),
            Cell(one.plan),
            number_cell(scene, one.days_left),
            person_cell(one.user),
            Cell(one.note),
            time_cell(scene, one.created_at),
        ],
    )
