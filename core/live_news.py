"""Writes down what streamers are told of their LIVEs: notices, behind the hot path and in batches."""

import asyncio
from collections import deque
from datetime import datetime
from typing import Any

import msgspec
import structlog
from msgspec import Struct

from core import live_report
from core.clock import Clock
from core.live_report import Ended
from core.notices import NoticeKind, add
from storage.db import Database, DatabaseError, UnitOfWork

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 1.0
MAX_WAITING = 10_000  # of each; the oldest give way, the database has then been stuck for long
BATCH = 100  # in one transaction


class News(Struct, frozen=True):
    user_id: int
    kind: NoticeKind
    key: str
    at: datetime
    data: dict[str, Any]


class LiveNews:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._news: deque[News] = deque(maxlen=MAX_WAITING)
        self._ended: deque[Ended] = deque(maxlen=MAX_WAITING)

    def tell(self, user_id: int, kind: NoticeKind, key: str, at: datetime, data: dict[str, Any]) -> None:
        self._news.append(News(user_id, kind, key, at, data))

    def report(self, ended: Ended) -> None:
        self._ended.append(ended)

    def resumed(self, user_id: int, room_id: str) -> None:
        """A LIVE goes on whose report is waiting."""
        self._ended = deque(
            (one for one in self._ended if (one.tally.user_id, one.tally.room_id) != (user_id, room_id)),
            maxlen=MAX_WAITING,
        )

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await self._try_flush()

    async def close(self) -> None:
        """Write what is left; a LIVE that is running goes on in the next process, without a report."""
        await self._try_flush()

    async def flush(self) -> None:
        while self._news:
            batch = [self._news[n] for n in range(min(BATCH, len(self._news)))]
            async with self._db.begin() as uow:
                for news in batch:
                    await _write(uow, news)
            for news in batch:
                if self._news and self._news[0] is news:
                    self._news.popleft()
        await self._report_due()

    async def _report_due(self) -> None:
        now = self._clock.monotonic()
        for ended in [one for one in self._ended if one.due_at <= now][:BATCH]:
            async with self._db.begin() as uow:
                is_told = await _write_report(uow, ended, self._clock.now())
            if is_told and ended in self._ended:
                self._ended.remove(ended)

    async def _try_flush(self) -> None:
        try:
            await self.flush()
        except (DatabaseError, OSError) as error:
            log.warning("live_news_not_written", waiting=len(self._news), error=type(error).__name__)
            await asyncio.sleep(FLUSH_SECONDS)


async def _write(uow: UnitOfWork, news: News) -> None:
    """Only who can be reached: nobody reads next week that a LIVE began."""
    user = await uow.accounts.get_user(news.user_id)
    if user is not None and user.telegram_id is not None and user.is_reachable:
        await add(uow, news.user_id, news.kind, news.key, news.at, **news.data)


async def _write_report(uow: UnitOfWork, ended: Ended, at: datetime) -> bool:
    """False: its totals are not written yet."""
    report = await live_report.make(uow, ended)
    if report is None:
        return False
    key = f"live:{report.room_id}:report"
    data = msgspec.to_builtins(report)
    await _write(uow, News(ended.tally.user_id, NoticeKind.LIVE_REPORT, key, at, data))
    return True
