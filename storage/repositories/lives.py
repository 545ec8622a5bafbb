"""Broadcasts, their totals and what each viewer gave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Live, LiveMinute, LiveViewer

_SUMMED = (
    "messages",
    "gifts",
    "diamonds",
    "likes",
    "likes_total",
    "joins",
    "follows",
    "shares",
    "subscribes",
)


class Span(NamedTuple):
    """LIVEs of which any part lies at or after `since` and none at or after `until`."""

    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.since is not None:
            found.append(or_(Live.ended_at.is_(None), Live.ended_at >= self.since))
        if self.until is not None:
            found.append(Live.ended_at < self.until)
        return found


ALWAYS = Span()


class LiveRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_lives(self, user_id: int, limit: int, offset: int, span: Span = ALWAYS) -> Sequence[Live]:
        """Newest first."""
        query = select(Live).where(Live.user_id == user_id, *span.conditions()).order_by(Live.id.desc())
        return (await self._session.scalars(query.limit(limit).offset(offset))).all()

    async def count(self, user_id: int, span: Span = ALWAYS) -> int:
        query = select(func.count()).select_from(Live).where(Live.user_id == user_id, *span.conditions())
        return await self._session.scalar(query) or 0

    async def first_started_at(self, user_id: int) -> datetime | None:
        """Of the first one that was heard."""
        query = select(Live.started_at).where(Live.user_id == user_id).order_by(Live.id).limit(1)
        return await self._session.scalar(query)

    async def get(self, live_id: int) -> Live | None:
        return await self._session.get(Live, live_id)

    async def top_gifters(self, live_id: int, limit: int) -> Sequence[LiveViewer]:
        """Who gave most in one LIVE."""
        query = select(LiveViewer).where(LiveViewer.live_id == live_id, LiveViewer.diamonds > 0)
        query = query.order_by(LiveViewer.diamonds.desc(), LiveViewer.viewer_id).limit(limit)
        return (await self._session.scalars(query)).all()

    async def running(self, user_id: int) -> Live | None:
        """The newest LIVE, where it goes on."""
        query = select(Live).where(Live.user_id == user_id).order_by(Live.id.desc()).limit(1)
        newest = await self._session.scalar(query)
        return newest if newest is not None and newest.ended_at is None else None

    async def minutes(self, live_id: int) -> Sequence[LiveMinute]:
        """Those in which something happened, in order."""
        query = select(LiveMinute).where(LiveMinute.live_id == live_id).order_by(LiveMinute.minute)
        return (await self._session.scalars(query)).all()

    async def list_times(
        self, user_id: int, span: Span = ALWAYS
    ) -> list[tuple[datetime, datetime | None, int | None]]:
        """When each LIVE began and ended, and its last minute in which something was heard."""
        last = select(func.max(LiveMinute.minute)).where(LiveMinute.live_id == Live.id).scalar_subquery()
        query = select(Live.started_at, Live.ended_at, last)
        query = query.where(Live.user_id == user_id, *span.conditions())
        return [(began, ended, minute) for began, ended, minute in await self._session.execute(query)]

    async def totals(self, user_id: int, span: Span = ALWAYS) -> dict[str, Any]:
        """Sums over all LIVEs, the highest `peak_viewers`, and how many viewers did something."""
        columns: list[ColumnElement[Any]] = [
            func.coalesce(func.sum(getattr(Live, name)), 0).label(name) for name in (*_SUMMED, "deaf_seconds")
        ]
        peak = func.coalesce(func.max(Live.peak_viewers), 0).label("peak_viewers")
        is_wanted = (Live.user_id == user_id, *span.conditions())
        sums: Select[Any] = select(*columns, peak).where(*is_wanted)
        viewers = select(func.count(distinct(LiveViewer.viewer_id))).join(Live, Live.id == LiveViewer.live_id)
        row = (await self._session.execute(sums)).one()
        met = await self._session.scalar(viewers.where(*is_wanted))
        # Postgres sums to Decimal.
        whole = {name: int(getattr(row, name)) for name in (*_SUMMED, "peak_viewers")}
        return {**whole, "deaf_seconds": float(row.deaf_seconds), "viewers": met or 0}

    async def top_donors(self, user_id: int, span: Span, limit: int) -> Sequence[Row[Any]]:
        """Who gave most, under the name of their last LIVE."""
        sums = (
            select(
                LiveViewer.viewer_id,
                func.sum(LiveViewer.diamonds).label("diamonds"),
                func.sum(LiveViewer.gifts).label("gifts"),
                func.max(LiveViewer.live_id).label("last_live_id"),
            )
            .join(Live, Live.id == LiveViewer.live_id)
            .where(Live.user_id == user_id, LiveViewer.diamonds > 0, *span.conditions())
            .group_by(LiveViewer.viewer_id)
        )
        given = sums.subquery()
        query = (
            select(LiveViewer.unique_id, LiveViewer.nickname, given.c.diamonds, given.c.gifts)
            .join(given, given.c.viewer_id == LiveViewer.viewer_id)
            .where(LiveViewer.live_id == given.c.last_live_id)
            .order_by(given.c.diamonds.desc(), LiveViewer.viewer_id)
        )
        return (await self._session.execute(query.limit(limit))).all()
