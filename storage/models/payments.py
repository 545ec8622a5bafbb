"""Money from outside: invoices, what Telegram told of payments, what became of them, what was bought."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base, BigId


class InvoicePurpose(StrEnum):
    TOP_UP = "top_up"
    LICENSE = "license"


class Invoice(Base):
    """What somebody may pay. It can be paid more than once, and after it expired: both are real money."""

    __tablename__ = "invoices"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    payload: Mapped[str] = mapped_column(String(128), unique=True)  # random; what Telegram gives back
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[InvoicePurpose]
    plan: Mapped[str | None] = mapped_column(String(32))
    days: Mapped[int | None]
    amount: Mapped[int] = mapped_column(BigInteger)  # minor units
    stars: Mapped[int]
    rate: Mapped[str] = mapped_column(String(32))  # Stars for one unit of the currency, then
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    paid_at: Mapped[datetime | None]  # the first time


class PaymentEventKind(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"


class PaymentEvent(Base):
    """The inbox: what Telegram told, kept before anything is done about it."""

    __tablename__ = "payment_events"
    __table_args__ = (
        UniqueConstraint("kind", "charge_id"),
        Index("ix_payment_events_done_at_due_at", "done_at", "due_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[PaymentEventKind]
    charge_id: Mapped[str] = mapped_column(String(255))
    raw: Mapped[dict[str, Any]]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(64), default="")


class PaymentStatus(StrEnum):
    BOOKED = "booked"
    REFUND_REQUESTED = "refund_requested"  # to be told to Telegram, again and again until it answers
    REFUNDED = "refunded"


class Payment(Base):
    """One charge. `problem` names why it was not used as its invoice says."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount >= 0 AND stars >= 0", name="amounts"),
        Index("ix_payments_status_refund_due_at", "status", "refund_due_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    charge_id: Mapped[str] = mapped_column(String(255), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger)  # who paid
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    stars: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[int] = mapped_column(BigInteger)  # minor units credited; 0: refunded before it was known
    status: Mapped[PaymentStatus] = mapped_column(default=PaymentStatus.BOOKED)
    problem: Mapped[str] = mapped_column(String(32), default="")
    booked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]  # seen in Telegram's own list
    refund_by: Mapped[str] = mapped_column(String(64), default="")  # actor, as in the audit log
    refund_reason: Mapped[str] = mapped_column(Text, default="")
    refund_due_at: Mapped[datetime | None]
    refund_attempts: Mapped[int] = mapped_column(default=0)
    refund_error: Mapped[str] = mapped_column(String(128), default="")  # why Telegram refused the last one
    refunded_at: Mapped[datetime | None]
    debt: Mapped[int] = mapped_column(BigInteger, default=0)  # of the refund: what had been spent


class Purchase(Base):
    """A license sold. `key` is the buyer's idempotency key, or the payment's, or made up."""

    __tablename__ = "purchases"
    __table_args__ = (UniqueConstraint("user_id", "key"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(300))
    plan: Mapped[str] = mapped_column(String(32))
    days: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)  # minor units
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)  # None: by balance
    expires_at: Mapped[datetime]  # of the account's last license, as it was answered
    at: Mapped[datetime]


class Trial(Base):
    """By Telegram account, so that it stays taken whatever account that one is linked to."""

    __tablename__ = "trials"

    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    license_id: Mapped[int] = mapped_column(ForeignKey("licenses.id"))
    at: Mapped[datetime]


class LicenseReminder(Base):
    """How far somebody was reminded of the end of their license. Another end begins anew."""

    __tablename__ = "license_reminders"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    expires_at: Mapped[datetime]
    told: Mapped[int]  # days before the end; 0: that it ended


class ReferralCode(Base):
    __tablename__ = "referral_codes"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)  # two accounts joined have two


class ReferralStatus(StrEnum):
    BOUND = "bound"  # came, and has paid nothing yet
    PENDING = "pending"
    PAID = "paid"
    CANCELLED = "cancelled"


class Referral(Base):
    """Who brought whom, and the one reward for it. Accounts that were joined may have brought themselves."""

    __tablename__ = "referrals"
    __table_args__ = (
        Index("ix_referrals_status_matures_at", "status", "matures_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    referee_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    referrer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    bound_at: Mapped[datetime]
    status: Mapped[ReferralStatus] = mapped_column(default=ReferralStatus.BOUND)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)  # minor units
    matures_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
