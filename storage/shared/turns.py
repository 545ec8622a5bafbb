"""At most so many turns in a window, of all processes together: first come first served, some before others.

Each process keeps its own line and says what its first one waits for. Who has waited longest gets the next
turn. What a process did while Redis was away, or before it was restarted empty, is told afterwards.
"""

from collections.abc import Sequence

from msgspec import Struct

from storage.shared.reach import Reach

FRESH_SECONDS = 3.0  # somebody whose process has said nothing for so long is passed over
LIVE_SECONDS = 15.0  # a process that has said nothing for so long is none
_MICROS = 1_000_000

# Keys: turns taken (whose and which, when), the first one of each process (whose, its place), processes
# (whose, last heard of), until when nobody may, how many wait (whose, urgent ones and others).
_ASK = """
local at = redis.call('TIME')
local now = at[1] * 1000000 + at[2]
local me, place, number, urgent, rest = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local limit, window, gap, hold = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local fresh, live = tonumber(ARGV[10]), tonumber(ARGV[11])
local taken, firsts, processes, held_key, waiting = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

local is_known = redis.call('ZSCORE', processes, me) and 1 or 0
redis.call('ZADD', processes, now, me)
redis.call('ZREMRANGEBYSCORE', processes, '-inf', now - live)
for i = 12, #ARGV, 2 do
  redis.call('ZADD', taken, string.format('%.0f', now - ARGV[i + 1]), me .. ':' .. ARGV[i])
end
redis.call('ZREMRANGEBYSCORE', taken, '-inf', now - window)

local held = tonumber(redis.call('GET', held_key)) or 0
if hold > 0 and now + hold > held then
  held = now + hold
  redis.call('SET', held_key, string.format('%.0f', held), 'PX', math.ceil(hold / 1000) + 1000)
end

if place == '' then
  redis.call('ZREM', firsts, me)
  redis.call('HDEL', waiting, me)
else
  redis.call('ZADD', firsts, place, me)
  redis.call('HSET', waiting, me, urgent .. ' ' .. rest)
end
local first = redis.call('ZRANGE', firsts, 0, 0)[1]
while first and first ~= me and (tonumber(redis.call('ZSCORE', processes, first)) or 0) < now - fresh do
  redis.call('ZREM', firsts, first)
  first = redis.call('ZRANGE', firsts, 0, 0)[1]
end

local newest = redis.call('ZRANGE', taken, -limit, -1, 'WITHSCORES')
local free = held
if #newest > 0 then free = math.max(free, newest[#newest] + gap) end
if #newest == 2 * limit then free = math.max(free, newest[2] + window) end
local is_granted = 0
if place ~= '' and is_known == 1 and first == me and free <= now then
  is_granted = 1
  redis.call('ZADD', taken, string.format('%.0f', now), me .. ':' .. number)
  newest = redis.call('ZRANGE', taken, -limit, -1, 'WITHSCORES')
end

local others, name = {0, 0}, nil
for i, found in ipairs(redis.call('HGETALL', waiting)) do
  if i % 2 == 1 then
    name = found
  elseif not redis.call('ZSCORE', processes, name) then
    redis.call('HDEL', waiting, name)
  elseif name ~= me then
    local one, two = string.match(found, '(%d+) (%d+)')
    others = {others[1] + one, others[2] + two}
  end
end
for _, key in ipairs({taken, firsts, processes, waiting}) do
  redis.call('PEXPIRE', key, math.ceil((window + live) / 1000))
end
local count = redis.call('ZCARD', processes)
local answer = {is_granted, is_known, free - now, held - now, count, others[1], others[2]}
for i = 2, #newest, 2 do answer[#answer + 1] = now - newest[i] end
return answer
"""


class Line(Struct, frozen=True):
    """How many turns there are."""

    name: str
    limit: int
    window: float
    gap: float


class Want(Struct, frozen=True):
    """What one process says of its own line."""

    number: int  # of the turn it would get
    place: float | None  # of its first one: the lowest of all gets the next turn. None: nobody waits
    urgent: int = 0  # how many wait
    rest: int = 0
    hold: float = 0.0  # seconds in which nobody may
    done: Sequence[tuple[int, float]] = ()  # turns taken without asking: number, seconds ago


class Answer(Struct, frozen=True):
    is_granted: bool
    is_known: bool  # False: this process is new here, and what it did before is not counted yet
    free_in: float  # seconds until the next turn of anybody
    held: float  # seconds in which nobody may
    processes: int
    urgent: int  # how many wait in others
    rest: int
    ages: list[float]  # of the turns in the window, the oldest first


class SharedTurns:
    def __init__(self, reach: Reach, line: Line, me: str) -> None:
        """`me`: the name of this process."""
        self._ask = reach.script(_ASK)
        self._me = me
        parts = ("taken", "firsts", "processes", "held", "waiting")
        self._keys = [f"turns:{line.name}:{part}" for part in parts]
        self._line = (line.limit, _micros(line.window), _micros(line.gap))

    async def ask(self, want: Want) -> Answer:
        """Raises `Away`: it may have been granted, and counts if it was."""
        place = "" if want.place is None else f"{want.place:.0f}"
        done = [value for number, age in want.done for value in (number, _micros(age))]
        mine = (self._me, place, want.number, want.urgent, want.rest)
        lasts = (_micros(FRESH_SECONDS), _micros(LIVE_SECONDS))
        found = await self._ask(*self._keys, args=(*mine, *self._line, _micros(want.hold), *lasts, *done))
        is_granted, is_known, free_in, held, processes, urgent, rest, *ages = found
        return Answer(
            is_granted=bool(is_granted),
            is_known=bool(is_known),
            free_in=max(0.0, free_in / _MICROS),
            held=max(0.0, held / _MICROS),
            processes=processes,
            urgent=urgent,
            rest=rest,
            ages=[age / _MICROS for age in ages],
        )


def _micros(seconds: float) -> int:
    return round(seconds * _MICROS)
