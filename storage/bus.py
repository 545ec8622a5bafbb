"""Between processes: what is said for a streamer, by whom alone, and what was said lately.

Redis carries it and keeps little: who speaks for whom, for seconds; what sockets may miss, for minutes.
After it was restarted empty, owners write their names again and go on.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from typing import Any, cast

import structlog
from msgspec import Struct
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

BusError = RedisError
"""What everything here may raise; `core` catches it by this name."""

PREFIX = "ttboost:bus:"
SAID_MAX = 2000  # messages of one streamer that are kept, about
SAID_SECONDS = 660
FENCE_SECONDS = 86_400
POLL_SECONDS = 5.0
RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)

# One round trip for everything that was said in one turn of the loop. What comes from somebody who was
# replaced since is refused here, where no pause can come between the question and the saying.
_SPEAK = """
local prefix, i, out = ARGV[1], 5, {}
while i <= #ARGV do
  local user, token, channel, payload = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local count = tonumber(ARGV[i + 4])
  i = i + 5
  local key = prefix .. 'fence:' .. user
  local fence = redis.call('GET', key)
  if fence and tonumber(fence) > tonumber(token) then
    out[#out + 1] = -1
  else
    if not fence or tonumber(fence) < tonumber(token) then redis.call('SET', key, token, 'EX', ARGV[4]) end
    out[#out + 1] = channel ~= '' and redis.call('PUBLISH', prefix .. channel, payload) or 0
    local said = prefix .. 'said:' .. user
    for k = 0, count - 1 do redis.call('XADD', said, 'MAXLEN', '~', ARGV[2], '*', 'd', ARGV[i + k]) end
    if count > 0 then redis.call('EXPIRE', said, ARGV[3]) end
  end
  i = i + count
end
return out
"""

_HOLD = """
local prefix = ARGV[1]
for i = 4, #ARGV, 3 do
  local key = prefix .. 'fence:' .. ARGV[i]
  local fence = redis.call('GET', key)
  if not fence or tonumber(fence) <= tonumber(ARGV[i + 2]) then
    redis.call('SET', key, ARGV[i + 2], 'EX', ARGV[3])
    redis.call('SET', prefix .. 'owner:' .. ARGV[i], ARGV[i + 1] .. ' ' .. ARGV[i + 2], 'PX', ARGV[2])
  end
end
"""

REFUSED = -1


class Words(Struct, frozen=True):
    """What one process says for one streamer to one other process, and what of it is to be remembered."""

    user_id: int
    token: int  # of the lease it is said by
    channel: str  # empty: nobody listens, it is only remembered
    payload: bytes
    kept: Sequence[bytes] = ()


class Owner(Struct, frozen=True):
    worker: str
    token: int


class Kept(Struct, frozen=True):
    age: float  # seconds
    data: bytes


class Bus:
    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._speak = redis.register_script(_SPEAK)
        self._hold = redis.register_script(_HOLD)

    # Saying

    async def speak(self, words: Sequence[Words]) -> list[int]:
        """How many processes heard each; `REFUSED` where another owner has come since."""
        args: list[Any] = [PREFIX, SAID_MAX, SAID_SECONDS, FENCE_SECONDS]
        for one in words:
            args += (one.user_id, one.token, one.channel, one.payload, len(one.kept), *one.kept)
        return cast("list[int]", await self._speak(args=args))

    async def publish(self, channel: str, payload: bytes) -> int:
        """How many heard it. For what needs no lease."""
        return cast("int", await self._redis.publish(PREFIX + channel, payload))

    async def listen(
        self,
        channel: str,
        on_message: Callable[[bytes], None],
        on_connected: Callable[[], None],
    ) -> None:
        """Until cancelled. `on_connected`: from now on nothing is missed; before, anything may have been."""
        failures = 0
        while True:
            try:
                async for message in self._messages(channel):
                    failures = 0
                    if message["type"] == "subscribe":
                        on_connected()
                    elif message["type"] == "message":
                        on_message(message["data"])
            except (BusError, OSError) as error:
                pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                log.warning("bus_lost", channel=channel.partition(":")[0], error=type(error).__name__)
                failures += 1
                await asyncio.sleep(pause)

    async def _messages(self, channel: str) -> AsyncIterator[dict[str, Any]]:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(PREFIX + channel)
            while True:
                if message := await pubsub.get_message(timeout=POLL_SECONDS):
                    yield message

    # Owning

    async def hold(self, worker: str, tokens: Mapping[int, int], ttl: float) -> None:
        """Say who speaks for whom, for `ttl` seconds: by account its token. A newer owner's word stands."""
        if tokens:
            args: list[Any] = [PREFIX, round(ttl * 1000), FENCE_SECONDS]
            for user_id, token in tokens.items():
                args += (user_id, worker, token)
            await self._hold(args=args)

    async def owners(self, user_ids: Collection[int]) -> dict[int, Owner]:
        """Who speaks for each, as far as anybody does."""
        ordered = list(user_ids)
        if not ordered:
            return {}
        found = await self._redis.mget([f"{PREFIX}owner:{user_id}" for user_id in ordered])
        named = zip(ordered, map(_owner, found), strict=True)
        return {user_id: owner for user_id, owner in named if owner}

    async def forget_owners(self, user_ids: Collection[int]) -> None:
        """Nobody speaks for them now."""
        if user_ids:
            await self._redis.delete(*(f"{PREFIX}owner:{user_id}" for user_id in user_ids))

    # Remembering

    async def said(self, user_id: int) -> list[Kept]:
        """What was kept for this streamer lately, oldest first."""
        rows = await self._redis.xrange(f"{PREFIX}said:{user_id}")
        if not rows:
            return []
        seconds, micros = await self._redis.time()
        now = seconds * 1000 + micros // 1000
        return [
            Kept(max(0, now - int(id_.split(b"-")[0])) / 1000, fields.get(b"d", b"")) for id_, fields in rows
        ]

    async def put(self, name: str, data: bytes, ttl: float) -> None:
        """Keep a value for `ttl` seconds."""
        await self._redis.set(PREFIX + name, data, px=round(ttl * 1000))

    async def put_many(self, values: Mapping[str, bytes], ttl: float) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            for name, data in values.items():
                pipe.set(PREFIX + name, data, px=round(ttl * 1000))
            await pipe.execute()

    async def get(self, name: str) -> bytes | None:
        return cast("bytes | None", await self._redis.get(PREFIX + name))

    async def take(self, name: str) -> bytes | None:
        """Get it and have it gone: of two who ask, one gets it."""
        return cast("bytes | None", await self._redis.getdel(PREFIX + name))


def _owner(raw: bytes | None) -> Owner | None:
    """None: nobody, or nothing that was put there by one of us."""
    worker, _, token = (raw or b"").decode(errors="replace").rpartition(" ")
    return Owner(worker, int(token)) if re.fullmatch(r"[0-9]{1,18}", token) else None
