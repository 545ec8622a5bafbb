"""Questions of users, answered."""

from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta, Struct, structs

from core import errors
from core.money import amounts
from core.ticket_views import TicketView, shown_to
from core.tickets import MAX_TEXT
from webapp.api import Calls
from webapp.keys import SERVICES
from webapp.requests import caller
from webapp.routes.admin.asking import AdminTable, Id, Text, act, act_once, id_of, table_answer

calls = Calls("Admin: tickets")

_COLUMNS = ("id", "user", "topic", "status", "waiting_for", "created_at", "updated_at", "closed_at")
_SAYING = (errors.NotFound, errors.TicketClosed, errors.TicketFull)


class TicketsQuery(AdminTable, frozen=True, kw_only=True):
    q: Annotated[Text, Meta(description="`#` and its number, who asks, or part of what was said")] = ""
    status: Literal["open", "closed"] | None = None
    waiting_for: Literal["user", "staff"] | None = None
    user_id: Id | None = None


class TicketsPage(Struct, frozen=True):
    tickets: list[TicketView]
    total: int
    limit: int
    offset: int


class TicketAnswer(Struct, frozen=True):
    """`snapshot`: the account when the ticket was opened; support does not see its `money`."""

    ticket: TicketView


class Words(Struct, frozen=True):
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT)]


@calls.get(
    "/admin/tickets",
    "Tickets, what has waited longest first",
    role="support",
    query=TicketsQuery,
    answer=TicketsPage,
)
async def admin_list_tickets(request: web.Request, query: TicketsQuery) -> TicketsPage | web.StreamResponse:
    async def page(limit: int, offset: int) -> tuple[list[TicketView], int]:
        return await request.app[SERVICES].tickets.list_page(
            status=query.status,
            waiting_for=query.waiting_for,
            user_id=query.user_id,
            text=query.q,
            limit=limit,
            offset=offset,
        )

    return await table_answer(request, query, "tickets", _COLUMNS, page, TicketsPage)


@calls.get(
    "/admin/tickets/{ticket_id}",
    "One ticket, with all that was said",
    role="support",
    answer=TicketAnswer,
    refusals=(errors.NotFound,),
)
async def admin_show_ticket(request: web.Request) -> TicketAnswer:
    return _shown(request, await request.app[SERVICES].tickets.get(id_of(request, "ticket_id")))


@calls.post(
    "/admin/tickets/{ticket_id}/say",
    "Answer; the user is told in Telegram. The same `Idempotency-Key` says it once",
    keyed="may",
    role="support",
    body=Words,
    answer=TicketAnswer,
    refusals=(*_SAYING, errors.KeyReused),
)
async def admin_answer_ticket(request: web.Request, body: Words) -> TicketAnswer:
    tickets = request.app[SERVICES].tickets
    return _shown(request, await tickets.say(id_of(request, "ticket_id"), act_once(request), body.text))


@calls.post(
    "/admin/tickets/{ticket_id}/close",
    "Close; the user is told in Telegram",
    role="support",
    answer=TicketAnswer,
    refusals=_SAYING,
)
async def admin_close_ticket(request: web.Request) -> TicketAnswer:
    tickets = request.app[SERVICES].tickets
    return _shown(request, await tickets.close(id_of(request, "ticket_id"), act(request)))


def _shown(request: web.Request, ticket: TicketView) -> TicketAnswer:
    shown = shown_to(caller(request).access.role, ticket)
    return TicketAnswer(structs.replace(shown, snapshot=_with_decimals(shown.snapshot or {})))


def _with_decimals(snapshot: dict[str, Any]) -> dict[str, Any]:
    if "money" not in snapshot:
        return snapshot
    money = snapshot["money"]
    entries = [one | {"amount": amounts.number(one["amount"])} for one in money["entries"]]
    sums = {name: amounts.number(money[name]) for name in ("available", "held", "debt")}
    return snapshot | {"money": sums | {"entries": entries}}
