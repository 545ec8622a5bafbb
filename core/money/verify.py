"""The proof that the ledger holds: every entry read again, every sum made again.

What it finds: an entry that was changed, removed, put in or computed anew; a balance that is not the sum of
its entries; an overdraft at any moment; a hold that has other entries than its own. A tail that was cut off
together with its balances is found once it had been verified: the last proven entry is remembered.
"""

from collections import Counter, defaultdict

import msgspec
from msgspec import Struct

from core.money.ledger import OWN, entry_hash, part_key
from storage.db import UnitOfWork
from storage.models import AccountKind, EntryKind, HoldStatus
from storage.repositories.ledger import GENESIS, AccountRow, EntryRow, HoldRow

ANCHOR = "ledger_anchor"
MOST_TOLD = 1_000  # broken things; somebody who rewrote everything is told by these too

Way = tuple[EntryKind, int, int | None, int | None]  # kind, amount, from, to


class Broken(Struct, frozen=True):
    what: str  # "entry 17", "account 3", "hold 5", "ledger"
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class Anchor(Struct, frozen=True):
    """So many entries were proven, and this was the hash of the last one."""

    entries: int
    hash: str


class Proof(Struct, frozen=True):
    anchor: Anchor
    accounts: int
    broken: list[Broken]

    def __str__(self) -> str:
        counted = f"{self.anchor.entries} entries, {self.accounts} accounts"
        return f"{counted}: {len(self.broken)} broken" if self.broken else f"{counted}: the ledger holds"


async def verify(uow: UnitOfWork) -> list[Broken]:
    """What does not hold; nothing where all does. `uow` is of `Database.snapshot`."""
    return (await prove(uow)).broken


async def prove(uow: UnitOfWork) -> Proof:
    """As `verify`, with what was counted. Memory grows with accounts, not with entries."""
    noted = await uow.accounts.get_meta(ANCHOR)
    reading = _Reading(msgspec.json.decode(noted, type=Anchor) if noted else None)
    async for accounts in uow.ledger.pages(AccountRow):
        reading.open_accounts(accounts)
    async for entries in uow.ledger.pages(EntryRow):
        for entry in entries:
            reading.take_entry(entry)
    async for holds in uow.ledger.pages(HoldRow):
        keys = [key for hold in holds for key in _keys(hold)]
        found = await uow.ledger.entries_by_keys(keys)
        for hold in holds:
            reading.take_hold(hold, found)
    return reading.close()


class _Reading:
    """The books as the entries tell them, beside what the tables say."""

    def __init__(self, anchor: Anchor | None) -> None:
        self._anchor = anchor
        self._accounts: dict[int, AccountRow] = {}
        self._ids: dict[tuple[AccountKind, int | None], int] = {}
        self._sums: defaultdict[int, int] = defaultdict(int)
        self._overdrawn: set[int] = set()
        self._kinds: Counter[EntryKind] = Counter()  # by the entries
        self._kinds_of_holds: Counter[EntryKind] = Counter()
        self._set_aside: defaultdict[int, int] = defaultdict(int)  # by the open holds of a user
        self._count = 0
        self._head = GENESIS
        self._broken: list[Broken] = []

    def open_accounts(self, accounts: list[AccountRow]) -> None:
        for account in accounts:
            self._accounts[account.id] = account
            self._ids[account.kind, account.user_id] = account.id

    def take_entry(self, entry: EntryRow) -> None:
        what = f"entry {entry.id}"
        if entry.prev_hash != self._head:
            self._tell(what, "does not follow the entry before it")
        if entry.hash != entry_hash(entry):
            self._tell(what, "is not what was written")
        self._head = entry.hash
        self._count += 1
        if self._anchor and self._count == self._anchor.entries and entry.hash != self._anchor.hash:
            self._tell(what, "is not the entry that was verified here")
        self._kinds[entry.kind] += 1
        self._post(entry.debit_id, -entry.amount, entry)
        self._post(entry.credit_id, entry.amount, entry)

    def _post(self, account_id: int, amount: int, entry: EntryRow) -> None:
        account = self._accounts.get(account_id)
        if account is None:
            self._tell(f"entry {entry.id}", f"account {account_id} is missing")
            return
        if account.kind in OWN and account.user_id != entry.user_id:
            self._tell(f"entry {entry.id}", "moves the money of somebody else")
        self._sums[account_id] += amount
        if account_id not in self._overdrawn and _is_overdrawn(account.kind, self._sums[account_id]):
            self._overdrawn.add(account_id)
            self._tell(f"account {account_id}", f"is overdrawn by entry {entry.id}")

    def take_hold(self, hold: HoldRow, entries: dict[str, EntryRow]) -> None:
        ways = self._ways(hold)
        self._kinds_of_holds.update(kind for kind, *_ in ways.values())
        if hold.status is HoldStatus.OPEN:
            self._set_aside[hold.user_id] += hold.amount
        if not _is_sound(hold):
            self._tell(f"hold {hold.id}", f"{hold.status} does not go with {hold.captured} captured")
        found = {key: _way(entries[key]) for key in _keys(hold) if key in entries}
        if found != ways:
            self._tell(f"hold {hold.id}", "does not have exactly its entries")

    def _ways(self, hold: HoldRow) -> dict[str, Way]:
        """By key, the entries a hold must have, as kind, amount, from, to."""
        wallet = self._ids.get((AccountKind.WALLET, hold.user_id))
        held = self._ids.get((AccountKind.HELD, hold.user_id))
        revenue = self._ids.get((AccountKind.REVENUE, None))
        begun, spent, returned = _keys(hold)
        ways: dict[str, Way] = {begun: (EntryKind.HOLD, hold.amount, wallet, held)}
        if hold.status is HoldStatus.OPEN:
            return ways
        if hold.captured:
            ways[spent] = (EntryKind.CAPTURE, hold.captured, held, revenue)
        if rest := hold.amount - hold.captured:
            ways[returned] = (EntryKind.RELEASE, rest, held, wallet)
        return ways

    def close(self) -> Proof:
        if self._anchor and self._count < self._anchor.entries:
            self._tell("ledger", f"{self._count} entries, {self._anchor.entries} were verified before")
        for account in self._accounts.values():
            self._check_balance(account)
        if total := sum(account.balance for account in self._accounts.values()):
            self._tell("ledger", f"all accounts together hold {total}, not 0")
        for kind in (EntryKind.HOLD, EntryKind.CAPTURE, EntryKind.RELEASE):
            told, due = self._kinds[kind], self._kinds_of_holds[kind]
            if told != due:
                self._tell("ledger", f"{told} entries of kind {kind}, {due} by the holds")
        return Proof(Anchor(self._count, self._head), len(self._accounts), self._broken)

    def _check_balance(self, account: AccountRow) -> None:
        what, by_entries = f"account {account.id}", self._sums[account.id]
        if account.balance != by_entries:
            self._tell(what, f"says {account.balance}, its entries sum to {by_entries}")
        if account.kind is AccountKind.HELD and account.user_id is not None:
            set_aside = self._set_aside[account.user_id]
            if account.balance != set_aside:
                self._tell(what, f"holds {account.balance}, open holds sum to {set_aside}")

    def _tell(self, what: str, why: str) -> None:
        if len(self._broken) < MOST_TOLD:
            self._broken.append(Broken(what, why))


def _keys(hold: HoldRow) -> tuple[str, str, str]:
    return hold.key, part_key(hold.id, EntryKind.CAPTURE), part_key(hold.id, EntryKind.RELEASE)


def _way(entry: EntryRow) -> Way:
    return entry.kind, entry.amount, entry.debit_id, entry.credit_id


def _is_overdrawn(kind: AccountKind, balance: int) -> bool:
    if kind is AccountKind.DEBT:
        return balance > 0
    return kind in OWN and balance < 0


def _is_sound(hold: HoldRow) -> bool:
    is_resolved = hold.resolved_at is not None
    match hold.status:
        case HoldStatus.OPEN:
            return not is_resolved and hold.captured == 0
        case HoldStatus.CAPTURED:
            return is_resolved and 0 < hold.captured <= hold.amount
        case HoldStatus.RELEASED:
            return is_resolved and hold.captured == 0
