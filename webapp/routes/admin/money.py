"""Wallets, the ledger and payments: for admins only."""

from typing import Annotated, Literal

from aiohttp import web
from msgspec import Meta, Struct, structs

from core import errors
from core.admin.books import AccountRow, EntryQuery, EntryRow, LedgerState
from core.admin.trade import OwnedPayment, PaymentQuery
from core.clock import iso
from core.money import amounts
from core.money.ledger import Balance
from core.team import Person
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.routes.admin.asking import (
    AdminPage,
    AdminTable,
    Id,
    Reason,
    Text,
    act,
    id_of,
    movement_key,
    table_answer,
)
from webapp.routes.admin.users import Wallet, wallet_of

calls = Calls("Admin: money")

EntryName = Literal[
    "top_up",
    "credit",
    "debit",
    "hold",
    "capture",
    "release",
    "purchase",
    "refund",
    "debt",
    "settlement",
    "reward",
    "reversal",
]
AccountName = Literal["wallet", "held", "debt", "stars", "adjustments", "rewards", "revenue"]
_MISSING = (errors.UserNotFound,)


class Adjustment(Struct, frozen=True):
    amount: Annotated[float, Meta(gt=0, description="In the wallet's currency, at most two decimals")]
    reason: Reason


class AdjustedAnswer(Struct, frozen=True):
    """The wallet afterwards."""

    wallet: Wallet


class EntriesQuery(AdminTable, frozen=True, kw_only=True):
    user_id: Id | None = None
    kind: EntryName | None = None
    subject: Annotated[Text, Meta(description="An order, invoice or license")] = ""


class AccountsQuery(AdminPage, frozen=True, kw_only=True):
    kind: AccountName | None = None


class LedgerEntryShown(Struct, frozen=True, kw_only=True):
    id: int
    at: str
    kind: str
    amount: float
    source: str
    target: str
    user: Person | None
    subject: str
    actor: str
    reason: str
    key: str


class LedgerAccountShown(Struct, frozen=True, kw_only=True):
    id: int
    kind: str
    user: Person | None
    balance: float


class EntriesPage(Struct, frozen=True):
    entries: list[LedgerEntryShown]
    total: int
    limit: int
    offset: int


class AccountsPage(Struct, frozen=True):
    accounts: list[LedgerAccountShown]
    total: int
    limit: int
    offset: int


class LedgerAnswer(Struct, frozen=True):
    """How the last verification ended; null: there was none."""

    ledger: LedgerState | None


class PaymentsQuery(AdminTable, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="A charge's id or how it begins")] = ""
    status: Literal["booked", "refund_requested", "refunded"] | None = None
    problem: (
        Annotated[bool, Meta(description="Only those that were not used as their invoice says")] | None
    ) = None
    user_id: Id | None = None


class PaymentShown(Struct, frozen=True, kw_only=True):
    charge_id: str
    user: Person
    telegram_id: int
    stars: int
    amount: float
    status: str
    problem: str
    booked_at: str
    refund_reason: str
    refund_error: str
    refunded_at: str | None
    debt: float


class PaymentsPage(Struct, frozen=True):
    payments: list[PaymentShown]
    total: int
    limit: int
    offset: int


class PaymentAnswer(Struct, frozen=True):
    payment: PaymentShown


class RefundBody(Struct, frozen=True):
    reason: Reason


@calls.post(
    "/admin/users/{user_id}/credit",
    "Give money; a debt is paid out of it first. The same `Idempotency-Key` gives once",
    keyed="may",
    role="admin",
    body=Adjustment,
    answer=AdjustedAnswer,
    refusals=(*_MISSING, errors.KeyReused),
)
async def admin_credit_user(request: web.Request, body: Adjustment) -> AdjustedAnswer:
    books, amount = request.app[SERVICES].admin.books, amounts.parse(body.amount)
    user_id, key = id_of(request, "user_id"), movement_key(request)
    return _adjusted(request, await books.credit(user_id, amount, body.reason, key, act(request)))


@calls.post(
    "/admin/users/{user_id}/debit",
    "Take money, never more than there is. The same `Idempotency-Key` takes once",
    keyed="may",
    role="admin",
    body=Adjustment,
    answer=AdjustedAnswer,
    refusals=(*_MISSING, errors.InsufficientFunds, errors.KeyReused),
)
async def admin_debit_user(request: web.Request, body: Adjustment) -> AdjustedAnswer:
    books, amount = request.app[SERVICES].admin.books, amounts.parse(body.amount)
    user_id, key = id_of(request, "user_id"), movement_key(request)
    return _adjusted(request, await books.debit(user_id, amount, body.reason, key, act(request)))


@calls.get("/admin/ledger", "Whether the ledger holds", role="admin", answer=LedgerAnswer)
async def admin_show_ledger(request: web.Request) -> LedgerAnswer:
    return LedgerAnswer(await request.app[SERVICES].admin.books.state())


@calls.post("/admin/ledger/verify", "Verify it now", role="admin", answer=LedgerAnswer)
async def admin_verify_ledger(request: web.Request) -> LedgerAnswer:
    return LedgerAnswer(await request.app[SERVICES].admin.books.verify(act(request)))


@calls.get(
    "/admin/ledger/entries",
    "Every movement of money, newest first",
    role="admin",
    query=EntriesQuery,
    answer=EntriesPage,
)
async def admin_list_entries(request: web.Request, query: EntriesQuery) -> EntriesPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[LedgerEntryShown], int]:
        wanted = EntryQuery(
            user_id=query.user_id, kind=query.kind, subject=query.subject, limit=limit, offset=offset
        )
        rows, total = await request.app[SERVICES].admin.books.entries(wanted)
        return [_entry(row) for row in rows], total

    return await table_answer(
        request, query, "entries", LedgerEntryShown.__struct_fields__, page, EntriesPage
    )


@calls.get(
    "/admin/ledger/accounts",
    "What lies where: accounts of the installation first, then the fullest",
    role="admin",
    query=AccountsQuery,
    answer=AccountsPage,
)
async def admin_list_accounts(request: web.Request, query: AccountsQuery) -> AccountsPage:
    books = request.app[SERVICES].admin.books
    rows, total = await books.accounts(query.kind, query.limit, query.offset)
    return AccountsPage([_account(row) for row in rows], total, query.limit, query.offset)


@calls.get(
    "/admin/payments",
    "Payments by Stars, newest first",
    role="admin",
    query=PaymentsQuery,
    answer=PaymentsPage,
)
async def admin_list_payments(
    request: web.Request, query: PaymentsQuery
) -> PaymentsPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[PaymentShown], int]:
        wanted = PaymentQuery(
            q=query.q,
            status=query.status,
            has_problem=query.problem,
            user_id=query.user_id,
            limit=limit,
            offset=offset,
        )
        found, total = await request.app[SERVICES].admin.trade.payments(wanted)
        return [_payment(one) for one in found], total

    return await table_answer(request, query, "payments", PaymentShown.__struct_fields__, page, PaymentsPage)


@calls.get(
    "/admin/payments/{charge_id}",
    "One payment",
    role="admin",
    answer=PaymentAnswer,
    refusals=(errors.PaymentNotFound,),
)
async def admin_show_payment(request: web.Request) -> PaymentAnswer:
    return await _payment_now(request)


@calls.post(
    "/admin/payments/{charge_id}/refund",
    "Give the Stars back; what was spent of them becomes a debt",
    role="admin",
    body=RefundBody,
    answer=PaymentAnswer,
    refusals=(errors.PaymentNotFound, errors.PaymentsUnavailable),
)
async def admin_refund_payment(request: web.Request, body: RefundBody) -> PaymentAnswer:
    charge_id = request.match_info["charge_id"]
    _ = await request.app[SERVICES].payments.refund(charge_id, act(request), body.reason)
    return await _payment_now(request)


async def _payment_now(request: web.Request) -> PaymentAnswer:
    services = request.app[SERVICES]
    found = await services.payments.payment(request.match_info["charge_id"])
    return PaymentAnswer(_payment(await services.admin.trade.payer_of(found)))


def _adjusted(request: web.Request, balance: Balance) -> AdjustedAnswer:
    request.app[SERVICES].changes.check_now()
    return AdjustedAnswer(wallet_of(balance))


def _entry(row: EntryRow) -> LedgerEntryShown:
    return LedgerEntryShown(**(structs.asdict(row) | {"amount": amounts.number(row.amount)}))


def _account(row: AccountRow) -> LedgerAccountShown:
    return LedgerAccountShown(**(structs.asdict(row) | {"balance": amounts.number(row.balance)}))


def _payment(owned: OwnedPayment) -> PaymentShown:
    found = owned.payment
    return PaymentShown(
        charge_id=found.charge_id,
        user=owned.user,
        telegram_id=found.telegram_id,
        stars=found.stars,
        amount=amounts.number(found.amount),
        status=found.status,
        problem=found.problem,
        booked_at=iso(found.booked_at),
        refund_reason=found.refund_reason,
        refund_error=found.refund_error,
        refunded_at=iso(found.refunded_at) if found.refunded_at else None,
        debt=amounts.number(found.debt),
    )
