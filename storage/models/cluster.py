"""Which process listens for which streamer, where there are several."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base


class LiveWorker(Base):
    """A process with the role `live`. Times are the database's own: the machines' clocks need not agree."""

    __tablename__ = "live_workers"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime]
    is_leaving: Mapped[bool] = mapped_column(default=False)  # takes nobody any more


class StudioLease(Base):
    """Somebody needs this streamer's studio; whoever owns the row until `expires_at` runs it.

    `token` grows with every owner: what an earlier one still says is told from it and refused.
    """

    __tablename__ = "studio_leases"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[str | None] = mapped_column(String(40), index=True)
    token: Mapped[int] = mapped_column(BigInteger, default=0)
    expires_at: Mapped[datetime | None]
    is_on: Mapped[bool] = mapped_column(default=False)  # their LIVE is listened to, or waited for
