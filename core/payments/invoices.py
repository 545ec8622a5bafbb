"""Invoices: what somebody may pay, and whether they still may. Works inside the caller's transaction."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from core.config import Config, Plan
from core.errors import DebtOpen, Invalid, InvoiceNotPayable, NotForSale, UserBanned
from core.money import ledger
from core.payments import rates
from core.payments.told import STARS
from storage.db import UnitOfWork
from storage.models import Invoice, InvoicePurpose, User

VALID = timedelta(hours=1)
KEPT = timedelta(days=30)  # after they expired: who pays late still gets what it says
MOST_STARS = 100_000  # of one invoice


class CheckoutQuery(Struct, frozen=True):
    """What Telegram asks before it takes the money."""

    telegram_id: int
    payload: str
    currency: str
    total_amount: int


class InvoiceLink(Struct, frozen=True):
    link: str
    stars: int
    amount: int  # minor units
    rate: Decimal
    invoice_id: int


class TopUpTerms(Struct, frozen=True):
    rate: Decimal  # Stars for one unit of the currency
    most: int  # minor units


def for_sale(config: Config, name: str) -> Plan:
    """Raises `NotForSale`."""
    plan = config.plans.get(name)
    if plan is None or plan.stars == 0:
        raise NotForSale(f"no plan {name!r} is for sale" if plan is None else None)
    return plan


def most_of(config: Config) -> int:
    """What one top-up may credit, in minor units."""
    return int(MOST_STARS * 100 / config.telegram.stars_rate)


async def add_top_up(uow: UnitOfWork, user_id: int, amount: int, config: Config, now: datetime) -> Invoice:
    rate, most = config.telegram.stars_rate, most_of(config)
    if not 0 < amount <= most:
        raise Invalid("amount: out of range", field="amount", maximum=most / 100)
    return await _add(uow, user_id, (rates.stars_for(amount, rate), amount), config, now)


async def add_for_license(uow: UnitOfWork, user_id: int, name: str, config: Config, now: datetime) -> Invoice:
    """Refused where what is paid would go into a debt instead."""
    plan, rate = for_sale(config, name), config.telegram.stars_rate
    await check_no_debt(uow, user_id)
    price = rates.price_of(plan.stars, rate)
    return await _add(uow, user_id, (plan.stars, price), config, now, plan=name, days=plan.days)


async def check(uow: UnitOfWork, query: CheckoutQuery, config: Config, now: datetime) -> None:
    """Raises what speaks against taking this money."""
    invoice = await uow.payments.invoice_by_payload(query.payload)
    owner = await uow.accounts.get_user(invoice.user_id) if invoice else None
    if invoice is None or owner is None or not belongs(owner, query.telegram_id):
        raise InvoiceNotPayable
    if (query.currency, query.total_amount) != (STARS, invoice.stars):
        raise InvoiceNotPayable
    if now >= invoice.expires_at or invoice.paid_at is not None:
        raise InvoiceNotPayable
    if owner.is_banned:
        raise UserBanned
    if invoice.plan is not None:
        _check_unchanged(config, invoice)
        await check_no_debt(uow, owner.id)


def belongs(owner: User, telegram_id: int) -> bool:
    """Whether that person may pay it. Without a Telegram account of its own, whoever has the link pays."""
    return owner.telegram_id in (None, telegram_id)


async def check_no_debt(uow: UnitOfWork, user_id: int) -> None:
    if owed := (await ledger.balance(uow, user_id)).debt:
        raise DebtOpen(debt=owed)


def _check_unchanged(config: Config, invoice: Invoice) -> None:
    plan = for_sale(config, invoice.plan or "")
    if (plan.stars, plan.days) != (invoice.stars, invoice.days):
        raise InvoiceNotPayable


async def _add(
    uow: UnitOfWork, user_id: int, due: tuple[int, int], config: Config, now: datetime, **sold: Any
) -> Invoice:
    """`due`: Stars and minor units."""
    stars, amount = due
    return await uow.payments.add_invoice(
        Invoice(
            payload=secrets.token_urlsafe(24),
            user_id=user_id,
            purpose=InvoicePurpose.LICENSE if sold else InvoicePurpose.TOP_UP,
            amount=amount,
            stars=stars,
            rate=str(config.telegram.stars_rate),
            created_at=now,
            expires_at=now + VALID,
            **sold,
        )
    )
