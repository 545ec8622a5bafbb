"""Orders of everybody, the queue of those a person delivers, payments, and the ledger."""

from typing import Any, Literal, get_args

from msgspec import Struct

from core.admin.books import EntryQuery
from core.admin.trade import OrderQuery, OwnedOrder, PaymentQuery
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
    money_cell,
    number_cell,
    person_cell,
    query_of,
    status_cell,
    time_cell,
)
from webapp.miniapp.views import Scene, Views
from webapp.miniapp.wording import catalogue
from webapp.routes.admin.money import EntryName

views = Views("admin", role="support")
money = Views("admin", role="admin")

QUEUE_STATES = ("pending", "processing")
ORDER_STATES = ("pending", "processing", "completed", "partial", "failed", "cancelled")
PAYMENT_STATES = ("booked", "refund_requested", "refunded")
ENTRY_KINDS = get_args(EntryName)


class OrdersAsked(Struct, frozen=True):
    q: Text = ""
    status: Literal["", "pending", "processing", "completed", "partial", "failed", "cancelled"] = ""
    offset: Offset = 0


class QueueAsked(Struct, frozen=True):
    q: Text = ""
    status: Literal["", "pending", "processing"] = ""
    offset: Offset = 0


class PaymentsAsked(Struct, frozen=True):
    q: Text = ""
    status: Literal["", "booked", "refund_requested", "refunded"] = ""
    problem: Literal["", "true"] = ""
    offset: Offset = 0


class EntriesAsked(Struct, frozen=True):
    subject: Text = ""
    kind: Text = ""
    offset: Offset = 0


@views("/admin/queue", "admin/table.html", query=QueueAsked)
async def list_queue(scene: Scene, query: QueueAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    wanted = OrderQuery(
        q=query.q, status=query.status or None, is_queue=True, limit=LIMIT, offset=query.offset
    )
    found, total = await scene.services.admin.trade.orders(wanted)
    rows = [
        Row(
            one.order.order_id,
            [
                Cell(one.order.order_id, href=f"/app/admin/orders/{one.order.order_id}"),
                status_cell(one.order.status, words["orders"]),
                Cell(one.order.taken_by or "–"),
                number_cell(scene, one.order.view_count),
                number_cell(scene, one.order.view_count_delivered),
                person_cell(one.user),
                time_cell(scene, one.order.created_at),
            ],
        )
        for one in found
    ]
    names = ("order", "status", "taken", "views", "delivered", "user", "at")
    table = Table(
        words["queue"]["title"],
        columns(words["columns"], names, ("views", "delivered")),
        rows,
        total,
        query.offset,
        "/app/admin/queue",
        query_of(query),
        searches=[("q", words["all_orders"]["search"])],
        choices=[choice(scene, "status", query.status, words["orders"], QUEUE_STATES)],
        csv="/admin/fulfilment",
    )
    return {"table": table, "here": "/app/admin/queue", "empty": words["queue"]["empty"]}


@views("/admin/orders", "admin/table.html", query=OrdersAsked)
async def list_orders(scene: Scene, query: OrdersAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    wanted = OrderQuery(q=query.q, status=query.status or None, limit=LIMIT, offset=query.offset)
    found, total = await scene.services.admin.trade.orders(wanted)
    names = ["order", "status", "views", "delivered", "price", "user", "at"]
    if not scene.is_admin:
        names.remove("price")
    table = Table(
        words["all_orders"]["title"],
        columns(words["columns"], names, ("views", "delivered", "price")),
        [_order(scene, one, words) for one in found],
        total,
        query.offset,
        "/app/admin/orders",
        query_of(query),
        searches=[("q", words["all_orders"]["search"])],
        choices=[choice(scene, "status", query.status, words["orders"], ORDER_STATES)],
        csv="/admin/orders",
    )
    return {"table": table, "here": "/app/admin/orders", "empty": words["all_orders"]["empty"]}


@views("/admin/orders/{order_id}", "admin/order.html")
async def show_order(scene: Scene) -> dict[str, Any]:
    services = scene.services
    found = await services.orders.get_any(scene.request.match_info["order_id"])
    owned = await services.admin.trade.owner_of(found.order)
    is_mine = found.order.taken_by == f"user:{scene.user_id}"
    return {
        "order": found.order,
        "person": owned.user,
        "progress": found.progress,
        "methods": found.methods,
        "is_mine": is_mine,
        "is_open": found.order.completed_at is None,
        "is_manual": found.order.provider == "manual",
        "cause": catalogue(scene.say.language, "promotion")["cause"],
    }


@money("/admin/payments", "admin/payments.html", query=PaymentsAsked)
async def list_payments(scene: Scene, query: PaymentsAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    wanted = PaymentQuery(
        q=query.q,
        status=query.status or None,
        has_problem=True if query.problem else None,
        limit=LIMIT,
        offset=query.offset,
    )
    found, total = await scene.services.admin.trade.payments(wanted)
    everything = catalogue(scene.say.language, "ui")["all"]
    rows = [
        Row(
            one.payment.charge_id,
            [
                Cell(one.payment.charge_id, small=one.payment.problem or one.payment.refund_error),
                status_cell(one.payment.status, words["payments_states"]),
                number_cell(scene, one.payment.stars),
                money_cell(scene, one.payment.amount),
                person_cell(one.user),
                time_cell(scene, one.payment.booked_at),
            ],
        )
        for one in found
    ]
    table = Table(
        words["payments"]["title"],
        columns(words["columns"], ("charge", "status", "stars", "amount", "user", "at"), ("stars", "amount")),
        rows,
        total,
        query.offset,
        "/app/admin/payments",
        query_of(query),
        searches=[("q", words["payments"]["search"])],
        choices=[
            choice(scene, "status", query.status, words["payments_states"], PAYMENT_STATES),
            Choice(
                "problem",
                words["payments"]["problem"],
                query.problem,
                [("", everything), ("true", words["payments"]["only_problems"])],
            ),
        ],
        csv="/admin/payments",
    )
    return {"table": table, "here": "/app/admin/payments", "empty": words["payments"]["empty"]}


@money("/admin/ledger", "admin/ledger.html", query=EntriesAsked)
async def list_entries(scene: Scene, query: EntriesAsked) -> dict[str, Any]:
    words = catalogue(scene.say.language, "admin")
    kind = query.kind if query.kind in ENTRY_KINDS else None
    wanted = EntryQuery(kind=kind, subject=query.subject, limit=LIMIT, offset=query.offset)
    books = scene.services.admin.books
    found, total = await books.entries(wanted)
    rows = [
        Row(
            f"entry-{one.id}",
            [
                number_cell(scene, one.id),
                time_cell(scene, one.at),
                Cell(words["entries"][one.kind], small=one.reason),
                money_cell(scene, one.amount),
                Cell(f"{words['accounts'][one.source]} → {words['accounts'][one.target]}"),
                person_cell(one.user),
                Cell(one.subject),
                Cell(one.actor),
            ],
        )
        for one in found
    ]
    table = Table(
        words["ledger"]["title"],
        columns(
            words["columns"],
            ("number", "at", "kind", "amount", "way", "user", "subject", "actor"),
            ("number", "amount"),
        ),
        rows,
        total,
        query.offset,
        "/app/admin/ledger",
        query_of(query),
        searches=[("subject", words["ledger"]["search"])],
        choices=[choice(scene, "kind", kind or "", words["entries"], ENTRY_KINDS)],
        csv="/admin/ledger/entries",
    )
    accounts, _ = await books.accounts(None, 20, 0)
    return {
        "table": table,
        "here": "/app/admin/ledger",
        "empty": words["ledger"]["empty"],
        "state": await books.state(),
        "own_accounts": [one for one in accounts if one.user is None],
    }


def _order(scene: Scene, one: OwnedOrder, words: dict[str, Any]) -> Row:
    order = one.order
    price = [money_cell(scene, order.price)] if scene.is_admin else []
    return Row(
        order.order_id,
        [
            Cell(
                order.order_id,
                small=words["simulated"] if order.is_simulated else "",
                href=f"/app/admin/orders/{order.order_id}",
            ),
            status_cell(order.status, words["orders"]),
            number_cell(scene, order.view_count),
            number_cell(scene, order.view_count_delivered),
            *price,
            person_cell(one.user),
            time_cell(scene, order.created_at),
        ],
    )
