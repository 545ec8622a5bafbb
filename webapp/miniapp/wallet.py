"""The wallet: what there is, what became of it, and more of it."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from core.errors import Invalid
from core.money import amounts, ledger
from core.money import views as money
from core.orders.states import SIMULATED
from core.payments import rates
from webapp.miniapp.promotion import OPEN
from webapp.miniapp.views import Scene, Views
from webapp.routes.admin.asking import id_of

views = Views("wallet")

LISTED = 20
AMOUNTS = (500, 1_000, 2_500, 5_000)  # minor units to choose from
ONE = 100  # minor units
MOST_HELD = 50  # open orders that are listed
_ORDER = "ORD-"  # how the number of an order begins
_LICENSE = "license:"


class WalletQuery(Struct, frozen=True):
    """`amount`: what is missing for what `back`, an address within the app, is about."""

    amount: Annotated[str, Meta(max_length=16)] = ""
    back: Annotated[str, Meta(max_length=4_096)] = ""
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@views("/wallet", "wallet.html", query=WalletQuery)
async def show_wallet(scene: Scene, query: WalletQuery) -> dict[str, Any]:
    services, user_id = scene.services, scene.user_id
    async with services.db.read() as uow:
        balance = await ledger.balance(uow, user_id)
        entries, total = await money.history(uow, user_id, limit=LISTED, offset=query.offset)
    terms = services.payments.top_up_terms()
    return {
        "balance": balance,
        "entries": entries,
        "total": total,
        "limit": LISTED,
        "offset": query.offset,
        "held": await _held(scene) if balance.held else [],
        "terms": terms,
        "stars_of_one": rates.stars_for(ONE, terms.rate) if terms else 0,
        "one": ONE,
        "amounts": AMOUNTS,
        "missing": _amount(query.amount),
        "back": query.back if query.back.startswith("/app/") else "",
        "is_demo_money": services.config.orders.provider == SIMULATED,
        "order_of": order_of,
    }


@views("/wallet/{entry_id}", "wallet_receipt.html")
async def show_receipt(scene: Scene) -> dict[str, Any]:
    async with scene.services.db.read() as uow:
        found = await money.receipt(uow, scene.user_id, id_of(scene.request, "entry_id"))
    subject = found.entry.subject
    return {
        "entry": found.entry,
        "stars": found.stars,
        "order": order_of(subject),
        "license": subject.removeprefix(_LICENSE) if subject.startswith(_LICENSE) else "",
    }


def order_of(subject: str) -> str:
    """The number of the order an entry is about; "" where it is about none."""
    return subject if subject.startswith(_ORDER) else ""


async def _held(scene: Scene) -> list[Any]:
    found = []
    for status in OPEN:
        found += (await scene.services.orders.list(scene.user_id, status, MOST_HELD))[0]
    return found


def _amount(text: str) -> int:
    """Minor units; 0 where nothing sensible was asked for."""
    try:
        return amounts.parse(text) if text else 0
    except Invalid:
        return 0
