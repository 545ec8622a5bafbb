"""Ways to sign in that are open for a few minutes: tickets, and requests to join two accounts."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base


class SignInTicket(Base):
    """Opens an account once; the ticket itself is never stored."""

    __tablename__ = "sign_in_tickets"

    ticket_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_version: Mapped[int]  # of the account when it was made: ends with the tokens
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LinkRequest(Base):
    """Somebody proved to be both; the chat has to confirm. One at a time for each chat."""

    __tablename__ = "link_requests"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)  # with the password
    token_version: Mapped[int]  # of that account: another password ends the request
    expires_at: Mapped[datetime]
