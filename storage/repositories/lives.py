"""Broadcasts, their totals and what each viewer gave."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, distinct, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Live, LiveViewer

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


class LiveRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_lives(self, user_id: int, limit: int, offset: int) -> Sequence[Live]:
        """Newest first."""
        query = select(Live).where(Live.user_id == user_id).order_by(Live.id.desc())
        return (await self._session.scalars(query.limit(limit).offset(offset))).all()

    async def list_times(self, user_id: int) -> Sequence[Row[datetime, datetime | None]]:
        """When each LIVE began and ended."""
        query = select(Live.started_at, Live.ended_at).where(Live.user_id == user_id)
        return (await self._session.execute(query)).all()

    async def totals(self, user_id: int) -> dict[str, Any]:
        """Sums over all LIVEs, the highest `peak_viewers`, and how many viewers did something."""
        columns: list[ColumnElement[Any]] = [
            func.coalesce(func.sum(getattr(Live, name)), 0).label(name) for name in (*_SUMMED, "deaf_seconds")
        ]
        peak = func.coalesce(func.max(Live.peak_viewers), 0).label("peak_viewers")
        sums: Select[Any] = select(*columns, peak).where(Live.user_id == user_id)
        viewers = select(func.count(distinct(LiveViewer.viewer_id))).join(Live, Live.id == LiveViewer.live_id)
        row = (await self._session.execute(sums)).one()
        met = await self._session.scalar(viewers.where(Live.user_id == user_id))
        # Postgres sums to Decimal.
        whole = {name: int(getattr(row, name)) for name in (*_SUMMED, "peak_viewers")}
        return {**whole, "deaf_seconds": float(row.deaf_seconds), "viewers": met or 0}

    async def top_donors(self, user_id: int, since: datetime | None, limit: int) -> Sequence[Row[Any]]:
        """Who gave most in LIVEs that went on at or after `since`, under the name of their last LIVE."""
        sums = (
            select(
                LiveViewer.viewer_id,
                func.sum(LiveViewer.diamonds).label("diamonds"),
                func.sum(LiveViewer.gifts).label("gifts"),
                func.max(LiveViewer.live_id).label("last_live_id"),
            )
            .join(Live, Live.id == LiveViewer.live_id)
            .where(Live.user_id == user_id, LiveViewer.diamonds > 0)
            .group_by(LiveViewer.viewer_id)
        )
        if since is not None:
            sums = sums.where(or_(Live.ended_at.is_(None), Live.ended_at >= since))
        given = sums.subquery()
        query = (
            select(LiveViewer.unique_id, LiveViewer.nickname, given.c.diamonds, given.c.gifts)
            .join(given, given.c.viewer_id == LiveViewer.viewer_id)
            .where(LiveViewer.live_id == given.c.last_live_id)
            .order_by(given.c.diamonds.desc(), LiveViewer.viewer_id)
        )
        return (await self._session.execute(query.limit(limit))).all()
