"""Tickets, and what an operator writes to many at once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base, BigId


class TicketTopic(StrEnum):
    SUPPORT = "support"
    PAYMENT = "payment"


class TicketStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class TicketSide(StrEnum):
    USER = "user"
    STAFF = "staff"


class Ticket(Base):
    __tablename__ = "tickets"
    __table_args__ = (Index("ix_tickets_status_updated_at", "status", "updated_at"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    topic: Mapped[TicketTopic]
    status: Mapped[TicketStatus] = mapped_column(default=TicketStatus.OPEN)
    last_side: Mapped[TicketSide]  # who spoke last: the other one is waited for
    snapshot: Mapped[dict[str, Any]]  # of the account when it was opened, see `core.tickets`
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class TicketMessage(Base):
    __tablename__ = "ticket_messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    at: Mapped[datetime]
    side: Mapped[TicketSide]
    actor: Mapped[str] = mapped_column(String(64))  # as in the audit log
    text: Mapped[str] = mapped_column(Text)


class Audience(StrEnum):
    ALL = "all"
    LICENSED = "licensed"
    EXPIRED = "expired"  # had a license and has none now


class BroadcastStatus(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class Broadcast(Base):
    __tablename__ = "broadcasts"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    texts: Mapped[dict[str, Any]]  # by language
    audience: Mapped[Audience]
    language: Mapped[str | None] = mapped_column(String(8))  # None: everybody, each in their own
    status: Mapped[BroadcastStatus] = mapped_column(default=BroadcastStatus.DRAFT)
    actor: Mapped[str] = mapped_column(String(64))  # who wrote it
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Delivery(StrEnum):
    """What became of one message of a broadcast."""

    SENT = "sent"
    BLOCKED = "blocked"  # the person does not let the bot write any more
    FAILED = "failed"
    UNSURE = "unsure"  # handed out, and never heard of again: it may have arrived
    LATER = "later"  # not tried: it goes back into the line


class BroadcastRecipient(Base):
    """One message of a broadcast; made for everybody at once when it starts."""

    __tablename__ = "broadcast_recipients"
    __table_args__ = (
        Index(
            "ix_broadcast_recipients_broadcast_id_outcome_claimed_at", "broadcast_id", "outcome", "claimed_at"
        ),
    )

    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    claimed_at: Mapped[datetime | None]  # handed out to be sent
    outcome: Mapped[Delivery | None]
    done_at: Mapped[datetime | None]
