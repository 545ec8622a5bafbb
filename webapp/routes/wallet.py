"""The caller's money."""

from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from core.clock import iso
from core.money import amounts, ledger, views
from core.money.views import EntryView
from webapp.api import Calls
from webapp.fields import Moment, Money, Page
from webapp.keys import SERVICES
from webapp.requests import caller

calls = Calls("Wallet")


class Wallet(Struct, frozen=True):
    balance: Annotated[Money, Meta(description="With what is held, less what is owed")]
    available: Annotated[Money, Meta(description="To spend now")]
    held: Annotated[Money, Meta(description="Set aside for open orders")]
    debt: Annotated[Money, Meta(description="Owed; the next money that comes in pays it first")]
    currency: str


class WalletEntry(Struct, frozen=True):
    id: int
    at: Moment
    kind: Annotated[str, Meta(description="Such as `top_up`, `hold`, `capture`, `release`, `purchase`")]
    text_code: Annotated[str, Meta(description="Which sentence says it, such as `topped_up`, `set_aside`")]
    amount: Annotated[Money, Meta(description="Above zero: in or back; below: out or set aside")]
    change: Annotated[Money, Meta(description="Of what is available: all changes sum to it")]
    subject: Annotated[str, Meta(description="The order, invoice or license it is about")]
    reason: str


class WalletEntries(Struct, frozen=True):
    entries: list[WalletEntry]
    total: int
    limit: int
    offset: int


@calls.get("/wallet", "What there is to spend, held and owed", answer=Wallet)
async def show_wallet(request: web.Request) -> Wallet:
    services = request.app[SERVICES]
    async with services.db.read() as uow:
        found = await ledger.balance(uow, caller(request).user_id)
    return Wallet(
        balance=amounts.number(found.posted),
        available=amounts.number(found.available),
        held=amounts.number(found.held),
        debt=amounts.number(found.debt),
        currency=services.config.orders.currency,
    )


@calls.get("/wallet/entries", "How it came to that, newest first", query=Page, answer=WalletEntries)
async def list_wallet_entries(request: web.Request, query: Page) -> WalletEntries:
    user_id = caller(request).user_id
    async with request.app[SERVICES].db.read() as uow:
        found, total = await views.history(uow, user_id, limit=query.limit, offset=query.offset)
    return WalletEntries([_entry(line) for line in found], total, query.limit, query.offset)


def _entry(line: EntryView) -> WalletEntry:
    return WalletEntry(
        id=line.id,
        at=iso(line.at),
        kind=line.kind.value,
        text_code=line.text_code.value,
        amount=amounts.number(line.amount),
        change=amounts.number(line.change),
        subject=line.subject,
        reason=line.reason,
    )
