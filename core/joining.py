"""Two accounts of one person become one. Works inside the caller's transaction.

The ledger never changes, so an account that has any of it is kept; where neither has, the one with a
license, then the one with content, then the one with the password. Everything else moves over; what is
left of the other account is an empty row that nobody finds any more.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from msgspec import Struct

from core import license_clock, staff
from core.errors import AccountsInUse, AlreadyLinked, Conflict, CredentialsSet, UserBanned, UserNotFound
from core.money import ledger
from core.sounds import names
from storage.db import UnitOfWork
from storage.models import ChangeKind, License, LicenseStatus, Sound, User

Rank = tuple[bool, bool, bool, bool]


class Pair(Struct, frozen=True):
    kept: int
    gone: int


class _Holding(Struct, frozen=True):
    has_books: bool  # money moved here, if long ago
    is_in_use: bool  # there is money, a debt, or time left on a license
    has_content: bool

    def rank(self, *, has_password: bool) -> Rank:
        return self.has_books, self.is_in_use, self.has_content, has_password


async def choose(uow: UnitOfWork, telegram: User, named: User, now: datetime) -> Pair:
    """Which of the account known by Telegram and the one with the password is kept.

    Raises `AccountsInUse`, `AlreadyLinked`, `CredentialsSet` or `UserBanned` where they cannot be joined.
    """
    if telegram.is_banned or named.is_banned:
        raise UserBanned
    if named.telegram_id is not None:
        raise AlreadyLinked
    if telegram.password_hash is not None:
        raise CredentialsSet
    theirs, ours = [await _holding(uow, user, now) for user in (telegram, named)]
    if (theirs.is_in_use and ours.is_in_use) or (theirs.has_books and ours.has_books):
        raise AccountsInUse
    if theirs.rank(has_password=False) > ours.rank(has_password=True):
        return Pair(kept=telegram.id, gone=named.id)
    return Pair(kept=named.id, gone=telegram.id)


async def join(uow: UnitOfWork, telegram: User, named: User, now: datetime) -> User:
    """The account that is kept. Raises `Conflict` where one of them changed meanwhile."""
    pair = await choose(uow, telegram, named, now)
    renamed = await _rename_sounds(uow, pair)
    # Orders and invoices are locked before users, everywhere.
    await uow.joining.move(pair.gone, pair.kept)
    locked = {user_id: await _require(uow, user_id) for user_id in sorted((pair.kept, pair.gone))}
    await _move_licenses(uow, locked[pair.kept], locked[pair.gone], now)
    await uow.ledger.lock()
    if await uow.joining.has_books(pair.gone):
        raise Conflict("one of the accounts has just been used, try again")
    locked[pair.gone].settings = _followed(locked[pair.gone].settings, "default_gift_sound", renamed)
    await _merge(uow, locked[pair.kept], locked[pair.gone])
    for user_id in locked:
        for kind in ChangeKind:
            uow.accounts.note_change(user_id, kind, now)
    return locked[pair.kept]


async def _holding(uow: UnitOfWork, user: User, now: datetime) -> _Holding:
    money = await ledger.balance(uow, user.id)
    keys = await uow.licenses.list_of_user(user.id)
    left = license_clock.remaining_at(user, keys, now)
    live = [key for key in keys if key.status is not LicenseStatus.REVOKED and left[key.id] > 0]
    return _Holding(
        has_books=await uow.joining.has_books(user.id),
        is_in_use=bool(money.available or money.held or money.debt or live),
        has_content=await uow.joining.has_content(user.id),
    )


async def _rename_sounds(uow: UnitOfWork, pair: Pair) -> dict[str, str]:
    """Sounds both have by the same name are two sounds: new names by the key of the old ones."""
    taken = {sound.filename_folded for sound in await uow.sounds.list_all(pair.kept)}
    renamed: dict[str, str] = {}
    for sound in await uow.sounds.list_all(pair.gone):
        if sound.filename_folded in taken:
            renamed[sound.filename_folded] = sound.filename = _free_name(sound, taken)
            sound.filename_folded = names.key(sound.filename)
        taken.add(sound.filename_folded)
    for row in await uow.triggers.list_all(pair.gone) if renamed else ():
        row.params = _followed(row.params, "sound_filename", renamed)
    await uow.joining.flush()
    return renamed


def _followed(values: dict[str, Any], name: str, renamed: Mapping[str, str]) -> dict[str, Any]:
    """`values` naming the sound by its new name."""
    new = renamed.get(names.key(str(values.get(name) or "")))
    return {**values, name: new} if new else values


def _free_name(sound: Sound, taken: set[str]) -> str:
    path = PurePath(sound.filename)
    numbered = (f"{path.stem[:80]} ({number}){path.suffix}" for number in range(2, len(taken) + 3))
    return next(name for name in numbered if names.key(name) not in taken)


async def _move_licenses(uow: UnitOfWork, kept: User, gone: User, now: datetime) -> None:
    """Days that were running run on; those of both were never running at the same time."""
    mine, theirs = [list(await uow.licenses.list_of_user(one.id, lock=True)) for one in (kept, gone)]
    license_clock.settle(kept, mine, now)
    license_clock.settle(gone, theirs, now)
    if not theirs:
        return
    if not _runs(mine):
        clocks = [one.license_clock_at for one in (kept, gone) if one.license_clock_at is not None]
        kept.license_clock_at = gone.license_clock_at if _runs(theirs) else max(clocks, default=None)
    for key in theirs:
        key.user_id = kept.id


def _runs(keys: list[License]) -> bool:
    return any(key.status is LicenseStatus.ACTIVE and key.remaining_seconds > 0 for key in keys)


async def _merge(uow: UnitOfWork, kept: User, gone: User) -> None:
    """Ways to sign in, the profile, settings only one had; of the other nothing is left to find."""
    both = (kept, gone)
    telegram = kept if kept.telegram_id is not None else gone
    named = kept if kept.password_hash is not None else gone
    profile = {name: getattr(telegram, name) for name in _PROFILE}
    profile |= {"username": named.username, "password_hash": named.password_hash}
    kept.settings = {**gone.settings, **kept.settings}
    kept.role = max(both, key=lambda one: staff.rank(one.role)).role
    kept.trial_at = min((one.trial_at for one in both if one.trial_at), default=None)
    kept.created_at = min(one.created_at for one in both)
    _empty(gone, kept.id)
    await uow.joining.flush()  # names are unique: given up before they are taken
    for name, value in profile.items():
        setattr(kept, name, value)
    await uow.joining.flush()


_PROFILE = ("telegram_id", "first_name", "last_name", "telegram_name", "is_reachable", "muted")


def _empty(gone: User, kept_id: int) -> None:
    """Its tokens, and the addresses of its overlay, end."""
    gone.joined_into = kept_id
    gone.username = gone.password_hash = gone.telegram_id = None
    gone.settings = {}
    gone.token_version += 1
    gone.overlay_version += 1


async def _require(uow: UnitOfWork, user_id: int) -> User:
    user = await uow.accounts.get_user(user_id, lock=True)
    if user is None:
        raise UserNotFound
    return user
