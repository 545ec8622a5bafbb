"""What the Telegram bot remembers: dialogs, updates it has taken, messages it keeps up to date."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class DialogState(Base):
    """Where somebody stands in a dialog, and what they have said in it."""

    __tablename__ = "dialogs"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    state: Mapped[str | None] = mapped_column(String(255))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    updated_at: Mapped[datetime] = mapped_column(index=True)


class TakenUpdate(Base):
    """An update of Telegram's: Telegram repeats what was not confirmed."""

    __tablename__ = "telegram_updates"
    __table_args__ = (Index("ix_telegram_updates_taken_at", "taken_at"),)

    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    taken_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Card(Base):
    """A message that shows something as it is now, and is edited when that changes."""

    __tablename__ = "telegram_cards"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)  # `order:ORD-...`
    message_id: Mapped[int] = mapped_column(BigInteger)
