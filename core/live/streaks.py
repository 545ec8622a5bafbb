"""Streaks as increments: heard at once, counted exactly once.

TikTok tells a running count, which may skip, repeat or be lost, then closes the
streak, which may be lost too. What is told here for one streak adds up to the
highest count seen.
"""

from collections import OrderedDict

from msgspec import Struct

from core.live.events import GiftSent
from core.live.recent import Recent

Key = tuple[int | str, int, int, int]

STREAK_TIMEOUT = 6.0
MAX_OPEN = 4_000  # streaks running at once; beyond them the quietest are taken for ended
REMEMBERED = 2_000  # ended streaks whose late messages are still told from new ones


class Increment(Struct, gc=False):
    """What one gift message adds. `streak_id` is empty for a gift outside a streak."""

    streak_id: str
    added: int
    total: int
    over: bool
    is_first: bool


class Expired(Struct):
    """A streak whose closing message never came."""

    streak_id: str
    gift: GiftSent  # its last message
    total: int


class _Streak(Struct, gc=False):
    number: int  # 0 where TikTok names the streak
    told: int
    gift: GiftSent
    last_at: float


class CarriedStreaks(Struct, frozen=True):
    """All that is known, for a process that goes on."""

    running: list[tuple[int, int, GiftSent, float]]  # number, told, last message, its age in seconds
    ended: dict[str, tuple[int, int]]
    nameless: int


def _key(gift: GiftSent) -> Key:
    viewer = gift.viewer
    return viewer.user_id or viewer.unique_id, gift.gift_id, gift.group_id, gift.receiver_id


class StreakTracker:
    """The streaks of one LIVE. `now` is monotonic seconds."""

    def __init__(self, timeout: float = STREAK_TIMEOUT) -> None:
        self._timeout = timeout
        self._open: OrderedDict[Key, _Streak] = OrderedDict()  # the longest without an increment first
        # By name: its number and what was told. A name takes a third of the memory of a key, and these stay.
        self._ended: Recent[str, tuple[int, int]] = Recent(REMEMBERED)
        self._nameless = 0

    def take(self, gift: GiftSent, now: float) -> Increment | None:
        """What this message adds; None: nothing that was not told before."""
        if not gift.streakable:
            return Increment("", gift.repeat_count, gift.repeat_count, over=True, is_first=True)
        key = _key(gift)
        if (streak := self._open.get(key)) is not None:
            return self._go_on(key, streak, gift, now)
        if (ended := self._ended.get(_name(key))) is None or _is_another(gift, ended[1]):
            return self._begin(key, gift, now)
        if gift.repeat_count <= ended[1]:
            return None
        self._ended.pop(_name(key))
        self._open[key] = streak = _Streak(*ended, gift, now)
        return self._go_on(key, streak, gift, now)

    def recall(self, name: str, told: int) -> None:
        """Another process has told so much of this streak; only what is beyond it is new."""
        known = self._ended.get(name)
        self._ended.put(name, (0, max(told, known[1] if known else 0)))

    def expired(self, now: float) -> list[Expired]:
        """Streaks that are over by time alone. To be asked a few times a second."""
        over: list[Expired] = []
        latest = now - self._timeout
        while self._open and (
            len(self._open) > MAX_OPEN or next(iter(self._open.values())).last_at <= latest
        ):
            over.append(self._expire(next(iter(self._open))))
        return over

    def flush(self) -> list[Expired]:
        """All that still run: the LIVE is over."""
        return [self._expire(key) for key in list(self._open)]

    def carry(self, now: float) -> CarriedStreaks:
        running = [(one.number, one.told, one.gift, now - one.last_at) for one in self._open.values()]
        return CarriedStreaks(running, self._ended.items(), self._nameless)

    def resume(self, carried: CarriedStreaks, now: float) -> None:
        self._nameless = carried.nameless
        for name, told in carried.ended.items():
            self._ended.put(name, told)
        for number, told_so_far, gift, age in carried.running:
            self._open[_key(gift)] = _Streak(number, told_so_far, gift, now - age)

    def _begin(self, key: Key, gift: GiftSent, now: float) -> Increment:
        """The first count seen counts whole: we may have come in the middle of the streak."""
        count = gift.repeat_count
        if not gift.group_id:
            self._nameless += 1
        streak = _Streak(0 if gift.group_id else self._nameless, count, gift, now)
        if gift.repeat_end:
            self._end(key, streak)
        else:
            self._open[key] = streak
        return Increment(_id(key, streak), count, count, gift.repeat_end, is_first=True)

    def _go_on(self, key: Key, streak: _Streak, gift: GiftSent, now: float) -> Increment | None:
        added = max(0, gift.repeat_count - streak.told)
        streak.told += added
        streak.gift = gift
        if gift.repeat_end:
            del self._open[key]
            self._end(key, streak)
        elif added:
            streak.last_at = now
            self._open.move_to_end(key)
        else:
            return None
        return Increment(_id(key, streak), added, streak.told, gift.repeat_end, is_first=False)

    def _expire(self, key: Key) -> Expired:
        streak = self._open.pop(key)
        self._end(key, streak)
        return Expired(_id(key, streak), streak.gift, streak.told)

    def _end(self, key: Key, streak: _Streak) -> None:
        self._ended.put(_name(key), (streak.number, streak.told))


def _name(key: Key) -> str:
    viewer, gift_id, group_id, receiver_id = key
    return f"{viewer}-{gift_id}-{group_id}" + (f"-{receiver_id}" if receiver_id else "")


def _id(key: Key, streak: _Streak) -> str:
    viewer, gift_id, _, _ = key
    return f"{viewer}-{gift_id}-n{streak.number}" if streak.number else _name(key)


def _is_another(gift: GiftSent, told: int) -> bool:
    """Without a group id, a count that starts over after an end is the viewer's next streak."""
    return not gift.group_id and not gift.repeat_end and gift.repeat_count <= told
