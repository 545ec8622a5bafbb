"""When a message may go out: Telegram counts for the bot, however many processes it is."""

from collections import OrderedDict
from contextlib import suppress
from typing import Protocol

from core.clock import Clock
from storage.shared.pace import LastOne, SharedBucket
from storage.shared.reach import Away, Reach

ALL_PER_SECOND = 25
CHAT_SECONDS = 1.0
CHAT_BURST = 5  # answers to somebody who presses quickly
MAX_CHATS = 10_000
OTHER_CHATS_SECONDS = 5.0  # two chats refused within this: it is the bot that is too fast


class Turns(Protocol):
    async def of_chat(self, chat_id: int) -> float:
        """Seconds until the turn of that chat that is taken."""

    async def of_all(self) -> float:
        """Seconds until the turn among all chats that is taken."""

    async def hold(self, chat_id: int, seconds: float) -> None:
        """Telegram said for this chat: not before."""


def turns(clock: Clock, reach: Reach | None) -> Turns:
    own = OwnTurns(clock)
    return SharedTurns(reach, own) if reach else own


class Bucket:
    """One turn each `interval` seconds, `burst` of them at once after a rest."""

    def __init__(self, interval: float, burst: int) -> None:
        self._interval = interval
        self._slack = interval * (burst - 1)
        self._full_at = 0.0

    def take(self, now: float) -> float:
        """Seconds until the turn that is taken."""
        due = max(self._full_at, now)
        self._full_at = due + self._interval
        return max(0.0, due - self._slack - now)

    def has_turn(self, now: float) -> bool:
        """Take a turn if there is one now."""
        if self._full_at - self._slack > now:
            return False
        self._full_at = max(self._full_at, now) + self._interval
        return True

    def hold(self, until: float) -> None:
        """No turn before."""
        self._full_at = max(self._full_at, until + self._slack)


class OwnTurns:
    """Of one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all = Bucket(1 / ALL_PER_SECOND, ALL_PER_SECOND)
        self._chats: OrderedDict[int, Bucket] = OrderedDict()
        self._refused: tuple[int, float] | None = None  # chat, when

    async def of_chat(self, chat_id: int) -> float:
        return self._chat(chat_id).take(self._clock.monotonic())

    async def of_all(self) -> float:
        return self._all.take(self._clock.monotonic())

    async def hold(self, chat_id: int, seconds: float) -> None:
        now = self._clock.monotonic()
        self._chat(chat_id).hold(now + seconds)
        earlier = self._refused
        if earlier and earlier[0] != chat_id and now - earlier[1] < OTHER_CHATS_SECONDS:
            self._all.hold(now + seconds)
        self._refused = (chat_id, now)

    def _chat(self, chat_id: int) -> Bucket:
        bucket = self._chats.setdefault(chat_id, Bucket(CHAT_SECONDS, CHAT_BURST))
        self._chats.move_to_end(chat_id)
        if len(self._chats) > MAX_CHATS:
            self._chats.popitem(last=False)
        return bucket


class SharedTurns:
    """Of all processes. While they are out of reach this one paces itself; Telegram says what is too much."""

    def __init__(self, reach: Reach, own: Turns) -> None:
        self._own = own
        self._all = SharedBucket(reach, "pace:all", 1 / ALL_PER_SECOND, ALL_PER_SECOND)
        self._chats = SharedBucket(reach, "pace:chat", CHAT_SECONDS, CHAT_BURST)
        self._refused = LastOne(reach, "pace:refused", OTHER_CHATS_SECONDS)

    async def of_chat(self, chat_id: int) -> float:
        try:
            return await self._chats.take(str(chat_id))
        except Away:
            return await self._own.of_chat(chat_id)

    async def of_all(self) -> float:
        try:
            return await self._all.take("bot")
        except Away:
            return await self._own.of_all()

    async def hold(self, chat_id: int, seconds: float) -> None:
        await self._own.hold(chat_id, seconds)
        with suppress(Away):
            await self._chats.hold(str(chat_id), seconds)
            if await self._refused.replace(str(chat_id)) not in (None, str(chat_id)):
                await self._all.hold("bot", seconds)
