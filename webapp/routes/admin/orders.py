"""Orders of everybody, and the queue of those a person delivers."""

from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta, Struct, structs

from core import errors
from core.admin.trade import OrderQuery, OwnedOrder
from core.money.amounts import number
from core.orders import shown
from core.orders.shown import MethodShown, ProgressShown
from core.orders.views import OrderView
from core.team import Person
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.routes.admin.asking import AdminTable, Id, Text, act, sees_money, table_answer

calls = Calls("Admin: orders")

Status = Literal["pending", "processing", "completed", "partial", "failed", "cancelled"]
Searched = Annotated[Text, Meta(description="An order's id or how it begins, or a video's id")]
Count = Annotated[int, Meta(ge=0, le=10_000_000_000, description="Of the whole order so far")]
Note = Annotated[str, Meta(max_length=500)]
_MOVING = (errors.OrderNotFound, errors.OrderEnded, errors.Conflict)


class OrdersQuery(AdminTable, frozen=True, kw_only=True):
    q: Searched = ""
    status: Status | None = None
    user_id: Id | None = None


class QueueQuery(AdminTable, frozen=True, kw_only=True):
    q: Searched = ""
    status: Literal["pending", "processing"] | None = None


class AdminOrder(Struct, frozen=True, kw_only=True):
    """`price` and `refunded` are null to support."""

    id: int
    order_id: str
    user: Person
    video_url: str
    video_id: str
    view_count: int
    view_count_sent: int
    view_count_delivered: int
    progress_percent: int
    status: str
    price: float | None
    refunded: float | None
    currency: str
    payment_status: str
    provider: str
    taken_by: str
    note: str
    cancel_requested: bool
    simulated: bool
    created_at: str
    started_at: str | None
    completed_at: str | None


class AdminOrdersPage(Struct, frozen=True):
    orders: list[AdminOrder]
    total: int
    limit: int
    offset: int


class AdminOrderAnswer(Struct, frozen=True):
    order: AdminOrder


class AdminOrderDetail(Struct, frozen=True):
    order: AdminOrder
    progress: list[ProgressShown]
    methods: list[MethodShown]


class ProgressBody(Struct, frozen=True):
    sent: Count
    delivered: Count
    note: Note = ""
    final: Annotated[bool, Meta(description="It is over: what was delivered is paid, the rest goes back")] = (
        False
    )


class EndBody(Struct, frozen=True):
    note: Note = ""


@calls.get("/admin/orders", "Orders, newest first", role="support", query=OrdersQuery, answer=AdminOrdersPage)
async def admin_list_orders(request: web.Request, query: OrdersQuery) -> AdminOrdersPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[AdminOrder], int]:
        wanted = OrderQuery(q=query.q, status=query.status, user_id=query.user_id, limit=limit, offset=offset)
        return await _listed(request, wanted)

    return await table_answer(request, query, "orders", AdminOrder.__struct_fields__, page, AdminOrdersPage)


@calls.get(
    "/admin/orders/{order_id}",
    "One order, its steps, and whose numbers they are",
    role="support",
    answer=AdminOrderDetail,
    refusals=(errors.OrderNotFound,),
)
async def admin_show_order(request: web.Request) -> AdminOrderDetail:
    services = request.app[SERVICES]
    found = await services.orders.get_any(request.match_info["order_id"])
    return AdminOrderDetail(
        _shown(request, await services.admin.trade.owner_of(found.order)),
        [shown.progress(one) for one in found.progress],
        [shown.method(one) for one in found.methods],
    )


@calls.post(
    "/admin/orders/{order_id}/cancel",
    "End it at once: what was delivered is paid, the rest goes back",
    role="admin",
    body=EndBody,
    answer=AdminOrderAnswer,
    refusals=_MOVING,
)
async def admin_cancel_order(request: web.Request, body: EndBody) -> AdminOrderAnswer:
    orders, order_id = request.app[SERVICES].orders, request.match_info["order_id"]
    return await _moved(request, await orders.cancel_as_admin(order_id, body.note, act(request)))


@calls.get(
    "/admin/fulfilment",
    "Open orders a person has to deliver, oldest first",
    role="support",
    query=QueueQuery,
    answer=AdminOrdersPage,
)
async def admin_list_queue(request: web.Request, query: QueueQuery) -> AdminOrdersPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[AdminOrder], int]:
        wanted = OrderQuery(q=query.q, status=query.status, is_queue=True, limit=limit, offset=offset)
        return await _listed(request, wanted)

    return await table_answer(
        request, query, "fulfilment", AdminOrder.__struct_fields__, page, AdminOrdersPage
    )


@calls.post(
    "/admin/fulfilment/{order_id}/take",
    "Take an order from the queue",
    role="admin",
    answer=AdminOrderAnswer,
    refusals=(*_MOVING, errors.OrderTaken),
)
async def admin_take_order(request: web.Request) -> AdminOrderAnswer:
    orders = request.app[SERVICES].orders
    return await _moved(request, await orders.take(request.match_info["order_id"], act(request)))


@calls.post(
    "/admin/fulfilment/{order_id}/report",
    "Say how far it is; numbers never go back",
    role="admin",
    body=ProgressBody,
    answer=AdminOrderAnswer,
    refusals=_MOVING,
)
async def admin_report_order(request: web.Request, body: ProgressBody) -> AdminOrderAnswer:
    orders, order_id = request.app[SERVICES].orders, request.match_info["order_id"]
    by = act(request)
    moved = await orders.report(order_id, body.sent, body.delivered, body.note, by, final=body.final)
    return await _moved(request, moved)


@calls.post(
    "/admin/fulfilment/{order_id}/fail",
    "It cannot be delivered any further: what was delivered is paid, the rest goes back",
    role="admin",
    body=EndBody,
    answer=AdminOrderAnswer,
    refusals=_MOVING,
)
async def admin_fail_order(request: web.Request, body: EndBody) -> AdminOrderAnswer:
    orders, order_id = request.app[SERVICES].orders, request.match_info["order_id"]
    return await _moved(request, await orders.fail(order_id, body.note, act(request)))


async def _listed(request: web.Request, wanted: OrderQuery) -> tuple[list[AdminOrder], int]:
    found, total = await request.app[SERVICES].admin.trade.orders(wanted)
    return [_shown(request, one) for one in found], total


async def _moved(request: web.Request, order: OrderView) -> AdminOrderAnswer:
    owned = await request.app[SERVICES].admin.trade.owner_of(order)
    return AdminOrderAnswer(_shown(request, owned))


def _shown(request: web.Request, owned: OwnedOrder) -> AdminOrder:
    view, money = owned.order, sees_money(request)
    told: dict[str, Any] = structs.asdict(shown.order(view))
    told = {name: value for name, value in told.items() if name in AdminOrder.__struct_fields__}
    prices = {"price": number(view.price), "refunded": number(view.refunded)} if money else dict(_HIDDEN)
    return AdminOrder(**(told | prices), user=owned.user, taken_by=view.taken_by)


_HIDDEN = {"price": None, "refunded": None}
