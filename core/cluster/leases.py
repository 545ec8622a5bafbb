"""Which streamers this process speaks for, and until when it may.

The database decides. A process that was stopped and goes on later finds its own time run out before it says
anything, by the monotonic clock, which does not stop with it; what slips through between looking at the clock
and saying it is refused by the bus, which knows the newer token.
"""

import asyncio
import math
from collections.abc import Awaitable, Collection, Mapping
from datetime import timedelta
from typing import Protocol

import structlog
from msgspec import Struct

from core.cluster.context import Context
from storage.bus import BusError
from storage.db import DatabaseError
from storage.models import StudioLease

log = structlog.get_logger(__name__)

TTL_SECONDS = 10.0  # a dead process's streamers are free after so long
ROUND_SECONDS = 2.0
MARGIN_SECONDS = 1.0  # this process stops speaking so long before others may begin
CLAIM_AT_ONCE = 100
OPEN_AT_ONCE = 20
DEAD_AFTER = timedelta(hours=1)  # a row of a worker nobody has seen for so long is deleted


class Lease(Struct):
    token: int
    until: float  # monotonic
    is_on: bool  # as the database knows it
    writes: int = 0  # how often this process has told the database so


class Owner(Protocol):
    """Who runs the studios. `core.cluster.worker.Worker`."""

    def gained(self, user_id: int, *, is_on: bool) -> Awaitable[None]: ...

    def lost(self, user_id: int) -> None: ...

    def switched_off(self, user_id: int) -> None:
        """Somebody who could not ask for it here wrote it into the database."""

    def is_on(self, user_id: int) -> bool | None:
        """None: nobody knows, it is not open."""

    def surplus(self, loads: Mapping[str, int]) -> Awaitable[None]:
        """Every worker with what it has: give away what is too much here."""


class Leases:
    def __init__(self, context: Context) -> None:
        self.worker = context.me
        self.is_leaving = False
        self.loads: dict[str, int] = {}
        self._db = context.db
        self._bus = context.bus
        self._clock = context.clock
        self._tasks = context.tasks
        self._work: asyncio.Task[None] | None = None
        self._held: dict[int, Lease] = {}
        self._asked = asyncio.Event()
        self._rounds_with_free = 0
        self._fresh: list[int] = []  # held, and not opened yet
        self._announced: dict[int, int] = {}  # by streamer: the token of a lease seen in the last round

    def token(self, user_id: int) -> int | None:
        """By which this process speaks for the streamer right now; None: it does not."""
        lease = self._held.get(user_id)
        return lease.token if lease and self._clock.monotonic() < lease.until else None

    def is_held(self, user_id: int) -> bool:
        return self.token(user_id) is not None

    @property
    def held(self) -> tuple[int, ...]:
        return tuple(self._held)

    def ask(self) -> None:
        """Somebody is waiting for an owner: look now."""
        self._asked.set()

    async def run(self, owner: Owner) -> None:
        """Hold on to what is held, take what is free, until cancelled."""
        while True:
            try:
                await self.round(owner)
            except (DatabaseError, BusError, OSError, TimeoutError) as error:
                log.warning("leases_not_renewed", error=type(error).__name__)
                await asyncio.sleep(ROUND_SECONDS / 4)
            await self._pause()

    async def round(self, owner: Owner) -> None:
        async with asyncio.timeout(TTL_SECONDS - MARGIN_SECONDS):
            await self._renew(owner)
            await self._remember_on(owner)
            if not self.is_leaving:
                await self._claim()
        await self.say()
        if self._work is None or self._work.done():
            self._work = self._tasks.spawn(self._settle(owner), name="studios opened and given")

    async def say(self) -> None:
        """Put our name on the bus for all that is held."""
        tokens = {user_id: lease.token for user_id, lease in self._held.items() if self.is_held(user_id)}
        await self._bus.hold(self.worker, tokens, TTL_SECONDS)

    def take(self, user_id: int, token: int) -> bool:
        """It was given to us. False: we found it by ourselves before this was said, or have a newer one.

        Until the next round it is held for a short while only; what the database knows of it is read then.
        """
        held = self._held.get(user_id)
        if held and held.token >= token:
            return False
        until = self._clock.monotonic() + TTL_SECONDS - 2 * MARGIN_SECONDS
        self._held[user_id] = Lease(token, until, is_on=False)
        return True

    def drop(self, user_id: int) -> None:
        """From now on nothing is said for the streamer."""
        self._held.pop(user_id, None)

    async def give(self, user_id: int, to: str) -> int | None:
        """To another worker; its token. None: it was lost before."""
        lease = self._held.pop(user_id, None)
        if lease is None:
            return None
        ttl = timedelta(seconds=TTL_SECONDS)
        async with self._db.begin() as uow:
            given = await uow.leases.give(user_id, worker=self.worker, token=lease.token, to=to, ttl=ttl)
        return given.token if given else None

    async def release(self, user_ids: Collection[int], *, is_needed: bool) -> None:
        """`is_needed`: some other worker is to take them."""
        tokens = [(user_id, lease.token) for user_id in user_ids if (lease := self._held.pop(user_id, None))]
        if not tokens:
            return
        async with self._db.begin() as uow:
            await uow.leases.release(self.worker, tokens, is_needed=is_needed)
        try:
            await self._bus.forget_owners([user_id for user_id, _ in tokens])
        except (BusError, OSError) as error:  # our name goes with its time
            log.info("name_not_taken_back", error=type(error).__name__)

    async def leave(self) -> None:
        """Take nobody any more."""
        self.is_leaving = True
        async with self._db.begin() as uow:
            await uow.leases.show_up(self.worker, is_leaving=True)
            self.loads = await uow.leases.loads(timedelta(seconds=TTL_SECONDS))

    async def sign_off(self) -> None:
        async with self._db.begin() as uow:
            await uow.leases.sign_off(self.worker, DEAD_AFTER)

    async def note_on(self, user_id: int, *, is_on: bool) -> None:
        """Whether the LIVE is listened to, kept before it is confirmed to whoever asked for it."""
        lease = self._held.get(user_id)
        if lease and lease.is_on != is_on:
            async with self._db.begin() as uow:
                await uow.leases.set_on(self.worker, [user_id] * is_on, [user_id] * (not is_on))
            _written(lease, is_on=is_on)

    async def _renew(self, owner: Owner) -> None:
        began = self._clock.monotonic()
        writes = {user_id: lease.writes for user_id, lease in self._held.items()}
        ttl = timedelta(seconds=TTL_SECONDS)
        async with self._db.begin() as uow:
            await uow.leases.show_up(self.worker, is_leaving=self.is_leaving)
            rows = {row.user_id: row for row in await uow.leases.renew(self.worker, ttl)}
            self.loads = await uow.leases.loads(ttl)
        until = began + TTL_SECONDS - MARGIN_SECONDS
        for user_id, lease in list(self._held.items()):
            row = rows.pop(user_id, None)
            if row and row.token == lease.token:
                lease.until = until
                if row.is_on != lease.is_on and lease.writes == writes.get(user_id):
                    lease.is_on = row.is_on
                    if not row.is_on:
                        owner.switched_off(user_id)
            elif not self._is_just_given(lease, began):
                del self._held[user_id]
                log.warning("lease_lost", user_id=user_id)
                owner.lost(user_id)
        for user_id, row in rows.items():
            # Whoever gives it is about to say so; if they said nothing for a round, they died before it.
            if self._announced.get(user_id) == row.token:
                self._hold(row, until)
        self._announced = {user_id: row.token for user_id, row in rows.items() if user_id not in self._held}

    def _is_just_given(self, lease: Lease, began: float) -> bool:
        """Taken after this round's question was asked: the answer could not name it."""
        return lease.until > began + TTL_SECONDS - 2 * MARGIN_SECONDS

    async def _remember_on(self, owner: Owner) -> None:
        changed = {
            user_id: is_on
            for user_id, lease in self._held.items()
            if (is_on := owner.is_on(user_id)) is not None and is_on != lease.is_on
        }
        if not changed:
            return
        on = [user_id for user_id, is_on in changed.items() if is_on]
        off = [user_id for user_id, is_on in changed.items() if not is_on]
        async with self._db.begin() as uow:
            await uow.leases.set_on(self.worker, on, off)
        for user_id, is_on in changed.items():
            if lease := self._held.get(user_id):
                _written(lease, is_on=is_on)

    def _hold(self, row: StudioLease, until: float) -> None:
        self._held[row.user_id] = Lease(row.token, until, row.is_on)
        self._fresh.append(row.user_id)

    async def _settle(self, owner: Owner) -> None:
        """What may take longer than a lease lasts; the rounds go on meanwhile."""
        await self._open(owner)
        await owner.surplus(self.loads)

    async def _open(self, owner: Owner) -> None:
        while self._fresh:
            some = [self._fresh.pop() for _ in range(min(OPEN_AT_ONCE, len(self._fresh)))]
            held = {user_id: lease for user_id in some if (lease := self._held.get(user_id))}
            await asyncio.gather(*(owner.gained(user_id, is_on=one.is_on) for user_id, one in held.items()))

    async def _claim(self) -> None:
        async with self._db.read() as uow:
            free = await uow.leases.count_free()
        self._rounds_with_free = self._rounds_with_free + 1 if free else 0
        room = min(CLAIM_AT_ONCE, self._room(free))
        if not free or room <= 0:
            return
        began = self._clock.monotonic()
        async with self._db.begin() as uow:
            rows = await uow.leases.claim(self.worker, room, timedelta(seconds=TTL_SECONDS))
        until = began + TTL_SECONDS - MARGIN_SECONDS
        for row in rows:
            self._hold(row, until)
        if len(rows) == CLAIM_AT_ONCE:
            self._asked.set()

    def _room(self, free: int) -> int:
        """How many more this worker takes: its share of all, and what others leave lying."""
        if self._rounds_with_free > 2:
            return free
        workers = len(self.loads.keys() | {self.worker})
        return share(sum(self.loads.values()) + free, workers) - len(self._held)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                await self._asked.wait()
        except TimeoutError:
            return
        self._asked.clear()


def _written(lease: Lease, *, is_on: bool) -> None:
    """What a round read before this was written is not believed."""
    lease.is_on = is_on
    lease.writes += 1


def share(total: int, workers: int) -> int:
    return math.ceil(total / max(1, workers))
