"""The ledger as admins see it. Amounts in minor units."""

from msgspec import Struct

from core import team
from core.account import require_user
from core.audit import Act
from core.clock import Clock, iso
from core.money import adjustments, nightly
from core.money.ledger import Balance
from core.team import Person
from storage.db import Database
from storage.models import AccountKind, EntryKind

SHOWN_BROKEN = 100


class EntryQuery(Struct, frozen=True, kw_only=True):
    user_id: int | None = None
    kind: str | None = None
    subject: str = ""
    limit: int = 50
    offset: int = 0


class EntryRow(Struct, frozen=True, kw_only=True):
    id: int
    at: str
    kind: str
    amount: int
    source: str  # kind of the account it left
    target: str  # and of the one it arrived at
    user: Person | None
    subject: str
    actor: str
    reason: str
    key: str


class AccountRow(Struct, frozen=True, kw_only=True):
    id: int
    kind: str
    user: Person | None  # None: of the installation
    balance: int


class LedgerState(Struct, frozen=True, kw_only=True):
    """How a verification ended."""

    at: str
    entries: int
    accounts: int
    broken: int
    first: list[str]  # of what is broken; only right after it was verified


class Books:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def credit(self, user_id: int, amount: int, reason: str, key: str, by: Act) -> Balance:
        """The balance afterwards. The same `key` gives once."""
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id)
            return await adjustments.credit(uow, user, amount, reason, key, by)

    async def debit(self, user_id: int, amount: int, reason: str, key: str, by: Act) -> Balance:
        """The balance afterwards. The same `key` takes once. Raises `InsufficientFunds`."""
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id)
            return await adjustments.debit(uow, user, amount, reason, key, by)

    async def state(self) -> LedgerState | None:
        """As it was verified last; None: never."""
        async with self._db.read() as uow:
            last = await nightly.last(uow)
        if last is None:
            return None
        return LedgerState(
            at=iso(last.at), entries=last.entries, accounts=last.accounts, broken=last.broken, first=[]
        )

    async def verify(self, by: Act) -> LedgerState:
        proof = await nightly.run(self._db, self._clock)
        async with self._db.begin() as uow:
            by.note(uow, "ledger.verify", "ledger", broken=len(proof.broken))
        return LedgerState(
            at=iso(by.at),
            entries=proof.anchor.entries,
            accounts=proof.accounts,
            broken=len(proof.broken),
            first=[str(one) for one in proof.broken[:SHOWN_BROKEN]],
        )

    async def entries(self, query: EntryQuery) -> tuple[list[EntryRow], int]:
        async with self._db.read() as uow:
            rows, total = await uow.admin.entries(
                user_id=query.user_id,
                kind=EntryKind(query.kind) if query.kind else None,
                subject=query.subject.strip(),
                limit=query.limit,
                offset=query.offset,
            )
            kinds = await uow.admin.account_kinds(
                account_id for row in rows for account_id in (row.debit_id, row.credit_id)
            )
            owners = await uow.admin.names_of(row.user_id for row in rows if row.user_id is not None)
        return [
            EntryRow(
                id=row.id,
                at=iso(row.at),
                kind=row.kind.value,
                amount=row.amount,
                source=kinds[row.debit_id].value,
                target=kinds[row.credit_id].value,
                user=team.person(owners[row.user_id]) if row.user_id in owners else None,
                subject=row.subject,
                actor=row.actor,
                reason=row.reason,
                key=row.key,
            )
            for row in rows
        ], total

    async def accounts(self, kind: str | None, limit: int, offset: int) -> tuple[list[AccountRow], int]:
        """Those of the installation first, then the fullest."""
        async with self._db.read() as uow:
            rows, total = await uow.admin.ledger_accounts(
                kind=AccountKind(kind) if kind else None, limit=limit, offset=offset
            )
            owners = await uow.admin.names_of(row.user_id for row in rows if row.user_id is not None)
        return [
            AccountRow(
                id=row.id,
                kind=row.kind.value,
                user=team.person(owners[row.user_id]) if row.user_id in owners else None,
                balance=row.balance,
            )
            for row in rows
        ], total
