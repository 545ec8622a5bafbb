"""The ledger: accounts, entries that only ever grow, holds that are resolved once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base, BigId


class AccountKind(StrEnum):
    """`wallet`, `held` and `debt` exist once a user, the others once an installation."""

    WALLET = "wallet"  # what the user may spend
    HELD = "held"  # set aside for open orders
    DEBT = "debt"  # at most zero: what was taken back after it had been spent
    STARS = "stars"  # money that came in by Telegram Stars
    ADJUSTMENTS = "adjustments"  # given and taken by admins
    REWARDS = "rewards"  # given for referrals
    REVENUE = "revenue"  # earned by orders and licenses


class LedgerAccount(Base):
    """`balance` is the sum of the account's entries, kept by the database itself (see the migration)."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        CheckConstraint("kind NOT IN ('wallet', 'held') OR balance >= 0", name="no_overdraft"),
        CheckConstraint("kind <> 'debt' OR balance <= 0", name="debt_is_owed"),
        CheckConstraint("(kind IN ('wallet', 'held', 'debt')) = (user_id IS NOT NULL)", name="owner"),
        Index("uq_ledger_accounts_user_id_kind", "user_id", "kind", unique=True),
        Index(
            "uq_ledger_accounts_kind",
            "kind",
            unique=True,
            sqlite_where=text("user_id IS NULL"),
            postgresql_where=text("user_id IS NULL"),
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[AccountKind]
    balance: Mapped[int] = mapped_column(BigInteger, default=0)  # minor units


class EntryKind(StrEnum):
    TOP_UP = "top_up"
    CREDIT = "credit"  # by an admin
    DEBIT = "debit"  # by an admin
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    PURCHASE = "purchase"  # a license, paid by balance
    REFUND = "refund"  # money that went back where it came from
    DEBT = "debt"  # the part of a refund that had been spent
    SETTLEMENT = "settlement"  # of a debt
    REWARD = "reward"  # for a referral
    REVERSAL = "reversal"


class LedgerEntry(Base):
    """One movement: `amount` leaves `debit_id` and arrives at `credit_id`, so that all accounts sum to zero.

    Never changed, never deleted: the database refuses it. `hash` covers the row and the hash before it.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit_id <> credit_id", name="two_sides"),
        Index("ix_ledger_entries_user_id_id", "user_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    debit_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), index=True)
    credit_id: Mapped[int] = mapped_column(ForeignKey("ledger_accounts.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)  # minor units
    kind: Mapped[EntryKind]
    key: Mapped[str] = mapped_column(String(200), unique=True)  # idempotency
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # in whose history it stands
    subject: Mapped[str] = mapped_column(String(64), default="")  # order, invoice, license it is about
    actor: Mapped[str] = mapped_column(String(64))  # as in the audit log
    reason: Mapped[str] = mapped_column(Text, default="")  # an admin's words
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    prev_hash: Mapped[str] = mapped_column(String(64), unique=True)  # unique: the chain cannot fork
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class HoldStatus(StrEnum):
    OPEN = "open"
    CAPTURED = "captured"  # all or part; the rest went back
    RELEASED = "released"


class LedgerHold(Base):
    """Money set aside. The database refuses to change one that was resolved."""

    __tablename__ = "ledger_holds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("captured >= 0 AND captured <= amount", name="captured_within"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    captured: Mapped[int] = mapped_column(BigInteger, default=0)
    status: Mapped[HoldStatus] = mapped_column(default=HoldStatus.OPEN)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    subject: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
