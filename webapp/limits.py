"""How often somebody may do something (contract section 5): exact moving windows."""

import hashlib
import math
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Protocol

from limits import parse
from msgspec import Struct

from core.clock import Clock
from core.config import Limits
from core.errors import RateLimited
from storage.shared.reach import Away, Reach
from storage.shared.windows import SharedWindows, Taken

MAX_KEYS = 100_000


class Quota(Struct, frozen=True):
    limit: int
    remaining: int
    reset: int  # whole seconds until the next one is free again


class Windows(Protocol):
    async def take(self, key: str, limit: int, expiry: float) -> Taken:
        """Count one if there is room in the last `expiry` seconds."""


class Held:
    """One that counts for now."""

    is_kept = False

    def keep(self) -> None:
        """It counts for good."""
        self.is_kept = True


class Limiter:
    """Rates by their name in `limits.*` of the configuration."""

    def __init__(self, rates: Limits, clock: Clock, reach: Reach | None = None) -> None:
        """`reach`: to where all processes count together, while it lasts."""
        self._items = {name: parse(rate) for name, rate in rates.model_dump().items()}
        own = MemoryWindows(clock)
        self._windows: Windows = FarWindows(SharedWindows(reach), own) if reach else own

    async def take(self, rate: str, *who: str) -> Quota:
        """Count one; raises `RateLimited` instead where there is none left."""
        _, quota = await self._take(rate, who)
        return quota

    @asynccontextmanager
    async def hold(self, rate: str, *who: str) -> AsyncIterator[Held]:
        """Raises `RateLimited` where none is left; what is not kept is given back when the block ends."""
        taken, _ = await self._take(rate, who)
        held = Held()
        try:
            yield held
        finally:
            if not held.is_kept:
                await taken.give_back()

    async def _take(self, rate: str, who: tuple[str, ...]) -> tuple[Taken, Quota]:
        item = self._items[rate]
        taken = await self._windows.take(item.key_for(_key(rate, who)), item.amount, item.get_expiry())
        quota = Quota(item.amount, max(0, item.amount - taken.used), max(1, math.ceil(taken.wait)))
        if not taken.is_counted:
            raise Limited(quota)
        return taken, quota


class Limited(RateLimited):
    """Carries the quota to the answer's headers."""

    def __init__(self, quota: Quota) -> None:
        super().__init__(retry_after=quota.reset)
        self.quota = quota


def _key(rate: str, who: tuple[str, ...]) -> str:
    """Short however long a claimed name is, and no name is kept."""
    claimed = "\0".join(who).encode(errors="replace")
    return f"{rate}:{hashlib.blake2b(claimed, digest_size=16).hexdigest()}"


class FarWindows:
    """Those of all processes; while they are out of reach this process counts for itself."""

    def __init__(self, shared: SharedWindows, own: Windows) -> None:
        self._shared = shared
        self._own = own

    async def take(self, key: str, limit: int, expiry: float) -> Taken:
        try:
            return await self._shared.take(key, limit, expiry)
        except Away:
            return await self._own.take(key, limit, expiry)


class MemoryWindows:
    """Times of what was counted. Bounded: beyond `MAX_KEYS` the key that was quiet longest is forgotten."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._times)

    async def take(self, key: str, limit: int, expiry: float) -> Taken:
        now = self._clock.now().timestamp()
        times = self._times.get(key) or deque()
        while times and times[0] <= now - expiry:
            times.popleft()
        is_counted = len(times) < limit
        if is_counted:
            times.append(now)
            self._keep(key, times)
        return Taken(is_counted, len(times), times[0] + expiry - now, partial(_give_back, times, now))

    def _keep(self, key: str, times: deque[float]) -> None:
        self._times[key] = times
        self._times.move_to_end(key)
        if len(self._times) > MAX_KEYS:
            self._times.popitem(last=False)


async def _give_back(times: deque[float], counted_at: float) -> None:
    with suppress(ValueError):
        times.remove(counted_at)
