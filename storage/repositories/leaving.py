"""What an account has in the database: what goes with it, what has to stay, and all of it for its owner."""

from typing import Any

from sqlalchemy import Column, ColumnElement, Table, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import (
    Base,
    BroadcastRecipient,
    Card,
    Counter,
    DialogState,
    HistoryRow,
    LicenseReminder,
    LinkRequest,
    Live,
    Notice,
    Order,
    ReferralCode,
    ResetCode,
    SignedIn,
    SignInTicket,
    Sound,
    SpokenDay,
    StudioLease,
    Ticket,
    TicketMessage,
    TiktokName,
    TriggerMark,
    TriggerRow,
    User,
)

ERASED = (
    BroadcastRecipient,
    Card,
    Counter,
    HistoryRow,
    LicenseReminder,
    LinkRequest,
    Live,  # and with it its viewers and minutes
    Notice,
    ReferralCode,
    ResetCode,
    SignedIn,
    SignInTicket,
    Sound,
    SpokenDay,
    StudioLease,
    Ticket,
    TiktokName,
    TriggerMark,
    TriggerRow,
)
KEPT = frozenset(
    {
        "ledger_accounts", "ledger_entries", "ledger_holds", "orders", "invoices", "payments", "purchases",
        "licenses", "referrals", "trials", "changes",
    }
)  # fmt: skip
"""Books, what they rest on, and what must not begin anew for whoever comes back."""


class LeavingRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def erase(self, user_id: int, telegram_id: int | None) -> None:
        theirs = select(Ticket.id).where(Ticket.user_id == user_id)
        await self._session.execute(delete(TicketMessage).where(TicketMessage.ticket_id.in_(theirs)))
        for kind in ERASED:
            await self._session.execute(delete(kind).where(kind.user_id == user_id))
        if telegram_id is not None:  # a key names bot, chat and person
            of_chat = DialogState.key.contains(f":{telegram_id}:", autoescape=True)
            await self._session.execute(delete(DialogState).where(of_chat))


class ExportRepository:
    """Everything the database holds about one account, table by table."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def rows(self, user_id: int, limit: int) -> dict[str, list[dict[str, Any]]]:
        """By table, the newest first, at most `limit` of each; hashes and keys of secrets are left out."""
        found: dict[str, list[dict[str, Any]]] = {}
        for table in Base.metadata.sorted_tables:
            condition = _of(table, user_id)
            if condition is not None and table.name not in _NO_DATA:
                found[table.name] = await self._rows(table, condition, limit)
        return found

    async def _rows(self, table: Table, condition: ColumnElement[bool], limit: int) -> list[dict[str, Any]]:
        columns = [column for column in table.columns if column.name not in _SECRETS]
        newest = [column.desc() for column in table.primary_key.columns]
        query = select(*columns).where(condition).order_by(*newest).limit(limit)
        return [dict(row) for row in (await self._session.execute(query)).mappings()]


_SECRETS = frozenset({"password_hash", "key_mac", "code_mac", "ticket_hash", "jti", "hash", "prev_hash"})
_NO_DATA = frozenset({"changes", "sign_in_tickets", "reset_codes", "studio_leases"})
_PARENTS = {
    "ticket_messages": ("ticket_id", Ticket.__table__),
    "live_viewers": ("live_id", Live.__table__),
    "live_minutes": ("live_id", Live.__table__),
    "order_progress": ("order_id", Order.__table__),
}


def _of(table: Table, user_id: int) -> ColumnElement[bool] | None:
    """Which rows are about the account; None: none ever is."""
    if table.name == User.__tablename__:
        return table.c.id == user_id
    if table.name in _PARENTS:
        column, parent = _PARENTS[table.name]
        theirs = select(parent.c.id).where(parent.c.user_id == user_id)
        return table.c[column].in_(theirs)
    names = [column == user_id for column in owners(table)]
    return or_(*names) if names else None


def owners(table: Table) -> list[Column[int]]:
    """The columns that name an account."""
    return [
        column
        for column in table.columns
        if column.name == "user_id" or any(key.target_fullname == "users.id" for key in column.foreign_keys)
    ]
