"""Who runs whose studio. For Postgres: its locks decide, and its clock alone is asked."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any
from typing import cast as typed

from sqlalchemy import BigInteger, and_, cast, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import LiveWorker, StudioLease

# Grows also where the rows are older than what the bus remembers: after a backup was restored.
_NEXT_TOKEN = func.greatest(
    StudioLease.token + 1, cast(func.extract("epoch", func.clock_timestamp()) * 1000, BigInteger)
)
_FREE = or_(StudioLease.owner.is_(None), StudioLease.expires_at < func.now())


class LeaseRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Workers

    async def show_up(self, worker: str, *, is_leaving: bool) -> None:
        row = insert(LiveWorker).values(id=worker, seen_at=func.now(), is_leaving=is_leaving)
        await self._session.execute(
            row.on_conflict_do_update(
                index_elements=["id"], set_={"seen_at": func.now(), "is_leaving": is_leaving}
            )
        )

    async def sign_off(self, worker: str, dead_after: timedelta) -> None:
        """Forget this one, and those who died without a word."""
        gone = or_(LiveWorker.id == worker, LiveWorker.seen_at < func.now() - dead_after)
        await self._session.execute(delete(LiveWorker).where(gone))

    async def loads(self, alive_within: timedelta) -> dict[str, int]:
        """The workers that take streamers, each with how many it has."""
        held = select(StudioLease.owner, func.count().label("n")).group_by(StudioLease.owner).subquery()
        rows = await self._session.execute(
            select(LiveWorker.id, func.coalesce(held.c.n, 0))
            .outerjoin(held, held.c.owner == LiveWorker.id)
            .where(LiveWorker.is_leaving.is_(False), LiveWorker.seen_at >= func.now() - alive_within)
            .order_by(LiveWorker.id)
        )
        return {worker: int(count) for worker, count in rows}

    async def workers(self, alive_within: timedelta) -> Sequence[str]:
        """All that are there, those who leave too."""
        seen = LiveWorker.seen_at >= func.now() - alive_within
        return (await self._session.scalars(select(LiveWorker.id).where(seen).order_by(LiveWorker.id))).all()

    # Leases

    async def want(self, user_ids: Iterable[int], *, is_on: bool = False) -> None:
        """Somebody needs these studios: whichever worker has room takes them. `is_on`: their LIVE, too."""
        rows = [{"user_id": user_id, "token": 0, "is_on": is_on} for user_id in sorted(set(user_ids))]
        if not rows:
            return
        statement = insert(StudioLease).values(rows)
        if is_on:
            wanted = {"is_on": True}
            statement = statement.on_conflict_do_update(index_elements=["user_id"], set_=wanted)
        else:
            statement = statement.on_conflict_do_nothing()
        await self._session.execute(statement)

    async def count_free(self) -> int:
        return await self._session.scalar(select(func.count()).select_from(StudioLease).where(_FREE)) or 0

    async def claim(self, worker: str, limit: int, ttl: timedelta) -> Sequence[StudioLease]:
        """Take up to `limit` that nobody holds; two workers never take the same one."""
        free = select(StudioLease.user_id).where(_FREE).order_by(StudioLease.user_id).limit(limit)
        # Materialized: a plan that asked the subquery for each row would lock more than `limit`.
        locked = free.with_for_update(skip_locked=True).cte("locked").prefix_with("MATERIALIZED")
        return await self._take(worker, StudioLease.user_id.in_(select(locked.c.user_id)), ttl)

    async def give(
        self, user_id: int, *, worker: str, token: int, to: str, ttl: timedelta
    ) -> StudioLease | None:
        """Hand one over; None: `worker` had lost it."""
        rows = await self._take(to, and_(StudioLease.user_id == user_id, _held_by(worker, token)), ttl)
        return rows[0] if rows else None

    async def renew(self, worker: str, ttl: timedelta) -> Sequence[StudioLease]:
        """All that `worker` holds; those that had lapsed and are still free are held again."""
        statement = (
            update(StudioLease)
            .where(StudioLease.owner == worker)
            .values(expires_at=func.now() + ttl)
            .returning(StudioLease)
        )
        return (await self._session.scalars(statement)).all()

    async def release(self, worker: str, tokens: Collection[tuple[int, int]], *, is_needed: bool) -> None:
        """`tokens`: account and token of each. `is_needed`: somebody else is to take them."""
        named = tuple_(StudioLease.user_id, StudioLease.token).in_(list(tokens))
        held = and_(StudioLease.owner == worker, named)
        if is_needed:
            await self._session.execute(update(StudioLease).where(held).values(owner=None, expires_at=None))
        else:
            await self._session.execute(delete(StudioLease).where(held))

    async def set_on(self, worker: str, on: Iterable[int], off: Iterable[int]) -> None:
        """Whose LIVE is listened to and whose no longer, so that the next owner does the same."""
        for user_ids, is_on in ((list(on), True), (list(off), False)):
            if user_ids:
                mine = and_(StudioLease.owner == worker, StudioLease.user_id.in_(user_ids))
                await self._session.execute(update(StudioLease).where(mine).values(is_on=is_on))

    async def switch_off(self, user_id: int) -> None:
        """Whoever takes this streamer next does not listen to their LIVE."""
        await self._session.execute(
            update(StudioLease).where(StudioLease.user_id == user_id).values(is_on=False)
        )

    async def owner(self, user_id: int) -> tuple[str, int] | None:
        """Who holds it now, and by which token."""
        row = (
            await self._session.execute(
                select(StudioLease.owner, StudioLease.token).where(
                    StudioLease.user_id == user_id,
                    StudioLease.owner.is_not(None),
                    StudioLease.expires_at >= func.now(),
                )
            )
        ).one_or_none()
        return (typed("str", row.owner), row.token) if row else None

    async def _take(self, worker: str, where: Any, ttl: timedelta) -> Sequence[StudioLease]:
        statement = (
            update(StudioLease)
            .where(where)
            .values(owner=worker, token=_NEXT_TOKEN, expires_at=func.now() + ttl)
            .returning(StudioLease)
        )
        return (await self._session.scalars(statement)).all()


def _held_by(worker: str, token: int) -> Any:
    return and_(StudioLease.owner == worker, StudioLease.token == token)
