"""Whether this process can do its work: the database takes what it is given (on a full disk it can still
be read), and the bus to other processes, where there is one, answers.
"""

import asyncio

from core.clock import Clock, iso
from core.errors import Unavailable
from storage.db import Database, DatabaseError
from storage.shared.reach import Away, Reach

LASTS = 5.0  # seconds a proof is good for, however often it is asked for
PATIENCE = 5.0


class Readiness:
    def __init__(self, db: Database, clock: Clock, reach: Reach | None) -> None:
        self._db = db
        self._clock = clock
        self._reach = reach
        self._until = 0.0
        self._turn = asyncio.Lock()

    async def prove(self) -> None:
        """Raises `Unavailable` naming what is away."""
        async with self._turn:
            if self._clock.monotonic() < self._until:
                return
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._write()
            except (DatabaseError, OSError, TimeoutError) as error:
                raise Unavailable(service="database") from error
            await self._ask_bus()
            self._until = self._clock.monotonic() + LASTS

    async def _write(self) -> None:
        async with self._db.begin() as uow:
            await uow.accounts.set_meta("ready_at", iso(self._clock.now()))

    async def _ask_bus(self) -> None:
        if self._reach is None:
            return
        try:
            await self._reach.ask(lambda redis: redis.ping())
        except Away as error:
            raise Unavailable(service="bus") from error
