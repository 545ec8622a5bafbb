"""Which worker has a studio: asked for by many sockets at once, looked up for all of them together."""

import asyncio
from collections import defaultdict

import structlog

from core.cluster import calls
from core.cluster.context import Context
from core.errors import Unavailable
from storage.bus import BusError, Owner
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

BUS_SECONDS = 1.0  # a bus that says nothing is not waited for any longer
LOOK_SECONDS = 0.1  # between two looks for those who wait
WANT_AGAIN = 1.0
KNOWN_SECONDS = 5.0  # an owner is asked by name for so long without looking again
MAX_WAITING = 20_000


class Finder:
    """One a process."""

    def __init__(self, context: Context) -> None:
        self._bus = context.bus
        self._db = context.db
        self._clock = context.clock
        self._known: dict[int, tuple[Owner, float]] = {}  # when it was looked up, monotonic
        self._waiting: defaultdict[int, set[asyncio.Future[Owner]]] = defaultdict(set)
        self._impatient: set[asyncio.Future[Owner]] = set()
        self._wanted_at: dict[int, float] = {}
        self._asked = asyncio.Event()

    async def owner(self, user_id: int, seconds: float, *, is_patient: bool = True) -> Owner:
        """Who has the studio. Where nobody has, somebody is asked to take it. Raises `Unavailable`.

        `is_patient`: waits also while it cannot be looked up.
        """
        known = self._known.get(user_id)
        if known and self._clock.monotonic() - known[1] < KNOWN_SECONDS:
            return known[0]
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable(service="live")
        found: asyncio.Future[Owner] = asyncio.get_running_loop().create_future()
        self._waiting[user_id].add(found)
        if not is_patient:
            self._impatient.add(found)
        self._asked.set()
        try:
            async with asyncio.timeout(seconds):
                return await found
        except TimeoutError as error:
            raise Unavailable(service="live") from error
        finally:
            self._leave(user_id, found)

    def known(self, user_id: int) -> Owner | None:
        """Who had it when that was looked up last."""
        found = self._known.get(user_id)
        return found[0] if found else None

    def forget(self, user_id: int) -> None:
        """Look for the owner anew the next time."""
        self._known.pop(user_id, None)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._asked.wait()
            self._asked.clear()
            while self._waiting:
                try:
                    await self._look()
                except (BusError, DatabaseError, OSError, TimeoutError) as error:
                    log.warning("owners_not_found", error=type(error).__name__)
                    self._refuse()
                await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        async with asyncio.timeout(BUS_SECONDS):
            owners = await self._bus.owners(list(self._waiting))
        now = self._clock.monotonic()
        if len(self._known) > MAX_WAITING:
            self._known.clear()
        for user_id, owner in owners.items():
            self._known[user_id] = (owner, now)
            for found in self._waiting.get(user_id, ()):
                if not found.done():
                    found.set_result(owner)
        missing = [
            user_id
            for user_id in self._waiting
            if user_id not in owners and now - self._wanted_at.get(user_id, float("-inf")) >= WANT_AGAIN
        ]
        if missing:
            self._wanted_at |= dict.fromkeys(missing, now)
            async with self._db.begin() as uow:
                await uow.leases.want(missing)
            await self._bus.publish(calls.WANTED, b"")

    def _refuse(self) -> None:
        """Those who would rather know."""
        for found in self._impatient:
            if not found.done():
                found.set_exception(Unavailable(service="live"))

    def _leave(self, user_id: int, found: asyncio.Future[Owner]) -> None:
        self._impatient.discard(found)
        self._waiting[user_id].discard(found)
        if not self._waiting[user_id]:
            del self._waiting[user_id]
            self._wanted_at.pop(user_id, None)
