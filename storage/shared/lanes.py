"""One after the other, in the order in which they came, whichever process they came to."""

import asyncio
import secrets
from contextlib import suppress

import structlog

from storage.shared.reach import Away, Reach, Script

log = structlog.get_logger(__name__)

ALIVE_SECONDS = 10.0  # somebody of a process that died stands in the way for so long
REFRESH_SECONDS = 3.0
ASK_SECONDS = 0.05
WAIT_SECONDS = 120.0
_LASTS = round(ALIVE_SECONDS * 1000), 600_000  # milliseconds: one's place, a lane

# A list of who came, the first one's turn it is; each has a key that lives while its process does.
_ASK = """
local alive, me = KEYS[2], ARGV[1]
if not redis.call('LPOS', KEYS[1], me) then redis.call('RPUSH', KEYS[1], me) end
redis.call('SET', alive .. me, 1, 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local first = redis.call('LINDEX', KEYS[1], 0)
while first ~= me and redis.call('EXISTS', alive .. first) == 0 do
  redis.call('LPOP', KEYS[1])
  first = redis.call('LINDEX', KEYS[1], 0)
end
return {first == me and 1 or 0}
"""

_LEAVE = """
redis.call('LREM', KEYS[1], 1, ARGV[1])
redis.call('DEL', KEYS[2] .. ARGV[1])
return {}
"""


_STAY = """
redis.call('PEXPIRE', KEYS[2] .. ARGV[1], ARGV[2])
return {}
"""


class Lanes:
    def __init__(self, reach: Reach, kind: str) -> None:
        self._kind = kind
        self._ask = reach.script(_ASK)
        self._stay = reach.script(_STAY)
        self._leave = reach.script(_LEAVE)

    def lane(self, name: str) -> "Lane":
        return Lane(f"{self._kind}:{name}", self._ask, self._stay, self._leave)


class Lane:
    """One place in one lane. Without Redis there is no waiting for other processes."""

    def __init__(self, name: str, ask: Script, stay: Script, leave: Script) -> None:
        self._keys = name, f"{name}:"
        self._me = secrets.token_hex(8)
        self._ask = ask
        self._stay = stay
        self._leave = leave

    async def enter(self) -> None:
        """Until it is our turn."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not await self._is_first():  # noqa: ASYNC110 - it happens in another process
                    await asyncio.sleep(ASK_SECONDS)
        except TimeoutError:
            log.warning("lane_not_free")

    async def stay(self) -> None:
        """Say that we are still there; until cancelled."""
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            with suppress(Away):
                await self._stay(*self._keys, args=(self._me, _LASTS[0]))

    async def leave(self) -> None:
        with suppress(Away):  # then it is free a little later
            await self._leave(*self._keys, args=(self._me,))

    async def _is_first(self) -> bool:
        try:
            (first,) = await self._ask(*self._keys, args=(self._me, *_LASTS))
        except Away:
            return True
        return bool(first)
