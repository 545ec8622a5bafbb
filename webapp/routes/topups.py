"""Money for the balance."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core import errors
from core.money.amounts import number, parse
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Wallet")


class TopUp(Struct, frozen=True):
    amount: Annotated[float, Meta(gt=0, description="In the wallet's currency, at most two decimals")]


class TopUpLink(Struct, frozen=True):
    """To be paid in Telegram; `amount` is credited exactly. `rate`: Stars for one unit of the currency."""

    invoice_link: str
    stars: int
    amount: float
    currency: str
    rate: float


@calls.post(
    "/wallet/topups",
    "Ask for an invoice in Telegram Stars",
    body=TopUp,
    answer=TopUpLink,
    refusals=(errors.PaymentsUnavailable,),
)
async def top_up(request: web.Request, body: TopUp) -> TopUpLink:
    services = request.app[SERVICES]
    asked = await services.payments.top_up(caller(request).user_id, parse(body.amount))
    currency = services.config.orders.currency
    return TopUpLink(asked.link, asked.stars, number(asked.amount), currency, float(asked.rate))
