"""What a streamer set up, and what happened in their LIVEs."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import NEVER_REUSED, Base, BigId, Json


class TriggerRow(Base):
    """A trigger as saved; `core.triggers.model.Trigger` says what the fields mean."""

    __tablename__ = "triggers"
    __table_args__ = NEVER_REUSED

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    event_type: Mapped[str] = mapped_column(String(32))
    conditions: Mapped[list[Any]] = mapped_column(Json, default=list)  # [{key, value}], the seed's first
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)  # tagged with the action as `type`
    action: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(100), default="")
    enabled: Mapped[bool] = mapped_column(default=True)
    priority: Mapped[int] = mapped_column(default=0)
    cooldown_seconds: Mapped[float] = mapped_column(default=0.0)
    user_cooldown_seconds: Mapped[float] = mapped_column(default=0.0)
    once_per_stream: Mapped[bool] = mapped_column(default=False)
    when: Mapped[str] = mapped_column(String(8), default="start")
    stop: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)  # of a webhook, in a row
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Counter(Base):
    __tablename__ = "counters"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger, default=0)


class Sound(Base):
    __tablename__ = "sounds"
    __table_args__ = (UniqueConstraint("user_id", "filename_folded"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    filename_folded: Mapped[str] = mapped_column(String(200))  # what makes it the same name
    media_name: Mapped[str] = mapped_column(String(200))
    duration: Mapped[float]  # seconds
    size: Mapped[int]  # bytes as stored
    peaks: Mapped[list[Any] | None] = mapped_column(Json)  # loudness over time, 0 to 100; None: not measured
    created_at: Mapped[datetime]


class Gift(Base):
    """TikTok's gifts, learned from LIVEs and its list; shared by all streamers."""

    __tablename__ = "gifts"

    gift_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200), index=True)
    diamond_count: Mapped[int]
    image: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime]


class Live(Base):
    """One broadcast we listened to, with its totals."""

    __tablename__ = "lives"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    unique_id: Mapped[str] = mapped_column(String(24))
    room_id: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    messages: Mapped[int] = mapped_column(default=0)
    gifts: Mapped[int] = mapped_column(default=0)
    diamonds: Mapped[int] = mapped_column(BigInteger, default=0)
    likes: Mapped[int] = mapped_column(BigInteger, default=0)  # attributed to a viewer: at least this many
    likes_total: Mapped[int] = mapped_column(BigInteger, default=0)  # highest room total TikTok said
    joins: Mapped[int] = mapped_column(default=0)
    follows: Mapped[int] = mapped_column(default=0)
    shares: Mapped[int] = mapped_column(default=0)
    subscribes: Mapped[int] = mapped_column(default=0)
    peak_viewers: Mapped[int] = mapped_column(default=0)
    deaf_seconds: Mapped[float] = mapped_column(default=0.0)  # connected to nothing while the LIVE ran


class LiveViewer(Base):
    """What one viewer gave in one LIVE."""

    __tablename__ = "live_viewers"

    live_id: Mapped[int] = mapped_column(ForeignKey("lives.id", ondelete="CASCADE"), primary_key=True)
    viewer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    unique_id: Mapped[str] = mapped_column(String(64))
    nickname: Mapped[str] = mapped_column(String(200))
    gifts: Mapped[int] = mapped_column(default=0)
    diamonds: Mapped[int] = mapped_column(BigInteger, default=0)
    likes: Mapped[int] = mapped_column(BigInteger, default=0)
    messages: Mapped[int] = mapped_column(default=0)


class LiveMinute(Base):
    """What one minute of a LIVE added, for charts."""

    __tablename__ = "live_minutes"

    live_id: Mapped[int] = mapped_column(ForeignKey("lives.id", ondelete="CASCADE"), primary_key=True)
    minute: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # since the LIVE's start
    viewers: Mapped[int] = mapped_column(default=0)  # the most at any moment of it
    messages: Mapped[int] = mapped_column(default=0)
    gifts: Mapped[int] = mapped_column(default=0)
    diamonds: Mapped[int] = mapped_column(BigInteger, default=0)
    likes: Mapped[int] = mapped_column(BigInteger, default=0)
    follows: Mapped[int] = mapped_column(default=0)


class HistoryRow(Base):
    """What became of one event."""

    __tablename__ = "history"
    __table_args__ = (Index("ix_history_user_id_at", "user_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int]
    live_id: Mapped[int | None]
    message_id: Mapped[str] = mapped_column(String(40), index=True)  # `id` on the socket
    seq: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]  # the fact, what was tried, fired, refused, spoken, sent
    played_at: Mapped[datetime | None]


class TriggerMark(Base):
    """What a trigger did that the next process of the streamer must know; `core.triggers.marks`."""

    __tablename__ = "trigger_marks"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(32), primary_key=True)
    trigger_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 0: whichever
    viewer_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)  # 0: whoever
    room_id: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime] = mapped_column(index=True)


class SpokenDay(Base):
    """Characters spoken for an account in a day that began then; processes add to it."""

    __tablename__ = "spoken_days"

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    characters: Mapped[int] = mapped_column(BigInteger)
