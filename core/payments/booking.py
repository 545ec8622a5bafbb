"""What a payment and its refund do to the ledger and to licenses, each once. In the caller's transaction.

Rows are locked in one order: event, payment, invoice, referral, user, licenses, ledger.
"""

from decimal import Decimal

from msgspec import Struct

from core import alerts, licenses, notices, referrals, sales
from core.account import require_user
from core.audit import Act
from core.clock import iso
from core.config import Config
from core.license_clock import DAY
from core.money import ledger
from core.money.ledger import Movement
from core.notices import NoticeKind
from core.payments import rates
from core.payments.invoices import belongs
from core.payments.told import STARS, Told
from core.sales import Sale
from storage.db import UnitOfWork
from storage.models import AccountKind, ChangeKind, EntryKind, Invoice, Payment, PaymentStatus, Purchase, User

KNOWN = "known"
BOOKED = "booked"
# Of `Payment.problem`: the money is on the balance instead of where the invoice would have put it.
PAID_AGAIN = "paid_again"
DEBT_FIRST = "debt_first"
PLAN_GONE = "plan_gone"
# … and the admins are told, since none of these should ever come.
STRANGE = frozenset({"unknown_payload", "wrong_user", "wrong_amount", "wrong_currency", "refunded_first"})


class Terms(Struct, frozen=True):
    config: Config
    pepper: bytes  # of license keys


class _Found(Struct, frozen=True):
    invoice: Invoice | None
    user: User  # whose money it becomes
    problem: str


async def book_payment(uow: UnitOfWork, told: Told, terms: Terms, by: Act) -> str:
    """Credit it, and bind the license it is for. Once for each charge."""
    if await uow.payments.by_charge(told.charge_id, lock=True):
        return KNOWN
    found = await _find(uow, told, terms.config, by)
    invoice, user = found.invoice, found.user
    payment = await _add(uow, told, found, terms.config, by)
    if invoice and invoice.paid_at is None:
        invoice.paid_at = by.at
    if payment.problem not in STRANGE:
        await referrals.note_payment(uow, payment, terms.config, by.at)
    await require_user(uow, user.id, lock=True)
    if invoice and invoice.plan and not payment.problem and (await ledger.balance(uow, user.id)).debt:
        payment.problem = DEBT_FIRST
    await _credit(uow, payment, invoice, terms, by)
    await _tell_problem(uow, payment, terms.config, by)
    return payment.problem or BOOKED


async def book_refund(uow: UnitOfWork, told: Told, terms: Terms, by: Act) -> str:
    """Telegram gave the Stars back, asked by us or not."""
    payment = await uow.payments.by_charge(told.charge_id, lock=True)
    if payment is None:
        user = await _payer(uow, told.telegram_id, by)
        found = _Found(None, user, "refunded_first")
        payment = await _add(uow, told, found, terms.config, by)
        payment.amount, payment.status, payment.refunded_at = 0, PaymentStatus.REFUNDED, by.at
        await _tell_problem(uow, payment, terms.config, by)
        return payment.problem
    if payment.status is PaymentStatus.REFUNDED:
        return KNOWN
    await finish_refund(uow, payment, by)
    return BOOKED


async def finish_refund(uow: UnitOfWork, payment: Payment, by: Act) -> None:
    """The Stars are back with the payer. `payment` is locked and not refunded yet.

    The days its license has left are worth what they cost; what was used up counts as spent.
    """
    await referrals.cancel(uow, payment.id, by.at)
    purchase = await uow.sales.of_payment(payment.id)
    unused = await _withdraw(uow, purchase, by) if purchase else 0
    if unused:
        movement = _movement(payment, EntryKind.REVERSAL, by, "unused")
        await ledger.credit(uow, payment.user_id, unused, AccountKind.REVENUE, movement)
    movement = _movement(payment, EntryKind.REFUND, by, "refund")
    payment.debt = await ledger.take_back(uow, payment.user_id, payment.amount, AccountKind.STARS, movement)
    payment.status, payment.refunded_at, payment.refund_due_at = PaymentStatus.REFUNDED, by.at, None
    by.note(
        uow, "payment.refund", f"payment:{payment.id}", debt=payment.debt, asked_by=payment.refund_by or None
    )
    await _notice(uow, payment, by, what="refund", debt=payment.debt, license=purchase is not None)


async def _find(uow: UnitOfWork, told: Told, config: Config, by: Act) -> _Found:
    """Whom the money is for, and whether the invoice may have its way."""
    invoice = await uow.payments.invoice_by_payload(told.payload, lock=True)
    owner = await uow.accounts.get_user(invoice.user_id) if invoice else None
    if invoice is None or owner is None:
        return _Found(None, await _payer(uow, told.telegram_id, by), "unknown_payload")
    if not belongs(owner, told.telegram_id):
        return _Found(invoice, await _payer(uow, told.telegram_id, by), "wrong_user")
    return _Found(invoice, owner, _problem(invoice, told, config))


def _problem(invoice: Invoice, told: Told, config: Config) -> str:
    if told.currency != STARS:
        return "wrong_currency"
    if told.stars != invoice.stars:
        return "wrong_amount"
    if invoice.paid_at is not None:
        return PAID_AGAIN
    return PLAN_GONE if invoice.plan and invoice.plan not in config.plans else ""


async def _payer(uow: UnitOfWork, telegram_id: int, by: Act) -> User:
    known = await uow.accounts.get_by_telegram_id(telegram_id)
    if known is None:
        known = User(telegram_id=telegram_id, created_at=by.at)
        await uow.accounts.add_user(known)
    return known


async def _add(uow: UnitOfWork, told: Told, found: _Found, config: Config, by: Act) -> Payment:
    invoice, rate = found.invoice, config.telegram.stars_rate
    if invoice and found.problem not in STRANGE:
        amount = invoice.amount
    else:
        amount = rates.worth_of(told.stars, Decimal(invoice.rate) if invoice else rate)
    return await uow.payments.add(
        Payment(
            charge_id=told.charge_id,
            user_id=found.user.id,
            telegram_id=told.telegram_id,
            invoice_id=invoice.id if invoice else None,
            stars=told.stars,
            amount=amount,
            problem=found.problem,
            booked_at=by.at,
        )
    )


async def _credit(uow: UnitOfWork, payment: Payment, invoice: Invoice | None, terms: Terms, by: Act) -> None:
    """The license's rows come before the ledger's lock, so its price is credited inside the sale's order."""
    user = await require_user(uow, payment.user_id, lock=True)
    sells = invoice is not None and invoice.plan is not None and not payment.problem
    if sells:
        await uow.licenses.list_of_user(user.id, lock=True)
    top_up = _movement(payment, EntryKind.TOP_UP, by, "credit")
    await ledger.credit(uow, user.id, payment.amount, AccountKind.STARS, top_up)
    uow.accounts.note_change(user.id, ChangeKind.ACCESS, by.at)
    if invoice is None or invoice.plan is None or not sells:
        await _notice(uow, payment, by, what="top_up", problem=payment.problem)
        return
    sale = Sale(
        plan=invoice.plan,
        days=invoice.days or 0,
        amount=payment.amount,
        key=f"payment:{payment.id}",
        payment_id=payment.id,
    )
    done = await sales.sell(uow, user, sale, terms.pepper, by)
    data = {"plan": done.plan, "days": done.days, "amount": done.amount, "stars": payment.stars}
    key = f"payment:{payment.id}:license"
    expires_at = iso(done.expires_at)
    await notices.add(uow, user.id, NoticeKind.LICENSE_BOUGHT, key, by.at, expires_at=expires_at, **data)


async def _withdraw(uow: UnitOfWork, purchase: Purchase, by: Act) -> int:
    """What the days that are left had cost, to the nearest cent."""
    left = await licenses.withdraw(uow, purchase.license_id, by)
    return round(purchase.amount * min(1.0, left / (purchase.days * DAY)))


def _movement(payment: Payment, kind: EntryKind, by: Act, step: str) -> Movement:
    return Movement(
        kind=kind,
        key=f"payment:{payment.id}:{step}",
        by=by,
        subject=f"payment:{payment.id}",
        reason=payment.refund_reason if step == "refund" else "",
        details={"stars": payment.stars},
    )


async def _notice(uow: UnitOfWork, payment: Payment, by: Act, *, what: str, **data: object) -> None:
    uow.accounts.note_change(payment.user_id, ChangeKind.ACCESS, by.at)
    key = f"payment:{payment.id}:{what}"
    told = {"what": what, "amount": payment.amount, "stars": payment.stars, **data}
    await notices.add(uow, payment.user_id, NoticeKind.PAYMENT, key, by.at, **told)


async def _tell_problem(uow: UnitOfWork, payment: Payment, config: Config, by: Act) -> None:
    if payment.problem in STRANGE:
        await alerts.tell_admins(
            uow,
            config.telegram.admin_ids,
            f"payment:{payment.id}:{payment.problem}",
            by.at,
            about="payment_problem",
            problem=payment.problem,
            charge_id=payment.charge_id,
            stars=payment.stars,
            account=payment.user_id,
        )
