"""What can be done with a license key. Every function works inside the caller's transaction.

Rows are locked in one order, owners before keys, so that two changes wait for each other instead of
blocking for good.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from core import license_clock, license_keys
from core.audit import Act
from core.config import Config
from core.errors import (
    Conflict,
    Invalid,
    KeyReused,
    LicenseAlreadyBound,
    LicenseNotFound,
    LicenseRevoked,
    LicenseSuspended,
    UserNotFound,
)
from core.license_clock import DAY, LicenseState
from storage.db import UnitOfWork
from storage.models import AuditEntry, ChangeKind, License, LicenseStatus, User

LONGEST_DAYS = 36_500
LARGEST_BATCH = 10_000


class Batch(Struct, frozen=True):
    plan: str
    days: int
    count: int = 1
    note: str = ""


class Issued(Struct, frozen=True):
    batch: str  # its name
    keys: list[str]


async def issue(uow: UnitOfWork, batch: Batch, pepper: bytes, by: Act) -> list[str]:
    """New unredeemed keys. This is the only time they can be read."""
    return (await issue_batch(uow, batch, pepper, by)).keys


async def issue_batch(uow: UnitOfWork, batch: Batch, pepper: bytes, by: Act) -> Issued:
    """The same with the name they are found by together. Under one idempotency key they are made once."""
    _check_days(batch.days)
    if not 1 <= batch.count <= LARGEST_BATCH:
        raise Invalid(f"count: between 1 and {LARGEST_BATCH}", field="count")
    keys = _keys(batch.count, pepper, by)
    first = await uow.licenses.get_by_mac(license_keys.mac(keys[0], pepper))
    if first is not None:
        earlier = await by.earlier(uow, "license.issue")
        if earlier is None or _batch_of(earlier, first.note) != batch:
            raise KeyReused
        return Issued(earlier.subject.removeprefix("batch:"), keys)
    rows = [_row(key, batch, pepper, by.at) for key in keys]
    batch_id = secrets.token_hex(4)
    for row in rows:
        row.batch = batch_id
    await uow.licenses.add(*rows)
    by.note(uow, "license.issue", f"batch:{batch_id}", plan=batch.plan, days=batch.days, count=batch.count)
    return Issued(batch_id, keys)


async def find(uow: UnitOfWork, text: str, pepper: bytes) -> License:
    """By the whole key, or its last six letters where only one key ends in them."""
    key_tail = license_keys.normalise_tail(text)
    if key_tail is None:
        key = license_keys.normalise(text)
        found = [row for row in [await uow.licenses.get_by_mac(license_keys.mac(key, pepper))] if row]
    else:
        found = list(await uow.licenses.list_by_tail(key_tail))
    if not found:
        raise LicenseNotFound
    if len(found) > 1:
        raise Conflict(f"{len(found)} licenses end in {key_tail}: give the whole key")
    return found[0]


async def state(uow: UnitOfWork, user: User, now: datetime, config: Config) -> LicenseState:
    """What the account is licensed for."""
    return license_clock.state_at(user, await uow.licenses.list_of_user(user.id), now, config)


def check_redeemable(key: License, user_id: int | None) -> None:
    """Refuses a key that this account (None: one to be made) cannot redeem or sign in with."""
    if key.status is LicenseStatus.REVOKED:
        raise LicenseRevoked
    if key.status is LicenseStatus.SUSPENDED:
        raise LicenseSuspended
    if key.user_id is not None and key.user_id != user_id:
        raise LicenseAlreadyBound


async def redeem(uow: UnitOfWork, key_mac: str, user: User, now: datetime) -> None:
    """Bind an unbound key: its days follow those the account has. One bound to it already changes nothing."""
    known = await uow.licenses.get_by_mac(key_mac)
    if known and known.user_id == user.id:
        return check_redeemable(known, user.id)  # nothing is written: it is a login
    keys = await _keys_of(uow, user, now)
    key = await uow.licenses.get_by_mac(key_mac, lock=True)
    if key is None:
        raise LicenseNotFound
    check_redeemable(key, user.id)
    _bind(key, user, keys, now)
    uow.accounts.note_change(user.id, ChangeKind.ACCESS, now)
    return None


async def grant(uow: UnitOfWork, user: User, batch: Batch, pepper: bytes, by: Act) -> License:
    """A license of `batch.days`, bound at once, after the days the account has. Nobody sees its key."""
    _check_days(batch.days)
    keys = await _keys_of(uow, user, by.at)
    granted = _row(license_keys.make(), batch, pepper, by.at)
    _bind(granted, user, keys, by.at)
    await uow.licenses.add(granted)
    uow.accounts.note_change(user.id, ChangeKind.ACCESS, by.at)
    return granted


async def withdraw(uow: UnitOfWork, license_id: int, by: Act) -> float:
    """Take back what a sold license has left, in seconds. Unlike with `revoke` its owner stays signed in."""
    found = await uow.licenses.get(license_id)
    if found is None:
        raise LicenseNotFound
    key, _, _ = await _hold(uow, found, by.at)
    left = key.remaining_seconds
    if key.status is not LicenseStatus.REVOKED:
        _kill(key)
        _tell(uow, key, by, "license.withdraw", seconds=round(left))
    return left


async def extend(uow: UnitOfWork, found: License, days: int, by: Act) -> License:
    """More days on this key, from now where the account has none left."""
    _check_days(days)
    key, owner, keys = await _hold(uow, found, by.at)
    if earlier := await by.earlier(uow, "license.extend"):
        if (earlier.subject, earlier.details["days"]) != (f"license:{key.key_tail}", days):
            raise KeyReused
        return key
    if key.status is LicenseStatus.REVOKED:
        raise LicenseRevoked
    if owner and key.status is LicenseStatus.ACTIVE:
        license_clock.restart(owner, keys, by.at)
    key.remaining_seconds += days * DAY
    key.days += days
    _tell(uow, key, by, "license.extend", days=days)
    return key


async def suspend(uow: UnitOfWork, found: License, by: Act) -> License:
    """Stop this key's clock; what it has left is kept."""
    key, _, _ = await _hold(uow, found, by.at)
    if key.status is LicenseStatus.REVOKED:
        raise LicenseRevoked
    if key.status is not LicenseStatus.SUSPENDED:
        key.status = LicenseStatus.SUSPENDED
        _tell(uow, key, by, "license.suspend")
    return key


async def resume(uow: UnitOfWork, found: License, by: Act) -> License:
    """Let a suspended key run on from where it stood."""
    key, owner, keys = await _hold(uow, found, by.at)
    if key.status is not LicenseStatus.SUSPENDED:
        raise Conflict("license is not suspended")
    if owner:
        license_clock.restart(owner, keys, by.at)
    key.status = LicenseStatus.ACTIVE if owner else LicenseStatus.NEW
    _tell(uow, key, by, "license.resume")
    return key


async def revoke(uow: UnitOfWork, found: License, by: Act) -> License:
    """For good: what this key has left is gone, and every token of its owner ends."""
    key, owner, _ = await _hold(uow, found, by.at)
    if key.status is LicenseStatus.REVOKED:
        return key
    _kill(key)
    if owner:
        owner.token_version += 1
    _tell(uow, key, by, "license.revoke")
    return key


async def rotate(uow: UnitOfWork, found: License, pepper: bytes, by: Act) -> str:
    """Another key for the same license; the old one dies, its record stays."""
    old, _, _ = await _hold(uow, found, by.at)
    if old.status is LicenseStatus.REVOKED:
        raise LicenseRevoked
    key = license_keys.make()
    new = _row(key, Batch(old.plan, old.days, note=old.note), pepper, by.at)
    new.status, new.remaining_seconds = old.status, old.remaining_seconds
    new.user_id, new.redeemed_at, new.batch = old.user_id, old.redeemed_at, old.batch
    _kill(old)
    await uow.licenses.add(new)
    await uow.sales.rotated(old.id, new.id)
    _tell(uow, old, by, "license.rotate", new_key=new.key_tail)
    return key


async def transfer(uow: UnitOfWork, found: License, user_id: int, by: Act) -> License:
    """To another account, with what it has left; it runs there after what that account has."""
    if found.user_id == user_id:
        raise Conflict("license is already bound to this user")
    users = [one for one in (found.user_id, user_id) if one is not None]
    await _lock_users(uow, users)
    key, owner, _ = await _hold(uow, found, by.at)
    if key.status is LicenseStatus.REVOKED:
        raise LicenseRevoked
    receiver = await _require(uow, user_id)
    keys = await _keys_of(uow, receiver, by.at)
    if owner:
        owner.token_version += 1  # its holder's tokens end, as with a revocation
        uow.accounts.note_change(owner.id, ChangeKind.ACCESS, by.at)
    is_suspended = key.status is LicenseStatus.SUSPENDED
    _bind(key, receiver, keys, by.at)
    if is_suspended:
        key.status = LicenseStatus.SUSPENDED
    _tell(uow, key, by, "license.transfer", to=user_id, was=owner.id if owner else None)
    return key


async def _hold(
    uow: UnitOfWork, found: License, now: datetime
) -> tuple[License, User | None, Sequence[License]]:
    """The key and its owner, locked and settled up to `now`, and all keys of that owner."""
    owner = await _require(uow, found.user_id) if found.user_id is not None else None
    keys = await _keys_of(uow, owner, now) if owner else []
    key = await uow.licenses.get(found.id, lock=not owner)
    if key is None or (owner and key not in keys) or (owner is None and key.user_id is not None):
        raise Conflict("license has just been changed, try again")
    return key, owner, keys


async def _keys_of(uow: UnitOfWork, user: User, now: datetime) -> Sequence[License]:
    """Locked after their owner, and settled."""
    await _require(uow, user.id)
    keys = await uow.licenses.list_of_user(user.id, lock=True)
    license_clock.settle(user, keys, now)
    return keys


async def _lock_users(uow: UnitOfWork, user_ids: Sequence[int]) -> None:
    for user_id in sorted(user_ids):
        await _require(uow, user_id)


async def _require(uow: UnitOfWork, user_id: int) -> User:
    user = await uow.accounts.get_user(user_id, lock=True)
    if user is None:
        raise UserNotFound
    return user


def _bind(key: License, user: User, keys: Sequence[License], now: datetime) -> None:
    license_clock.restart(user, keys, now)
    key.user_id = user.id
    key.status = LicenseStatus.ACTIVE
    key.redeemed_at = now


def _kill(key: License) -> None:
    key.status = LicenseStatus.REVOKED
    key.remaining_seconds = 0.0


def _keys(count: int, pepper: bytes, by: Act) -> list[str]:
    """From an idempotency key, so that who did not get the answer can still read them."""
    if by.key is None:
        return [license_keys.make() for _ in range(count)]
    return [license_keys.derive(by.key, number, pepper) for number in range(count)]


def _batch_of(issued: AuditEntry, note: str) -> Batch:
    told = issued.details
    return Batch(told["plan"], told["days"], told["count"], note)


def _row(key: str, batch: Batch, pepper: bytes, now: datetime) -> License:
    return License(
        key_mac=license_keys.mac(key, pepper),
        key_tail=license_keys.tail(key),
        plan=batch.plan,
        days=batch.days,
        status=LicenseStatus.NEW,
        remaining_seconds=batch.days * DAY,
        note=batch.note,
        created_at=now,
    )


def _check_days(days: int) -> None:
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"days: between 1 and {LONGEST_DAYS}", field="days")


def _tell(uow: UnitOfWork, key: License, by: Act, action: str, **details: object) -> None:
    by.note(uow, action, f"license:{key.key_tail}", **details)
    if key.user_id is not None:
        uow.accounts.note_change(key.user_id, ChangeKind.ACCESS, by.at)
