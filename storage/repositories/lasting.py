"""What outlives the process that held a streamer: marks of triggers, characters spoken."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import CursorResult, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Live, LiveViewer, SpokenDay, TriggerMark
from storage.repositories.upserts import insert_into

MarkKey = tuple[int, str, int, int]
"""Account, what, trigger, viewer."""


class Waiting(Protocol):
    """`core.lasting.Waiting`."""

    @property
    def marks(self) -> Mapping[MarkKey, tuple[datetime, str]]:
        """Until when, and in which room."""

    @property
    def spoken(self) -> Mapping[tuple[int, datetime], int]:
        """Characters more, by account and when its day began."""


_MARKS = cast("Table", TriggerMark.__table__)
_DAYS = cast("Table", SpokenDay.__table__)


class LastingRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Writing. In the order of keys: two processes that write at a time must not wait for each other.

    async def save(self, waiting: Waiting) -> None:
        await self._save_marks(waiting.marks)
        await self._add_spoken(waiting.spoken)

    async def _save_marks(self, marks: Mapping[MarkKey, tuple[datetime, str]]) -> None:
        """A later mark stands for an earlier one."""
        if not marks:
            return
        rows = [
            {"user_id": user_id, "what": what, "trigger_id": trigger_id, "viewer_id": viewer_id}
            | {"until": until, "room_id": room_id}
            for (user_id, what, trigger_id, viewer_id), (until, room_id) in sorted(marks.items())
        ]
        statement = insert_into(self._session, _MARKS)
        statement = statement.on_conflict_do_update(
            index_elements=["user_id", "what", "trigger_id", "viewer_id"],
            set_={"until": statement.excluded.until, "room_id": statement.excluded.room_id},
        )
        await (await self._session.connection()).execute(statement, rows)

    async def _add_spoken(self, spoken: Mapping[tuple[int, datetime], int]) -> None:
        if not spoken:
            return
        rows = [
            {"user_id": user_id, "began_at": began_at, "characters": characters}
            for (user_id, began_at), characters in sorted(spoken.items())
        ]
        statement = insert_into(self._session, _DAYS)
        statement = statement.on_conflict_do_update(
            index_elements=["user_id", "began_at"],
            set_={"characters": _DAYS.c.characters + statement.excluded.characters},
        )
        await (await self._session.connection()).execute(statement, rows)

    # Reading

    async def marks_of(self, user_id: int, now: datetime, limit: int) -> Sequence[TriggerMark]:
        query = select(TriggerMark).where(TriggerMark.user_id == user_id, TriggerMark.until > now)
        return list(await self._session.scalars(query.order_by(TriggerMark.until.desc()).limit(limit)))

    async def spoken(self, user_id: int, since: datetime) -> tuple[datetime, int] | None:
        """When the day began that is not over yet, and how much was spoken in it."""
        query = select(SpokenDay.began_at, SpokenDay.characters)
        query = query.where(SpokenDay.user_id == user_id, SpokenDay.began_at > since)
        rows = (await self._session.execute(query)).all()
        return (min(row[0] for row in rows), sum(row[1] for row in rows)) if rows else None

    async def last_live(self, user_id: int, *, began_after: datetime, ended_after: datetime) -> Live | None:
        """The newest, if it may still run."""
        query = select(Live).where(Live.user_id == user_id).order_by(Live.id.desc()).limit(1)
        live = await self._session.scalar(query)
        if live is None or live.started_at <= began_after:
            return None
        return live if live.ended_at is None or live.ended_at > ended_after else None

    async def met_in(self, live_id: int, limit: int) -> list[tuple[int, int, int, int]]:
        """Who wrote, gave or liked: viewer, messages, gifts, likes; who wrote most comes first."""
        query = select(LiveViewer.viewer_id, LiveViewer.messages, LiveViewer.gifts, LiveViewer.likes)
        query = query.where(LiveViewer.live_id == live_id).order_by(LiveViewer.messages.desc()).limit(limit)
        return [(row[0], row[1], row[2], row[3]) for row in await self._session.execute(query)]

    # Forgetting

    async def forget_marks(self, now: datetime, limit: int) -> int:
        """Delete up to `limit` that are over; how many went."""
        key = (TriggerMark.user_id, TriggerMark.what, TriggerMark.trigger_id, TriggerMark.viewer_id)
        over = select(*key).where(TriggerMark.until <= now).limit(limit)
        gone = await self._session.execute(delete(TriggerMark).where(tuple_(*key).in_(over)))
        return cast("CursorResult[Any]", gone).rowcount

    async def forget_days(self, before: datetime) -> None:
        await self._session.execute(delete(SpokenDay).where(SpokenDay.began_at <= before))
