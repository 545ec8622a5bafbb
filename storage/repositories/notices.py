"""The outbox of what is told in Telegram."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.notices import Notice


class NoticeRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def has(self, user_id: int, key: str) -> bool:
        query = select(exists().where(Notice.user_id == user_id, Notice.key == key))
        return bool(await self._session.scalar(query))

    def add(self, notice: Notice) -> None:
        self._session.add(notice)

    async def due(
        self, now: datetime, limit: int, *, of_one: int = 1_000, urgent: Collection[str] = ()
    ) -> Sequence[Notice]:
        """The `urgent` kinds first, then oldest first; of one person at most `of_one`."""
        order = (Notice.kind.not_in(urgent), Notice.id)
        place = func.row_number().over(partition_by=Notice.user_id, order_by=order)
        waiting = select(Notice.id, place.label("place"))
        ranked = waiting.where(Notice.done_at.is_(None), Notice.due_at <= now).subquery()
        query = select(Notice).join(ranked, ranked.c.id == Notice.id).where(ranked.c.place <= of_one)
        return (await self._session.scalars(query.order_by(*order).limit(limit))).all()

    async def get(self, notice_id: int) -> Notice | None:
        return await self._session.get(Notice, notice_id)

    async def claim(self, notice: Notice, until: datetime) -> bool:
        """Nobody else sends it before `until`. False: somebody else has it."""
        claimed = (
            update(Notice)
            .where(Notice.id == notice.id, Notice.done_at.is_(None), Notice.due_at == notice.due_at)
            .values(due_at=until, attempts=Notice.attempts + 1)
            .returning(Notice.id)
        )
        return (await self._session.scalars(claimed)).one_or_none() is not None

    async def finish(self, notice_id: int, outcome: str, now: datetime) -> None:
        await self._session.execute(
            update(Notice).where(Notice.id == notice_id).values(done_at=now, outcome=outcome)
        )

    async def forget(self, notice_id: int) -> None:
        """What it said."""
        await self._session.execute(update(Notice).where(Notice.id == notice_id).values(data={}))

    async def give_back(self, notice_id: int, claimed_until: datetime, now: datetime) -> None:
        """It is due again at once, unless somebody else has claimed it since."""
        mine = update(Notice).where(Notice.id == notice_id, Notice.due_at == claimed_until)
        await self._session.execute(mine.values(due_at=now, attempts=Notice.attempts - 1))

    async def put_off(self, notice_id: int, until: datetime) -> None:
        await self._session.execute(update(Notice).where(Notice.id == notice_id).values(due_at=until))
