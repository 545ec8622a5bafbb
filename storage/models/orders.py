"""Orders: what is bought, how far it is, what is still to be said to whoever delivers it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base, BigId


class OrderStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    PARTIAL = "partial"  # ended with less than was ordered
    FAILED = "failed"  # ended with nothing
    CANCELLED = "cancelled"  # by the user or an admin, with nothing delivered


class OrderPaymentStatus(StrEnum):
    HELD = "held"
    PAID = "paid"
    REFUNDED = "refunded"
    PARTIALLY_REFUNDED = "partially_refunded"


class Order(Base):
    """Changed only by `OrderRepository.move`, which compares `version` and `status`."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("price > 0", name="price_positive"),
        CheckConstraint("refunded >= 0 AND refunded <= price", name="refunded_within"),
        CheckConstraint("view_count_sent >= view_count_delivered", name="delivered_was_sent"),
        Index("ix_orders_user_id_id", "user_id", "id"),
        Index("ix_orders_status_expires_at", "status", "expires_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(24), unique=True)  # "ORD-YYYYMMDD-XXXXXX", `order_id` outside
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key: Mapped[str] = mapped_column(String(255))  # idempotency, the caller's
    asked: Mapped[str] = mapped_column(String(64))  # hash of what was asked for with that key
    video_url: Mapped[str] = mapped_column(String(255))
    video_id: Mapped[str] = mapped_column(String(20))
    view_count: Mapped[int] = mapped_column(BigInteger)
    view_count_sent: Mapped[int] = mapped_column(BigInteger, default=0)
    view_count_delivered: Mapped[int] = mapped_column(BigInteger, default=0)
    status: Mapped[OrderStatus] = mapped_column(default=OrderStatus.PENDING)
    price: Mapped[int] = mapped_column(BigInteger)  # minor units
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)  # minor units
    currency: Mapped[str] = mapped_column(String(3))
    payment_status: Mapped[OrderPaymentStatus] = mapped_column(default=OrderPaymentStatus.HELD)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_holds.id"), unique=True)
    provider: Mapped[str] = mapped_column(String(16))
    taken_by: Mapped[str] = mapped_column(String(64), default="")  # the actor who took it from the queue
    note: Mapped[str] = mapped_column(Text, default="")  # the last one of whoever delivers
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    cancel_asked_at: Mapped[datetime | None]
    patience_seconds: Mapped[int]  # without a sign of life for so long, it ends by itself
    expires_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class OrderProgress(Base):
    """A step of an order. Numbers are those of the whole order so far."""

    __tablename__ = "order_progress"
    __table_args__ = (Index("ix_order_progress_order_id_id", "order_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(32))  # the order's, or a word of its own
    percent: Mapped[int]
    sent: Mapped[int] = mapped_column(BigInteger, default=0)
    delivered: Mapped[int] = mapped_column(BigInteger, default=0)
    source: Mapped[str] = mapped_column(String(16), default="")  # whose numbers; "": no numbers
    note: Mapped[str] = mapped_column(Text, default="")


class ErrandKind(StrEnum):
    SUBMIT = "submit"
    CANCEL = "cancel"


class Errand(Base):
    """The outbox to whoever delivers: written with the change that asks for it, carried out afterwards."""

    __tablename__ = "order_errands"
    __table_args__ = (
        Index("ix_order_errands_done_at_due_at", "done_at", "due_at"),
        Index("ix_order_errands_order_id_id", "order_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    kind: Mapped[ErrandKind]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]  # while somebody is at it: when their lease ends
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(String(32), default="")  # of who is at it
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(32), default="")


class FulfilmentEvent(Base):
    """A message of the operator's that was taken; the same id is not taken twice."""

    __tablename__ = "fulfilment_events"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(index=True)
