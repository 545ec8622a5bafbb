"""Accounts, entries and holds. Entries are only ever added."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy import Column, Table, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.money import AccountKind, EntryKind, HoldStatus, LedgerAccount, LedgerEntry, LedgerHold

GENESIS = "0" * 64
_LOCK = 7_330_001  # of Postgres' advisory locks: one writer of the chain at a time
_PAGE = 200  # so that nobody waits for one longer than for a frame


class EntryRow(NamedTuple):
    """A row as it stands in the database, light enough to read a million of them."""

    id: int
    at: datetime
    debit_id: int
    credit_id: int
    amount: int
    kind: EntryKind
    key: str
    user_id: int | None
    subject: str
    actor: str
    reason: str
    details: dict[str, Any]
    prev_hash: str
    hash: str


class AccountRow(NamedTuple):
    id: int
    user_id: int | None
    kind: AccountKind
    balance: int


class HoldRow(NamedTuple):
    id: int
    user_id: int
    amount: int
    captured: int
    status: HoldStatus
    key: str
    resolved_at: datetime | None


Shape = TypeVar("Shape", EntryRow, AccountRow, HoldRow)

_TABLES: dict[type[EntryRow | AccountRow | HoldRow], Table] = {
    EntryRow: cast("Table", LedgerEntry.__table__),
    AccountRow: cast("Table", LedgerAccount.__table__),
    HoldRow: cast("Table", LedgerHold.__table__),
}


class LedgerRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """Nobody else moves money until this transaction ends. On SQLite every writer is alone already."""
        if self._session.get_bind().dialect.name == "postgresql":
            await self._session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

    async def accounts_around(self, user_id: int) -> dict[AccountKind, AccountRow]:
        """The user's and the installation's, as far as they are there yet."""
        is_near = or_(LedgerAccount.user_id == user_id, LedgerAccount.user_id.is_(None))
        rows = await self._session.execute(select(*_columns(AccountRow)).where(is_near))
        return {row.kind: AccountRow._make(row) for row in rows}

    async def add_account(self, kind: AccountKind, user_id: int | None) -> int:
        """Its id. Call with the lock held, where it is not there yet."""
        account = LedgerAccount(kind=kind, user_id=user_id)
        self._session.add(account)
        await self._session.flush()
        return account.id

    async def account_kinds(self, user_id: int) -> dict[int, AccountKind]:
        """The user's accounts by id."""
        query = select(LedgerAccount.id, LedgerAccount.kind).where(LedgerAccount.user_id == user_id)
        return {row.id: row.kind for row in await self._session.execute(query)}

    async def balances(self, user_id: int) -> dict[AccountKind, int]:
        query = select(LedgerAccount.kind, LedgerAccount.balance).where(LedgerAccount.user_id == user_id)
        return {row.kind: row.balance for row in await self._session.execute(query)}

    async def spent(self, user_id: int) -> int:
        """What became the operator's: orders delivered and licenses bought."""
        query = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(
            LedgerEntry.user_id == user_id,
            LedgerEntry.kind.in_((EntryKind.CAPTURE, EntryKind.PURCHASE)),
        )
        return int(await self._session.scalar(query) or 0)

    # Entries

    async def head(self) -> str:
        """The hash the next entry is chained to."""
        query = select(LedgerEntry.hash).order_by(LedgerEntry.id.desc()).limit(1)
        return await self._session.scalar(query) or GENESIS

    async def entry_by_key(self, key: str) -> LedgerEntry | None:
        return (await self._session.scalars(select(LedgerEntry).where(LedgerEntry.key == key))).one_or_none()

    async def add_entry(self, entry: LedgerEntry) -> LedgerEntry:
        self._session.add(entry)
        await self._session.flush()
        return entry

    async def entries_of(self, user_id: int, *, limit: int, offset: int = 0) -> Sequence[LedgerEntry]:
        """Newest first."""
        query = select(LedgerEntry).where(LedgerEntry.user_id == user_id)
        query = query.order_by(LedgerEntry.id.desc()).limit(limit).offset(offset)
        return (await self._session.scalars(query)).all()

    async def entry_of(self, user_id: int, entry_id: int) -> LedgerEntry | None:
        query = select(LedgerEntry).where(LedgerEntry.user_id == user_id, LedgerEntry.id == entry_id)
        return await self._session.scalar(query)

    async def count_entries(self, user_id: int) -> int:
        query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def entries_by_keys(self, keys: Sequence[str]) -> dict[str, EntryRow]:
        query = select(*_columns(EntryRow)).where(LedgerEntry.key.in_(keys))
        return {row.key: EntryRow._make(row) for row in await self._session.execute(query)}

    # Holds

    async def get_hold(self, hold_id: int, *, lock: bool = False) -> LedgerHold | None:
        query = select(LedgerHold).where(LedgerHold.id == hold_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def hold_by_key(self, key: str) -> LedgerHold | None:
        return (await self._session.scalars(select(LedgerHold).where(LedgerHold.key == key))).one_or_none()

    async def add_hold(self, hold: LedgerHold) -> LedgerHold:
        self._session.add(hold)
        await self._session.flush()
        return hold

    # The whole ledger, to prove it

    async def pages(self, shape: type[Shape]) -> AsyncIterator[list[Shape]]:
        """All rows of one table in the order they were added, as many at a time as fit in a moment."""
        id_ = _TABLES[shape].c.id
        query, last = select(*_columns(shape)).order_by(id_).limit(_PAGE), 0
        while rows := (await self._session.execute(query.where(id_ > last))).all():
            page = [shape._make(row) for row in rows]
            yield page
            last = page[-1].id


def _columns(shape: type[EntryRow | AccountRow | HoldRow]) -> list[Column[Any]]:
    return [_TABLES[shape].c[name] for name in shape._fields]
