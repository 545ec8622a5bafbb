"""Money: who has how much, and every way it moves. Works inside the caller's transaction.

Amounts are integers in minor units. Every mutation takes an idempotency `key`: the same key with the same
movement answers as the first time, with another one it is refused. Whoever also locks orders, users or
licenses locks them before the first call here: the ledger's own lock comes last.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import Struct

from core.audit import Act
from core.errors import HoldClosed, InsufficientFunds, Invalid, KeyReused, NotFound
from storage.db import UnitOfWork
from storage.models import AccountKind, ChangeKind, EntryKind, HoldStatus, LedgerEntry, LedgerHold
from storage.repositories.ledger import AccountRow, EntryRow

LARGEST = 10**13  # minor units of one movement; far from the end of 64 bits, also in sums
LONGEST_KEY = 180  # the column holds 200, and parts of one movement get a suffix
OWN = (AccountKind.WALLET, AccountKind.HELD, AccountKind.DEBT)  # each user has these

_said = attrgetter("debit_id", "credit_id", "amount", "kind", "user_id", "subject", "reason")


class Balance(Struct, frozen=True):
    available: int
    held: int
    debt: int  # owed to the operator; the next money that comes in pays it first

    @property
    def posted(self) -> int:
        """What is the user's: to spend and set aside, less what is owed."""
        return self.available + self.held - self.debt


class Movement(Struct, frozen=True, kw_only=True):
    """Why money moves. `subject` names the order, invoice or license (64 characters, as the table says).

    What a repeat must say again to be the same: everything but `by` and `details`.
    """

    kind: EntryKind
    key: str
    by: Act
    subject: str = ""
    reason: str = ""
    details: dict[str, Any] = {}


async def balance(uow: UnitOfWork, user_id: int) -> Balance:
    found = await uow.ledger.balances(user_id)
    return Balance(
        found.get(AccountKind.WALLET, 0), found.get(AccountKind.HELD, 0), -found.get(AccountKind.DEBT, 0)
    )


async def credit(
    uow: UnitOfWork, user_id: int, amount: int, source: AccountKind, movement: Movement
) -> LedgerEntry:
    """Money comes in from `source`; a debt is paid out of it at once."""
    await uow.ledger.lock()
    entry, is_new = await _move(uow, user_id, amount, (source, AccountKind.WALLET), movement)
    owed = (await balance(uow, user_id)).debt
    if is_new and owed:
        await _settle(uow, user_id, min(owed, amount), movement)
    return entry


async def debit(
    uow: UnitOfWork, user_id: int, amount: int, target: AccountKind, movement: Movement
) -> LedgerEntry:
    """Money goes out to `target`. Raises `InsufficientFunds`."""
    await uow.ledger.lock()
    entry, _ = await _move(uow, user_id, amount, (AccountKind.WALLET, target), movement)
    return entry


async def take_back(
    uow: UnitOfWork, user_id: int, amount: int, target: AccountKind, movement: Movement
) -> int:
    """Undo money that had come in: what is there goes back to `target`, the rest is owed. The debt it made.

    The two parts are the entries `KEY` and `KEY:debt`.
    """
    _check_amount(amount)
    await uow.ledger.lock()
    owing = msgspec.structs.replace(movement, kind=EntryKind.DEBT, key=f"{movement.key}:debt")
    there = min(amount, (await balance(uow, user_id)).available)
    parts = [await uow.ledger.entry_by_key(one.key) for one in (movement, owing)]
    if any(parts):
        there, owed = [part.amount if part else 0 for part in parts]
        if there + owed != amount:
            raise KeyReused
    if there:
        await _move(uow, user_id, there, (AccountKind.WALLET, target), movement)
    if amount > there:
        await _move(uow, user_id, amount - there, (AccountKind.DEBT, target), owing)
    return amount - there


async def hold(uow: UnitOfWork, user_id: int, amount: int, movement: Movement) -> LedgerHold:
    """Set money aside. Raises `InsufficientFunds`. `movement.kind` is `EntryKind.HOLD`."""
    await uow.ledger.lock()
    if known := await uow.ledger.hold_by_key(movement.key):
        if (known.user_id, known.amount, known.subject) != (user_id, amount, movement.subject):
            raise KeyReused
        return known
    await _move(uow, user_id, amount, (AccountKind.WALLET, AccountKind.HELD), movement)
    return await uow.ledger.add_hold(
        LedgerHold(
            user_id=user_id,
            amount=amount,
            key=movement.key,
            subject=movement.subject,
            created_at=movement.by.at,
        )
    )


async def capture(uow: UnitOfWork, hold_id: int, amount: int, by: Act) -> LedgerHold:
    """Spend `amount` of the hold, the rest goes back. None of it: the hold is released.

    Asking again for the same is answered the same; for anything else `HoldClosed` is raised.
    """
    await uow.ledger.lock()
    held = await uow.ledger.get_hold(hold_id, lock=True)
    if held is None:
        raise NotFound
    if not 0 <= amount <= held.amount:
        raise Invalid("amount: not within the hold", field="amount")
    if held.status is not HoldStatus.OPEN:
        if held.captured != amount:
            raise HoldClosed
        return held
    for part, kind, target in (
        (amount, EntryKind.CAPTURE, AccountKind.REVENUE),
        (held.amount - amount, EntryKind.RELEASE, AccountKind.WALLET),
    ):
        if part:
            movement = Movement(kind=kind, key=part_key(held.id, kind), by=by, subject=held.subject)
            await _move(uow, held.user_id, part, (AccountKind.HELD, target), movement)
    held.captured = amount
    held.status = HoldStatus.CAPTURED if amount else HoldStatus.RELEASED
    held.resolved_at = by.at
    await _settle_from_wallet(uow, held, by)
    return held


def part_key(hold_id: int, kind: EntryKind) -> str:
    """Of the entry that spends a hold, or gives it back."""
    return f"hold:{hold_id}:{kind}"


async def release(uow: UnitOfWork, hold_id: int, by: Act) -> LedgerHold:
    """Give all of the hold back."""
    return await capture(uow, hold_id, 0, by)


async def entries(uow: UnitOfWork, user_id: int, *, limit: int, offset: int = 0) -> Sequence[LedgerEntry]:
    """The user's history, newest first. An amount is signed by `sign`."""
    return await uow.ledger.entries_of(user_id, limit=limit, offset=offset)


def entry_hash(entry: LedgerEntry | EntryRow) -> str:
    """SHA-256 over everything the entry says and the hash of the one before it."""
    said = [
        entry.prev_hash,
        entry.at.astimezone(UTC),
        entry.debit_id,
        entry.credit_id,
        entry.amount,
        entry.kind.value,
        entry.key,
        entry.user_id,
        entry.subject,
        entry.actor,
        entry.reason,
        entry.details,
    ]
    return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


async def _move(
    uow: UnitOfWork, user_id: int, amount: int, way: tuple[AccountKind, AccountKind], movement: Movement
) -> tuple[LedgerEntry, bool]:
    """The entry, and whether it is new. The lock is held."""
    _check_amount(amount)
    if len(movement.key) > LONGEST_KEY:
        raise Invalid("key: too long", field="key")
    accounts = await uow.ledger.accounts_around(user_id)
    debit_id, credit_id = [await _account_id(uow, kind, user_id, accounts) for kind in way]
    entry = LedgerEntry(
        at=movement.by.at,
        debit_id=debit_id,
        credit_id=credit_id,
        amount=amount,
        kind=movement.kind,
        key=movement.key,
        user_id=user_id,
        subject=movement.subject,
        actor=movement.by.actor,
        reason=movement.reason,
        details=_plain(movement.details),
    )
    if known := await uow.ledger.entry_by_key(movement.key):
        if _said(known) != _said(entry):
            raise KeyReused
        return known, False
    if way[0] in (AccountKind.WALLET, AccountKind.HELD):
        there = accounts[way[0]].balance if way[0] in accounts else 0
        if there < amount:
            raise InsufficientFunds(available=there, required=amount)
    entry.prev_hash = await uow.ledger.head()
    entry.hash = entry_hash(entry)
    uow.accounts.note_change(user_id, ChangeKind.MONEY, entry.at)
    return await uow.ledger.add_entry(entry), True


async def _settle(uow: UnitOfWork, user_id: int, amount: int, movement: Movement) -> None:
    paying = msgspec.structs.replace(
        movement, kind=EntryKind.SETTLEMENT, key=f"{movement.key}:settlement", reason="", details={}
    )
    await _move(uow, user_id, amount, (AccountKind.WALLET, AccountKind.DEBT), paying)


async def _settle_from_wallet(uow: UnitOfWork, held: LedgerHold, by: Act) -> None:
    """Money that came back pays what is owed, like money that comes in."""
    now = await balance(uow, held.user_id)
    if amount := min(now.debt, now.available):
        key = f"hold:{held.id}"
        paying = Movement(kind=EntryKind.SETTLEMENT, key=key, by=by, subject=held.subject)
        await _settle(uow, held.user_id, amount, paying)


async def _account_id(
    uow: UnitOfWork, kind: AccountKind, user_id: int, accounts: dict[AccountKind, AccountRow]
) -> int:
    if kind in accounts:
        return accounts[kind].id
    return await uow.ledger.add_account(kind, user_id if kind in OWN else None)


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    """As the database gives them back, so that the hash says the same of both."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(details))
    return plain


def _check_amount(amount: int) -> None:
    if not 0 < amount <= LARGEST:
        raise Invalid("amount: out of range", field="amount")
