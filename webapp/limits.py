"""How often somebody may do something (contract section 5): exact moving windows."""

import hashlib
import math
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits import RateLimitItem, parse
from limits.aio.storage import MovingWindowSupport, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from msgspec import Struct

from core.clock import Clock
from core.config import Limits
from core.errors import RateLimited

MAX_KEYS = 100_000


class Quota(Struct, frozen=True):
    limit: int
    remaining: int
    reset: int  # whole seconds until the next one is free again


class Limiter:
    """Rates by their name in `limits.*` of the configuration."""

    def __init__(self, rates: Limits, clock: Clock, storage: Storage | None = None) -> None:
        self._items = {name: parse(rate) for name, rate in rates.model_dump().items()}
        self._clock = clock
        self._held: Counter[str] = Counter()
        self._windows = MovingWindowRateLimiter(storage or MemoryWindows(clock))

    async def take(self, rate: str, *who: str) -> Quota:
        """Count one; raises `RateLimited` instead where there is none left."""
        item, key = self._items[rate], _key(rate, who)
        allowed = await self._windows.hit(item, key)
        quota = await self._quota(item, key)
        if not allowed:
            raise Limited(quota)
        return quota

    @asynccontextmanager
    async def hold(self, rate: str, *who: str) -> AsyncIterator[None]:
        """Raises `RateLimited` where none is left; the one held counts for others until the block ends."""
        item, key = self._items[rate], _key(rate, who)
        quota = await self._quota(item, key)
        if quota.remaining <= self._held[key]:
            raise Limited(quota)
        self._held[key] += 1
        try:
            yield
        finally:
            self._held[key] -= 1
            if not self._held[key]:
                del self._held[key]

    async def count(self, rate: str, *who: str) -> None:
        """Count one, whether or not there is one left."""
        await self._windows.hit(self._items[rate], _key(rate, who))

    async def _quota(self, item: RateLimitItem, key: str) -> Quota:
        reset_at, remaining = await self._windows.get_window_stats(item, key)
        seconds = max(1, math.ceil(reset_at - self._clock.now().timestamp()))
        return Quota(item.amount, max(0, remaining), seconds)


class Limited(RateLimited):
    """Carries the quota to the answer's headers."""

    def __init__(self, quota: Quota) -> None:
        super().__init__(retry_after=quota.reset)
        self.quota = quota


def _key(rate: str, who: tuple[str, ...]) -> str:
    """Short however long a claimed name is, and no name is kept."""
    claimed = "\0".join(who).encode(errors="replace")
    return f"{rate}:{hashlib.blake2b(claimed, digest_size=16).hexdigest()}"


class MemoryWindows(Storage, MovingWindowSupport):
    """Times of what was counted. Bounded: beyond `MAX_KEYS` the key that was quiet longest is forgotten.

    The library's own memory store sweeps all keys in a task at every hit.
    """

    STORAGE_SCHEME = None

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    async def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        times = self._current(key, expiry)
        if len(times) + amount > limit:
            return False
        times.extend([self._now()] * amount)
        self._times[key] = times
        self._times.move_to_end(key)
        if len(self._times) > MAX_KEYS:
            self._times.popitem(last=False)
        return True

    async def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:  # noqa: ARG002 - the library's signature
        times = self._current(key, expiry)
        return (times[0] if times else self._now()), len(times)

    def _current(self, key: str, expiry: int) -> deque[float]:
        times = self._times.get(key) or deque()
        oldest = self._now() - expiry
        while times and times[0] <= oldest:
            times.popleft()
        return times

    def _now(self) -> float:
        return self._clock.now().timestamp()

    @property
    def base_exceptions(self) -> type[Exception]:
        return OSError

    async def clear(self, key: str) -> None:
        self._times.pop(key, None)

    async def reset(self) -> int:
        forgotten = len(self._times)
        self._times.clear()
        return forgotten

    async def check(self) -> bool:
        return True

    async def get(self, key: str) -> int:
        return len(self._times.get(key, ()))

    async def get_expiry(self, key: str) -> float:
        times = self._times.get(key)
        return times[-1] if times else self._now()

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        times = self._current(key, expiry)
        times.extend([self._now()] * amount)
        self._times[key] = times
        return len(times)
