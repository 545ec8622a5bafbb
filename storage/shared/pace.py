"""Turns of all processes together: evenly, some at once after a rest, none while one was told to wait."""

from math import ceil

from storage.shared.reach import Reach

_MICROS = 1_000_000

# A key holds when its bucket is full again; a turn comes `slack` before that. Answers how long until it.
_TAKE = """
local at = redis.call('TIME')
local now = at[1] * 1000000 + at[2]
local interval, slack = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now)
redis.call('SET', KEYS[1], string.format('%.0f', due + interval),
  'PX', math.ceil((due + interval - now) / 1000) + 1000)
return {math.max(0, due - slack - now)}
"""

_HOLD = """
local at = redis.call('TIME')
local now = at[1] * 1000000 + at[2]
local full = math.max(tonumber(redis.call('GET', KEYS[1])) or 0, now + tonumber(ARGV[1]))
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1000)
return {}
"""


class SharedBucket:
    """One turn each `interval` seconds, `burst` of them at once after a rest."""

    def __init__(self, reach: Reach, kind: str, interval: float, burst: int) -> None:
        self._kind = kind
        self._interval = round(interval * _MICROS)
        self._slack = self._interval * (burst - 1)
        self._take = reach.script(_TAKE)
        self._hold = reach.script(_HOLD)

    async def take(self, name: str) -> float:
        """Seconds until the turn that is taken. Raises `Away`."""
        (wait,) = await self._take(f"{self._kind}:{name}", args=(self._interval, self._slack))
        return int(wait) / _MICROS

    async def hold(self, name: str, seconds: float) -> None:
        """No turn before. Raises `Away`."""
        await self._hold(f"{self._kind}:{name}", args=(ceil(seconds * _MICROS) + self._slack,))


class LastOne:
    """Who something happened to last, for a while."""

    def __init__(self, reach: Reach, kind: str, seconds: float) -> None:
        self._reach = reach
        self._key = f"{reach.prefix}{kind}"
        self._millis = round(seconds * 1000)

    async def replace(self, name: str) -> str | None:
        """Who it was before, if that is not too long ago. Raises `Away`."""
        before = await self._reach.ask(lambda redis: redis.set(self._key, name, px=self._millis, get=True))
        return before.decode() if before is not None else None
