"""What the operator's service tells of the orders it delivers."""

from aiohttp import web
from msgspec import Struct

from core import errors
from core.fulfilment.signing import Signed
from webapp.admission import SIGNED
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import read_bytes

calls = Calls("Fulfilment")

MAX_BODY = 16 * 1024


class Taken(Struct, frozen=True):
    """`known`: told before, or too late to change anything."""

    status: str


@calls.post(
    "/fulfilment/callback",
    "From the operator's service alone, signed as Standard Webhooks has it: `webhook-id`, "
    "`webhook-timestamp` within five minutes, `webhook-signature` over `ID.TIMESTAMP.BODY`. "
    "JSON: `order_id`, `status` (`processing`, `completed`, `failed`, `cancelled`), `sent`, `delivered`, "
    "`note`; numbers are those of the whole order",
    answer=Taken,
    signed_in=False,
    rate=SIGNED,
    refusals=(
        errors.InvalidSignature,
        errors.Invalid,
        errors.OrderNotFound,
        errors.KeyReused,
        errors.TooLarge,
    ),
)
async def receive_callback(request: web.Request) -> Taken:
    if (request.content_length or 0) > MAX_BODY:
        raise errors.TooLarge(limit=MAX_BODY)
    body = await read_bytes(request)
    if len(body) > MAX_BODY:
        raise errors.TooLarge(limit=MAX_BODY)
    head = request.headers.get
    message = Signed(
        head("webhook-id", ""), head("webhook-timestamp", ""), head("webhook-signature", ""), body
    )
    return Taken(await request.app[SERVICES].fulfilment.receive(message))
