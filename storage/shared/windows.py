"""Moving windows that several processes count into: exact, by the clock of Redis."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from msgspec import Struct

from storage.shared.reach import Away, Reach

_MICROS = 1_000_000

# A list of times, newest first. Answers: counted or not, how many are, when the oldest was, when now is.
_TAKE = """
local at = redis.call('TIME')
local now = at[1] * 1000000 + at[2]
local limit, expiry = tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
while oldest and oldest <= now - expiry do
  redis.call('RPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], -1))
end
local used = redis.call('LLEN', KEYS[1])
if used >= limit then return {0, used, oldest, now} end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(expiry / 1000))
return {1, used + 1, oldest or now, now}
"""


class Taken(Struct, frozen=True):
    """What came of counting one."""

    is_counted: bool
    used: int
    wait: float  # seconds until the oldest leaves the window
    give_back: Callable[[], Awaitable[None]]


class SharedWindows:
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._take = reach.script(_TAKE)

    async def take(self, key: str, limit: int, expiry: float) -> Taken:
        """Count one if there is room in the last `expiry` seconds. Raises `Away`."""
        length = round(expiry * _MICROS)
        is_counted, used, oldest, now = await self._take(f"limit:{key}", args=(limit, length))
        give_back = partial(self._give_back, key, now)
        return Taken(bool(is_counted), used, (oldest + length - now) / _MICROS, give_back)

    async def _give_back(self, key: str, counted_at: int) -> None:
        with suppress(Away):  # it then leaves the window by itself
            await self._reach.ask(
                lambda redis: redis.lrem(f"{self._reach.prefix}limit:{key}", 1, str(counted_at))
            )
