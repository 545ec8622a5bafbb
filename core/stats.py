"""What a streamer's own LIVEs added up to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from core.clock import Clock, iso
from core.errors import NotFound
from storage.db import UnitOfWork
from storage.models import Live
from storage.repositories.lives import ALWAYS, Span

Period = Literal["day", "week", "month", "all"]

_LENGTH: dict[Period, timedelta] = {
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}


_GIFTERS = 10
_BEST = 5  # minutes
_QUIET = timedelta(minutes=15)  # the longest a LIVE that runs may bring nothing at all


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


class Minute(Struct, frozen=True, kw_only=True):
    """One minute on the clock in which something was heard. What is left out was silent, or not heard."""

    minute: int  # since the one the LIVE began in
    at: str
    viewers: int  # the most at any moment of it
    messages: int
    gifts: int
    diamonds: int
    likes: int  # attributed to a viewer
    follows: int


class Change(Struct, frozen=True):
    """`before`: of the same length just before; None where all there is was asked for."""

    now: Overview
    before: Overview | None


class LiveDetail(Struct, frozen=True):
    live: Session
    minutes: list[Minute]
    best: list[Minute]
    gifters: list[Donor]


async def overview(uow: UnitOfWork, user_id: int, clock: Clock) -> Overview:
    return await _overview(uow, user_id, ALWAYS, clock)


async def change(uow: UnitOfWork, user_id: int, period: Period, clock: Clock) -> Change:
    """A LIVE counts whole in the period it ended in."""
    span = _span(period, clock)
    now = await _overview(uow, user_id, span, clock)
    if span.since is None or period == "all":
        return Change(now, None)
    earlier = Span(span.since - _LENGTH[period], span.since)
    return Change(now, await _overview(uow, user_id, earlier, clock))


async def top_donors(uow: UnitOfWork, user_id: int, period: Period, limit: int, clock: Clock) -> list[Donor]:
    """A LIVE counts whole where any part of it lies within the period."""
    rows = await uow.lives.top_donors(user_id, _span(period, clock), limit)
    return [
        Donor(row.nickname or row.unique_id, row.unique_id, int(row.diamonds), int(row.gifts)) for row in rows
    ]


async def list_sessions(uow: UnitOfWork, user_id: int, limit: int, offset: int) -> SessionPage:
    """Newest first."""
    return await _sessions(uow, user_id, ALWAYS, limit, offset)


async def sessions_of(
    uow: UnitOfWork, user_id: int, period: Period, limit: int, clock: Clock, offset: int = 0
) -> SessionPage:
    """Those of a period, newest first."""
    return await _sessions(uow, user_id, _span(period, clock), limit, offset)


async def detail(uow: UnitOfWork, user_id: int, live_id: int) -> LiveDetail:
    """Raises `NotFound` where it is somebody else's, too."""
    live = await require_live(uow, user_id, live_id)
    minutes = await _minutes(uow, live)
    gifters = await uow.lives.top_gifters(live.id, _GIFTERS)
    return LiveDetail(
        _session(live),
        minutes,
        best(minutes),
        [Donor(one.nickname or one.unique_id, one.unique_id, one.diamonds, one.gifts) for one in gifters],
    )


def best(minutes: Sequence[Minute]) -> list[Minute]:
    """Those that brought the most, best first: diamonds, where there were none followers, then messages."""
    lively = [one for one in minutes if one.diamonds or one.follows or one.messages]
    return sorted(lively, key=lambda one: (one.diamonds, one.follows, one.messages), reverse=True)[:_BEST]


async def require_live(uow: UnitOfWork, user_id: int, live_id: int) -> Live:
    """Raises `NotFound` where it is somebody else's, too."""
    live = await uow.lives.get(live_id)
    if live is None or live.user_id != user_id:
        raise NotFound
    return live


async def minutes(uow: UnitOfWork, user_id: int, live_id: int) -> list[Minute]:
    """In order; of a LIVE that runs up to a few seconds ago."""
    return await _minutes(uow, await require_live(uow, user_id, live_id))


async def running_minutes(uow: UnitOfWork, user_id: int) -> list[Minute]:
    """Of the LIVE that runs; none where there is no such."""
    live = await uow.lives.running(user_id)
    return await _minutes(uow, live) if live else []


async def _minutes(uow: UnitOfWork, live: Live) -> list[Minute]:
    first = live.started_at.replace(second=0, microsecond=0)
    return [
        Minute(
            minute=row.minute,
            at=iso(first + timedelta(minutes=row.minute)),
            **{name: getattr(row, name) for name in _OF_MINUTE},
        )
        for row in await uow.lives.minutes(live.id)
    ]


_OF_MINUTE = ("viewers", "messages", "gifts", "diamonds", "likes", "follows")


def _span(period: Period, clock: Clock) -> Span:
    return ALWAYS if period == "all" else Span(clock.now() - _LENGTH[period])


async def _overview(uow: UnitOfWork, user_id: int, span: Span, clock: Clock) -> Overview:
    times = await uow.lives.list_times(user_id, span)
    totals = await uow.lives.totals(user_id, span)
    now = clock.now()
    seconds = sum((_end(one, now) - one[0]).total_seconds() for one in times)
    return Overview(sessions=len(times), live_seconds=round(seconds, 1), **totals)


async def _sessions(uow: UnitOfWork, user_id: int, span: Span, limit: int, offset: int) -> SessionPage:
    rows = await uow.lives.list_lives(user_id, limit, offset, span)
    return SessionPage([_session(row) for row in rows], await uow.lives.count(user_id, span))


def _session(row: Live) -> Session:
    return Session(
        id=row.id,
        tiktok_username=row.unique_id,
        room_id=row.room_id,
        started_at=iso(row.started_at),
        ended_at=iso(row.ended_at) if row.ended_at else None,
        **{name: getattr(row, name) for name in Totals.__struct_fields__},
    )


def _end(times: tuple[datetime, datetime | None, int | None], now: datetime) -> datetime:
    """A LIVE whose end nobody saw, since this program was killed, ended when it was last heard."""
    began, ended, last_minute = times
    if ended is not None or last_minute is None:
        return ended or now
    heard = began + timedelta(minutes=last_minute + 1)
    return heard if now - heard > _QUIET else now
