"""What somebody sees of their money: a line for each entry, in codes the edges have words for."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.errors import NotFound
from storage.db import UnitOfWork
from storage.models import AccountKind, EntryKind, LedgerEntry


class TextCode(StrEnum):
    """Which sentence a line is. `subject` fills it where it is about an order, a license or an invoice."""

    TOPPED_UP = "topped_up"
    GIVEN_BY_ADMIN = "given_by_admin"  # `reason` says why
    TAKEN_BY_ADMIN = "taken_by_admin"  # `reason` says why
    SET_ASIDE = "set_aside"
    SPENT = "spent"  # of what had been set aside
    RETURNED = "returned"  # of what had been set aside
    BOUGHT = "bought"
    REFUNDED = "refunded"  # went back where it had come from
    OWED = "owed"  # was to go back, but had been spent
    DEBT_PAID = "debt_paid"
    REWARDED = "rewarded"
    REVERSED = "reversed"


TEXTS = {
    EntryKind.TOP_UP: TextCode.TOPPED_UP,
    EntryKind.CREDIT: TextCode.GIVEN_BY_ADMIN,
    EntryKind.DEBIT: TextCode.TAKEN_BY_ADMIN,
    EntryKind.HOLD: TextCode.SET_ASIDE,
    EntryKind.CAPTURE: TextCode.SPENT,
    EntryKind.RELEASE: TextCode.RETURNED,
    EntryKind.PURCHASE: TextCode.BOUGHT,
    EntryKind.REFUND: TextCode.REFUNDED,
    EntryKind.DEBT: TextCode.OWED,
    EntryKind.SETTLEMENT: TextCode.DEBT_PAID,
    EntryKind.REWARD: TextCode.REWARDED,
    EntryKind.REVERSAL: TextCode.REVERSED,
}


class EntryView(Struct, frozen=True):
    """`amount` is signed as one reads it: in or back is above zero, out or aside below.

    `change` is what it did to the money one may spend, so that all changes sum to what is available:
    nothing where set-aside money is spent or a debt is made.
    """

    id: int
    at: datetime
    kind: EntryKind
    amount: int
    change: int
    text_code: TextCode
    subject: str
    reason: str


class Receipt(Struct, frozen=True):
    entry: EntryView
    stars: int | None  # what was paid in Telegram; None: nothing was


async def history(
    uow: UnitOfWork, user_id: int, *, limit: int, offset: int = 0
) -> tuple[list[EntryView], int]:
    """Newest first, and how many there are in all."""
    accounts = await uow.ledger.account_kinds(user_id)
    rows = await uow.ledger.entries_of(user_id, limit=limit, offset=offset)
    return [_view(row, accounts) for row in rows], await uow.ledger.count_entries(user_id)


async def receipt(uow: UnitOfWork, user_id: int, entry_id: int) -> Receipt:
    """Raises `NotFound` where it is somebody else's, too."""
    row = await uow.ledger.entry_of(user_id, entry_id)
    if row is None:
        raise NotFound
    stars = row.details.get("stars")
    entry = _view(row, await uow.ledger.account_kinds(user_id))
    return Receipt(entry, stars if isinstance(stars, int) else None)


def _view(entry: LedgerEntry, accounts: dict[int, AccountKind]) -> EntryView:
    is_in = accounts.get(entry.credit_id) is AccountKind.WALLET
    is_out = accounts.get(entry.debit_id) is AccountKind.WALLET
    amount = entry.amount if is_in else -entry.amount
    return EntryView(
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        amount=amount,
        change=amount if is_in or is_out else 0,
        text_code=TEXTS[entry.kind],
        subject=entry.subject,
        reason=entry.reason,
    )
