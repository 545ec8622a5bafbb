"""Whether the database takes what it is given: on a full disk it can still be read."""

import asyncio

from core.clock import Clock, iso
from storage.db import Database

LASTS = 5.0  # seconds a proof is good for, however often it is asked for


class Readiness:
    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def prove(self) -> None:
        """Raises what the database raises."""
        async with self._turn:
            if self._clock.monotonic() < self._until:
                return
            async with self._db.begin() as uow:
                await uow.accounts.set_meta("ready_at", iso(self._clock.now()))
            self._until = self._clock.monotonic() + LASTS
