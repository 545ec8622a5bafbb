"""What is seen of a ticket, and what it keeps of the account it is about.

The snapshot: `tiktok_username`, `license`, `live`, `history` (what the last events of its LIVEs did, without
any viewer's name or words) and `money` (balance and last entries; support does not see it).
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, structs

from core import history, licenses, plans, staff, team
from core.account import account_of
from core.clock import Clock, iso
from core.config import Config
from core.live.source import LiveStatus
from core.money import ledger
from core.team import Person
from storage.db import UnitOfWork
from storage.models import Ticket, TicketMessage, TicketSide, TicketStatus, User, UserRole

SHOWN_EVENTS = 10
SHOWN_ENTRIES = 5
_KEPT_OF_EVENT = ("type", "at", "fired", "refused", "dropped", "heard_by", "played_at")


class TicketLine(Struct, frozen=True):
    id: int
    at: str
    side: str  # "user", "staff"
    actor: str
    text: str


class TicketView(Struct, frozen=True, kw_only=True):
    id: int
    user: Person
    topic: str
    status: str
    waiting_for: str | None  # "user", "staff"; None: it is closed
    created_at: str
    updated_at: str
    closed_at: str | None
    snapshot: dict[str, Any] | None = None  # of a single ticket
    messages: list[TicketLine] | None = None  # the same


def view(
    ticket: Ticket,
    user: User,
    lines: Sequence[TicketMessage] | None = None,
    snapshot: dict[str, Any] | None = None,
) -> TicketView:
    waiting_for = None
    if ticket.status is TicketStatus.OPEN:
        waiting_for = (TicketSide.STAFF if ticket.last_side is TicketSide.USER else TicketSide.USER).value
    return TicketView(
        id=ticket.id,
        user=team.person(user),
        topic=ticket.topic.value,
        status=ticket.status.value,
        waiting_for=waiting_for,
        created_at=iso(ticket.created_at),
        updated_at=iso(ticket.updated_at),
        closed_at=iso(ticket.closed_at) if ticket.closed_at else None,
        snapshot=snapshot,
        messages=None if lines is None else [_line(line) for line in lines],
    )


async def take_snapshot(
    uow: UnitOfWork, user: User, live: LiveStatus, config: Config, clock: Clock
) -> dict[str, Any]:
    license_ = await licenses.state(uow, user, clock.now(), config)
    events = await history.list_events(uow, user.id, "", SHOWN_EVENTS)
    return {
        "tiktok_username": account_of(user).settings.tiktok_username,
        "license": {
            "plan": license_.plan,
            "title": plans.title_of(config, license_.plan),
            "expires_at": iso(license_.expires_at) if license_.expires_at else None,
            "is_live": license_.is_live,
        },
        "live": {"state": live.state.value, "since": iso(live.since), "error_code": live.error_code},
        "history": [{name: event[name] for name in _KEPT_OF_EVENT} for event in events],
        "money": await _money(uow, user.id),
    }


def without_money(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in snapshot.items() if name != "money"}


def shown_to(role: str, ticket: TicketView) -> TicketView:
    """As somebody with `role` may see it."""
    if ticket.snapshot is None or staff.reaches(role, UserRole.ADMIN):
        return ticket
    return structs.replace(ticket, snapshot=without_money(ticket.snapshot))


async def _money(uow: UnitOfWork, user_id: int) -> dict[str, Any]:
    """In minor units."""
    balance = await ledger.balance(uow, user_id)
    entries = await ledger.entries(uow, user_id, limit=SHOWN_ENTRIES)
    return {
        "available": balance.available,
        "held": balance.held,
        "debt": balance.debt,
        "entries": [
            {"at": iso(one.at), "kind": one.kind.value, "amount": one.amount, "subject": one.subject}
            for one in entries
        ],
    }


def _line(line: TicketMessage) -> TicketLine:
    return TicketLine(line.id, iso(line.at), line.side.value, line.actor, line.text)
