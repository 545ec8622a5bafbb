"""When somebody was here last, and on which device: noted in memory, written at most once an hour each."""

import asyncio
from collections import OrderedDict
from datetime import timedelta

import structlog

from core.clock import Clock
from storage.db import Database, DatabaseError

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
SAVE_SECONDS = 30.0
MAX_KEPT = 20_000


class LastSeen:
    """Bounded: whoever comes while `MAX_KEPT` wait to be written is noted another time."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._noted: OrderedDict[str, float] = OrderedDict()
        self._due: dict[str, int] = {}

    def note(self, user_id: int, token_id: str) -> None:
        """`token_id`: of the device they are on."""
        now = self._clock.monotonic()
        before = self._noted.get(token_id)
        if before is not None and now - before < EVERY.total_seconds():
            return
        if len(self._due) >= MAX_KEPT:
            return
        self._due[token_id] = user_id
        self._noted[token_id] = now
        self._noted.move_to_end(token_id)
        if len(self._noted) > MAX_KEPT:
            self._noted.popitem(last=False)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            try:
                await self.save()
            except (DatabaseError, OSError) as error:
                log.warning("last_seen_not_noted", reason=type(error).__name__)

    async def save(self) -> None:
        """What could not be written is noted again within the hour after."""
        due, self._due = self._due, {}
        now = self._clock.now()
        if due:
            async with self._db.begin() as uow:
                await uow.accounts.set_seen(set(due.values()), now, now - EVERY)
                await uow.devices.set_seen(list(due), now)
