"""Money an admin gives or takes, with a reason that stays. Works inside the caller's transaction."""

from core.audit import Act
from core.errors import Invalid
from core.money import ledger
from core.money.ledger import Balance, Movement
from storage.db import UnitOfWork
from storage.models import AccountKind, EntryKind, User

LONGEST_REASON = 300


async def credit(uow: UnitOfWork, user: User, amount: int, reason: str, key: str, by: Act) -> Balance:
    """The balance afterwards. The same `key` gives once."""
    movement = _movement(EntryKind.CREDIT, reason, key, by)
    is_new = await _is_new(uow, key)
    await ledger.credit(uow, user.id, amount, AccountKind.ADJUSTMENTS, movement)
    return await _noted(uow, user, amount, movement, is_new=is_new)


async def debit(uow: UnitOfWork, user: User, amount: int, reason: str, key: str, by: Act) -> Balance:
    """The balance afterwards. The same `key` takes once. Raises `InsufficientFunds`."""
    movement = _movement(EntryKind.DEBIT, reason, key, by)
    is_new = await _is_new(uow, key)
    await ledger.debit(uow, user.id, amount, AccountKind.ADJUSTMENTS, movement)
    return await _noted(uow, user, amount, movement, is_new=is_new)


def _movement(kind: EntryKind, reason: str, key: str, by: Act) -> Movement:
    words = " ".join(reason.split())
    if not words:
        raise Invalid("reason: say why", field="reason")
    if len(words) > LONGEST_REASON or not words.isprintable():
        raise Invalid(f"reason: at most {LONGEST_REASON} characters of plain text", field="reason")
    return Movement(kind=kind, key=key, by=by, reason=words)


async def _is_new(uow: UnitOfWork, key: str) -> bool:
    await uow.ledger.lock()
    return await uow.ledger.entry_by_key(key) is None


async def _noted(uow: UnitOfWork, user: User, amount: int, movement: Movement, *, is_new: bool) -> Balance:
    if is_new:
        movement.by.note(
            uow, f"wallet.{movement.kind}", f"user:{user.id}", amount=amount, reason=movement.reason
        )
    return await ledger.balance(uow, user.id)
