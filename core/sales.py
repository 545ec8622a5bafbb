"""Binding a license that was sold, and remembering the sale. Works inside the caller's transaction."""

from datetime import datetime

from msgspec import Struct

from core import license_clock, licenses
from core.audit import Act
from core.licenses import Batch
from core.money import ledger
from core.money.ledger import Movement
from storage.db import UnitOfWork
from storage.models import AccountKind, EntryKind, Purchase, User


class Sale(Struct, frozen=True, kw_only=True):
    plan: str
    days: int
    amount: int  # minor units, from the balance
    key: str  # of the buyer
    payment_id: int | None = None


class Bought(Struct, frozen=True):
    plan: str
    days: int
    amount: int  # minor units
    expires_at: datetime  # of everything the account has


async def sell(uow: UnitOfWork, user: User, sale: Sale, pepper: bytes, by: Act) -> Bought:
    """Bind the license and take its price. Raises `InsufficientFunds`. `user` is locked."""
    granted = await licenses.grant(uow, user, Batch(sale.plan, sale.days, note="sold"), pepper, by)
    expires_at = await end_of(uow, user, by.at)
    purchase = await uow.sales.add(
        Purchase(
            user_id=user.id,
            key=sale.key,
            plan=sale.plan,
            days=sale.days,
            amount=sale.amount,
            license_id=granted.id,
            payment_id=sale.payment_id,
            expires_at=expires_at,
            at=by.at,
        )
    )
    movement = Movement(
        kind=EntryKind.PURCHASE,
        key=f"purchase:{purchase.id}",
        by=by,
        subject=f"license:{granted.key_tail}",
        details={"plan": sale.plan, "days": sale.days},
    )
    await ledger.debit(uow, user.id, sale.amount, AccountKind.REVENUE, movement)
    return bought(purchase)


def bought(purchase: Purchase) -> Bought:
    return Bought(purchase.plan, purchase.days, purchase.amount, purchase.expires_at)


async def end_of(uow: UnitOfWork, user: User, now: datetime) -> datetime:
    """When all the account has runs out."""
    return license_clock.end_of(user, await uow.licenses.list_of_user(user.id)) or now
