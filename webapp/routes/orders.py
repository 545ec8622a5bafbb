"""Promotion of a video with measured results: what it costs, ordering it, following it."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.audit import Act
from core.money.amounts import number
from core.orders import shown
from core.orders.shown import MethodShown, OrderShown, ProgressShown
from core.orders.views import Quote
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import caller, idempotency_key

calls = Calls("Orders")

Status = Literal["", "pending", "processing", "completed", "partial", "failed", "cancelled"]
_VIDEO = (
    errors.InvalidVideoUrl,
    errors.VideoNotFound,
    errors.ShortLinkUnanswered,
    errors.ViewCountOutOfRange,
)


class OrderBody(Struct, frozen=True):
    video_url: Annotated[
        str,
        Meta(
            max_length=2_048,
            description="`https://www.tiktok.com/@name/video/ID` or TikTok's short link, "
            "also without `https://` or inside the text that TikTok shares",
        ),
    ]
    view_count: Annotated[int, Meta(description="What the price and the result are measured in")]


class OrdersQuery(Struct, frozen=True):
    status: Status = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class PriceTier(Struct, frozen=True):
    """`unit_price`: of a thousand views, from `from_count` on."""

    from_count: int
    unit_price: float


class PricePackage(Struct, frozen=True):
    view_count: int
    price: float
    unit_price: float


class Prices(Struct, frozen=True, kw_only=True):
    currency: str
    minimum: int
    maximum: int
    tiers: list[PriceTier]
    packages: list[PricePackage]
    simulated: bool


class QuoteAnswer(Struct, frozen=True, kw_only=True):
    price: float
    unit_price: float
    video_id: str
    video_url: str
    view_count: int
    currency: str
    simulated: bool


class PriceQuery(Struct, frozen=True):
    view_count: int


class PriceAnswer(Struct, frozen=True, kw_only=True):
    """`unit_price`: of a thousand views."""

    price: float
    unit_price: float
    view_count: int
    currency: str


class OrderAnswer(Struct, frozen=True):
    order: OrderShown


class OrderDetailAnswer(Struct, frozen=True):
    order: OrderShown
    progress: list[ProgressShown]
    methods: list[MethodShown]


class OrdersPage(Struct, frozen=True):
    orders: list[OrderShown]
    total: int
    limit: int
    offset: int


@calls.get("/prices", "What promotion costs, for each thousand views", answer=Prices)
async def list_prices(request: web.Request) -> Prices:
    prices = request.app[SERVICES].orders.prices()
    return Prices(
        currency=prices.currency,
        minimum=prices.minimum,
        maximum=prices.maximum,
        tiers=[PriceTier(one.from_count, number(one.unit)) for one in prices.tiers],
        packages=[
            PricePackage(one.view_count, number(one.price), number(one.unit_price)) for one in prices.packages
        ],
        simulated=prices.simulated,
    )


@calls.get(
    "/prices/quote",
    "What so many views cost, of whatever video",
    query=PriceQuery,
    answer=PriceAnswer,
    refusals=(errors.ViewCountOutOfRange,),
)
async def price_views(request: web.Request, query: PriceQuery) -> PriceAnswer:
    services = request.app[SERVICES]
    price = services.orders.price(query.view_count)
    return PriceAnswer(
        price=number(price.total),
        unit_price=number(price.unit),
        view_count=query.view_count,
        currency=services.config.orders.currency,
    )


@calls.post(
    "/orders/quote",
    "The price before buying; `unit_price` is that of a thousand views",
    body=OrderBody,
    answer=QuoteAnswer,
    refusals=_VIDEO,
)
async def quote_order(request: web.Request, body: OrderBody) -> QuoteAnswer:
    return _quote(await request.app[SERVICES].orders.quote(body.video_url, body.view_count))


@calls.post(
    "/orders",
    "Order promotion of a video; the price is set aside and spent for what is delivered. "
    "The same `Idempotency-Key` with the same body is the same order",
    body=OrderBody,
    keyed="must",
    answer=OrderAnswer,
    status=201,
    refusals=(*_VIDEO, errors.InsufficientFunds, errors.KeyReused, errors.UserBanned),
)
async def create_order(request: web.Request, body: OrderBody) -> OrderAnswer:
    services, user_id, key = request.app[SERVICES], caller(request).user_id, idempotency_key(request)
    by = _act(request)
    order = await services.orders.create(user_id, body.video_url, body.view_count, key, by)
    return OrderAnswer(shown.order(order))


@calls.get("/orders", "Own orders, newest first", query=OrdersQuery, answer=OrdersPage)
async def list_orders(request: web.Request, query: OrdersQuery) -> OrdersPage:
    user_id = caller(request).user_id
    found, total = await request.app[SERVICES].orders.list(user_id, query.status, query.limit, query.offset)
    return OrdersPage([shown.order(one) for one in found], total, query.limit, query.offset)


@calls.get(
    "/orders/{order_id}",
    "One order, its steps, and whose numbers they are",
    answer=OrderDetailAnswer,
    refusals=(errors.OrderNotFound,),
)
async def show_order(request: web.Request) -> OrderDetailAnswer:
    user_id, order_id = caller(request).user_id, request.match_info["order_id"]
    found = await request.app[SERVICES].orders.get(user_id, order_id)
    return OrderDetailAnswer(
        shown.order(found.order),
        [shown.progress(one) for one in found.progress],
        [shown.method(one) for one in found.methods],
    )


@calls.post(
    "/orders/{order_id}/cancel",
    "Cancel: at once while it waits; later whoever delivers is asked to stop, and what was delivered is paid",
    answer=OrderAnswer,
    refusals=(errors.OrderNotFound, errors.OrderEnded),
)
async def cancel_order(request: web.Request) -> OrderAnswer:
    user_id, order_id = caller(request).user_id, request.match_info["order_id"]
    order = await request.app[SERVICES].orders.cancel(user_id, order_id, _act(request))
    return OrderAnswer(shown.order(order))


def _act(request: web.Request) -> Act:
    return Act(f"user:{caller(request).user_id}", request.app[SERVICES].clock.now())


def _quote(quote: Quote) -> QuoteAnswer:
    return QuoteAnswer(
        price=number(quote.price),
        unit_price=number(quote.unit_price),
        video_id=quote.video_id,
        video_url=quote.video_url,
        view_count=quote.view_count,
        currency=quote.currency,
        simulated=quote.simulated,
    )
