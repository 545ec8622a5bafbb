"""Who uses TTBoost and what they are licensed for."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base, BigId

DELETED = 0
"""In `User.joined_into`: the account was deleted, its books are all that is left."""


class UserRole(StrEnum):
    USER = "user"
    SUPPORT = "support"
    ADMIN = "admin"


class User(Base):
    __tablename__ = "users"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str | None] = mapped_column(String(24), unique=True)  # folded; None: came by Telegram
    password_hash: Mapped[str | None] = mapped_column(String(255))
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    role: Mapped[UserRole] = mapped_column(default=UserRole.USER)
    is_banned: Mapped[bool] = mapped_column(default=False)
    token_version: Mapped[int] = mapped_column(default=1)  # raised by a password change or revocation
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)  # only what differs from the defaults
    overlay_version: Mapped[int] = mapped_column(default=1)  # raised by rotating the overlay's secrets
    overlay_look: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # its widgets
    license_clock_at: Mapped[datetime | None]  # up to when the licenses' remaining seconds are settled
    seq_reserved: Mapped[int] = mapped_column(BigInteger, default=0)  # numbers up to here may be in use
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    # Of Telegram's profile, as it was told last
    first_name: Mapped[str] = mapped_column(String(64), default="", server_default="")
    last_name: Mapped[str] = mapped_column(String(64), default="", server_default="")
    telegram_name: Mapped[str] = mapped_column(String(32), default="", server_default="")  # their @name
    is_reachable: Mapped[bool] = mapped_column(default=False, server_default=false())  # the bot may write
    muted: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")  # kinds of notices
    trial_at: Mapped[datetime | None]  # when the one trial was taken
    joined_into: Mapped[int | None]  # where all of its things moved to, or `DELETED`; it is none itself


class LicenseStatus(StrEnum):
    NEW = "new"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class License(Base):
    __tablename__ = "licenses"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    key_mac: Mapped[str] = mapped_column(String(64), unique=True)  # keyed hash; the key is never stored
    key_tail: Mapped[str] = mapped_column(String(6), index=True)
    plan: Mapped[str] = mapped_column(String(32))
    days: Mapped[int]
    status: Mapped[LicenseStatus] = mapped_column(default=LicenseStatus.NEW)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    remaining_seconds: Mapped[float]  # as of the owner's `license_clock_at`
    note: Mapped[str] = mapped_column(Text, default="")
    batch: Mapped[str | None] = mapped_column(String(32), index=True)
    created_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]


class TiktokName(Base):
    """A handle the account has listened to; plans bound how many and how often they change."""

    __tablename__ = "tiktok_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    unique_id: Mapped[str] = mapped_column(String(24))
    since: Mapped[datetime]


class SignedIn(Base):
    """One device that holds a token, so that its owner can end it."""

    __tablename__ = "signed_in"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    jti: Mapped[str] = mapped_column(String(24), unique=True)  # of the token
    audience: Mapped[str] = mapped_column(String(16))  # of which API
    device: Mapped[str] = mapped_column(String(120), default="")  # in words, such as "Chrome, Android"
    token_version: Mapped[int]  # an older one than the account's has ended already
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    last_seen_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ResetCode(Base):
    __tablename__ = "reset_codes"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    code_mac: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)


class AuditEntry(Base):
    """What somebody with power did, and to whom."""

    __tablename__ = "audit_log"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))  # "cli", "tg:ID", "user:ID"
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ChangeKind(StrEnum):
    ACCESS = "access"  # ban, role, password, license: who may do what
    SETUP = "setup"  # settings, triggers, sounds: how a LIVE is played
    MONEY = "money"  # any movement of the ledger
    ORDER = "order"  # an order moved


class Change(Base):
    """Something another process must notice: every server tails this table."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_at", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int]
    kind: Mapped[ChangeKind]


class Meta(Base):
    """Facts about the installation: `demo` marks a database that `serve` must refuse."""

    __tablename__ = "meta"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
