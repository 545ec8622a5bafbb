"""What a streamer's own LIVEs added up to."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from core.clock import Clock, iso
from storage.db import UnitOfWork
from storage.models import Live

Period = Literal["day", "week", "month", "all"]

_LENGTH: dict[Period, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


class Totals(Struct, frozen=True, kw_only=True):
    messages: int
    gifts: int
    diamonds: int
    likes: int  # attributed to a viewer: at least this many
    likes_total: int  # as TikTok counted them
    joins: int
    follows: int
    shares: int
    subscribes: int
    peak_viewers: int
    deaf_seconds: float  # the LIVE ran and we were not connected


class Overview(Totals, frozen=True, kw_only=True):
    sessions: int
    live_seconds: float
    viewers: int  # who wrote, liked or gave something


class Session(Totals, frozen=True, kw_only=True):
    id: int
    tiktok_username: str
    room_id: str
    started_at: str
    ended_at: str | None


class SessionPage(Struct, frozen=True):
    sessions: list[Session]
    total: int


class Donor(Struct, frozen=True):
    user: str  # display name, the handle where it is empty
    username: str
    diamonds: int
    gifts: int


async def overview(uow: UnitOfWork, user_id: int, clock: Clock) -> Overview:
    times = await uow.lives.list_times(user_id)
    totals = await uow.lives.totals(user_id)
    seconds = sum((_end(ended_at, clock) - started_at).total_seconds() for started_at, ended_at in times)
    return Overview(sessions=len(times), live_seconds=round(seconds, 1), **totals)


async def top_donors(uow: UnitOfWork, user_id: int, period: Period, limit: int, clock: Clock) -> list[Donor]:
    """A LIVE counts whole where any part of it lies within the period."""
    since = None if period == "all" else clock.now() - _LENGTH[period]
    rows = await uow.lives.top_donors(user_id, since, limit)
    return [
        Donor(row.nickname or row.unique_id, row.unique_id, int(row.diamonds), int(row.gifts)) for row in rows
    ]


async def list_sessions(uow: UnitOfWork, user_id: int, limit: int, offset: int) -> SessionPage:
    """Newest first."""
    rows = await uow.lives.list_lives(user_id, limit, offset)
    total = len(await uow.lives.list_times(user_id))
    return SessionPage([_session(row) for row in rows], total)


def _session(row: Live) -> Session:
    return Session(
        id=row.id,
        tiktok_username=row.unique_id,
        room_id=row.room_id,
        started_at=iso(row.started_at),
        ended_at=iso(row.ended_at) if row.ended_at else None,
        **{name: getattr(row, name) for name in Totals.__struct_fields__},
    )


def _end(ended_at: datetime | None, clock: Clock) -> datetime:
    return ended_at or clock.now()
