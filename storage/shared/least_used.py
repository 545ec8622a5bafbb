"""Which of several was used least lately, by all processes together; what is picked counts as used."""

from collections.abc import Sequence

from storage.shared.reach import Reach

_PICK = """
local at = redis.call('TIME')
local now = at[1] * 1000000 + at[2]
local window = tonumber(ARGV[1])
local best, fewest
for i, key in ipairs(KEYS) do
  local oldest = tonumber(redis.call('LINDEX', key, -1))
  while oldest and oldest <= now - window do
    redis.call('RPOP', key)
    oldest = tonumber(redis.call('LINDEX', key, -1))
  end
  local used = redis.call('LLEN', key)
  if not fewest or used < fewest then best, fewest = i, used end
end
redis.call('LPUSH', KEYS[best], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[best], math.ceil(window / 1000))
return {best - 1}
"""


class LeastUsed:
    def __init__(self, reach: Reach, kind: str, seconds: float) -> None:
        """`seconds`: how long a use counts."""
        self._kind = kind
        self._window = round(seconds * 1_000_000)
        self._pick = reach.script(_PICK)

    async def pick(self, names: Sequence[str]) -> int:
        """Its place in `names`; of equals the first. Raises `Away`."""
        (picked,) = await self._pick(*[f"{self._kind}:{name}" for name in names], args=(self._window,))
        return int(picked)
