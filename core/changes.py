"""What any process changes reaches every server: each tails one table."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from storage.db import Database, DatabaseError
from storage.models import ChangeKind

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
KEPT = timedelta(hours=1)
PURGE_SECONDS = 600.0
# A row may become visible after one with a higher id: two transactions commit in either order.
LATE = timedelta(seconds=60)

Subscriber = Callable[[int, ChangeKind], None]


class ChangeFeed:
    def __init__(self, db: Database, clock: Clock, poll_seconds: float = POLL_SECONDS) -> None:
        self._db = db
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._subscribers: list[Subscriber] = []
        self._read_to = 0  # everything up to this id is settled
        self._told: set[int] = set()  # ids after `_read_to` that were told
        self._asked = asyncio.Event()

    def subscribe(self, callback: Subscriber) -> None:
        """Called with the account and what changed; must return at once."""
        self._subscribers.append(callback)

    def check_now(self) -> None:
        """After a change of our own, so that it is not waited for."""
        self._asked.set()

    async def start(self) -> None:
        """From here on nothing is missed; what was changed before is read with the data itself."""
        async with self._db.read() as uow:
            rows = await uow.accounts.changes_after(0)
        self._told = {row.id for row in rows}

    async def run(self) -> None:
        """Until cancelled. Call `start` first."""
        purge_at = self._clock.monotonic()
        while True:
            try:
                await self.poll()
                if self._clock.monotonic() >= purge_at:
                    purge_at = self._clock.monotonic() + PURGE_SECONDS
                    await self._purge()
            except (DatabaseError, OSError) as error:
                log.warning("changes_unreadable", error=type(error).__name__)
            await self._pause()

    async def poll(self) -> None:
        """Tell what is new, each account and kind once."""
        async with self._db.read() as uow:
            rows = await uow.accounts.changes_after(self._read_to)
        fresh = [row for row in rows if row.id not in self._told]
        self._told.update(row.id for row in fresh)
        self._settle({row.id: row.at for row in rows})
        for user_id, kind in dict.fromkeys((row.user_id, row.kind) for row in fresh):
            for callback in self._subscribers:
                callback(user_id, kind)

    def _settle(self, times: dict[int, datetime]) -> None:
        old = self._clock.now() - LATE
        self._read_to = max((id_ for id_, at in times.items() if at < old), default=self._read_to)
        self._told = {id_ for id_ in self._told if id_ > self._read_to}

    async def _purge(self) -> None:
        async with self._db.begin() as uow:
            await uow.accounts.delete_changes(self._clock.now() - KEPT)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._asked.wait()
        except TimeoutError:
            return
        self._asked.clear()
