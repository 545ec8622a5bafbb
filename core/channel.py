"""Fan-out of one streamer: numbers messages, remembers the recent ones, offers them to listeners.

Nobody who listens can slow the publisher down: each has a bounded queue of its
own and is dismissed when it falls behind.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from core.clock import Clock, iso
from core.messages import MARK, StreamMessage, encode, silenced, silenced_text

MAX_BEHIND = 1000  # messages; contract 4
MAX_OVERLAYS = 5
MAX_MONITORS = 5
RESERVE = 60  # numbers taken from the database at a time; about that many a kill -9 leaves out
SHORT_LIFE = 90.0  # seconds a chat line is worth replaying
LONG_LIFE = 600.0  # a gift lives longer
MAX_REMEMBERED = 2000  # messages of each life


class Place(StrEnum):
    PLAYER = "player"
    OVERLAY = "overlay"
    MONITOR = "monitor"


class Close:
    """WebSocket close codes of contract 4."""

    GOING_AWAY = 1001
    USERNAME_NOT_SET = 4400
    INVALID_TOKEN = 4401
    LICENSE = 4403
    REPLACED = 4409
    TOO_SLOW = 4413
    RATE = 4429


class Dismissed(Exception):
    """The channel let this listener go; `code` says why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Listener:
    """One socket's end. `base_url` is the address this socket sees media under."""

    def __init__(
        self,
        place: Place,
        base_url: str,
        *,
        token_version: int | None = None,
        secret_version: int | None = None,
    ) -> None:
        self.place = place
        self.base_url = base_url
        self.token_version = token_version  # came with a token of that version
        self.secret_version = secret_version  # came with a page's secret of that version
        self._pending: deque[str] = deque()
        self._wake = asyncio.Event()
        self._code: int | None = None

    async def get(self) -> str:
        """The next text to send. Raises `Dismissed` once there is a reason to close."""
        while not self._pending:
            if self._code is not None:
                raise Dismissed(self._code)
            self._wake.clear()
            await self._wake.wait()
        if self._code not in (None, Close.GOING_AWAY):
            raise Dismissed(self._code or 0)
        return self._pending.popleft()

    @property
    def has_pending(self) -> bool:
        return bool(self._pending)

    def offer(self, text: str) -> None:
        if self._code is not None:
            return
        if len(self._pending) >= MAX_BEHIND:
            self._pending.clear()
            self.dismiss(Close.TOO_SLOW)
            return
        self._pending.append(text)
        self._wake.set()

    def dismiss(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self._wake.set()


class _Remembered(Struct, gc=False):
    seq: int
    at: float  # monotonic
    text: str


class Channel:
    """`reserve(upto)` is called when numbers beyond what the database knows come near."""

    def __init__(self, user_id: int, clock: Clock, *, last_seq: int, reserve: Callable[[int], None]) -> None:
        self.user_id = user_id
        self.last_seq = last_seq
        self._reserved = last_seq + RESERVE  # whoever opens a channel has reserved these
        self._reserve = reserve
        self._clock = clock
        self._listeners: dict[Place, list[Listener]] = {place: [] for place in Place}
        self._short: deque[_Remembered] = deque(maxlen=MAX_REMEMBERED)
        self._long: deque[_Remembered] = deque(maxlen=MAX_REMEMBERED)
        self._last_heard: float | None = None  # when the last listener left
        self._last_player: float | None = None  # when a player or an overlay left
        self._everybody: tuple[Listener, ...] = ()
        self._sounding: dict[str, frozenset[Place]] = {}  # by `play_on`, until somebody comes or goes

    # Places

    def join(self, listener: Listener) -> bool:
        """Take a place. A player replaces the player before it; False: no place is left."""
        there = self._listeners[listener.place]
        if listener.place is Place.PLAYER:
            for older in there:
                older.dismiss(Close.REPLACED)
            there.clear()
        elif len(there) >= (MAX_OVERLAYS if listener.place is Place.OVERLAY else MAX_MONITORS):
            return False
        there.append(listener)
        self._count_again()
        return True

    def leave(self, listener: Listener) -> None:
        if listener in self._listeners[listener.place]:
            self._listeners[listener.place].remove(listener)
            self._count_again()
            if listener.place is not Place.MONITOR:
                self._last_player = self._clock.monotonic()
        if not self._everybody:
            self._last_heard = self._clock.monotonic()

    def _count_again(self) -> None:
        self._everybody = tuple(one for there in self._listeners.values() for one in there)
        self._sounding.clear()

    def count(self, place: Place) -> int:
        return len(self._listeners[place])

    def sounding(self, play_on: str) -> frozenset[Place]:
        """Which places play audio now: `auto` keeps overlays silent while a player is connected."""
        known = self._sounding.get(play_on)
        if known is None:
            known = self._sounding[play_on] = self._sounding_now(play_on)
        return known

    @property
    def is_player_missed(self) -> bool:
        """Nobody plays now, but somebody did until just now and may come back for what they missed."""
        if self._last_player is None or self._listeners[Place.PLAYER] or self._listeners[Place.OVERLAY]:
            return False
        return self._clock.monotonic() - self._last_player < SHORT_LIFE

    def _sounding_now(self, play_on: str) -> frozenset[Place]:
        players, overlays = self._listeners[Place.PLAYER], self._listeners[Place.OVERLAY]
        places: set[Place] = set()
        if players and play_on != "overlay":
            places.add(Place.PLAYER)
        if overlays and (play_on in ("overlay", "both") or (play_on == "auto" and not players)):
            places.add(Place.OVERLAY)
        return frozenset(places)

    # Publishing

    def number(self, message: StreamMessage) -> datetime:
        """Give `message` the next `seq`, its `id` and the time; it must be published before the next one."""
        self.last_seq += 1
        message.seq = self.last_seq
        message.id = f"{self.user_id:x}-{self.last_seq:x}"
        now = self._clock.now()
        message.ts = iso(now)
        if self.last_seq > self._reserved - RESERVE // 2:
            self._reserved = self.last_seq + RESERVE
            self._reserve(self._reserved)
        return now

    def publish(self, message: StreamMessage, *, play_on: str, lives_long: bool) -> None:
        """Remember a numbered message and offer it to everybody."""
        now = self._clock.monotonic()
        if not self._everybody and not self._is_missed(now):
            return
        text = encode(message)
        (self._long if lives_long else self._short).append(_Remembered(self.last_seq, now, text))
        self._forget(now)
        self._offer(message, text, self.sounding(play_on))

    def broadcast(self, text: str) -> None:
        """To every listener, without a number: status, queue, control."""
        for listener in self._everybody:
            listener.offer(text)

    @property
    def everybody(self) -> tuple[Listener, ...]:
        return self._everybody

    def missed(self, listener: Listener, since: int, play_on: str) -> tuple[list[str], int]:
        """What came after `since` and is not too old to play, as this listener sees it; how many are lost."""
        self._forget(self._clock.monotonic())
        found = sorted(
            (one for ring in (self._short, self._long) for one in ring if one.seq > since),
            key=lambda one: one.seq,
        )[-MAX_BEHIND // 2 :]
        is_silent = self._is_silent(listener, self.sounding(play_on))
        texts = [_addressed(silenced_text(one.text) if is_silent else one.text, listener) for one in found]
        return texts, max(0, self.last_seq - since - len(found))

    def dismiss_all(self, code: int) -> None:
        for listener in self._everybody:
            listener.dismiss(code)

    def _offer(self, message: StreamMessage, text: str, sounding: frozenset[Place]) -> None:
        silent_text: str | None = None  # made where somebody needs it
        addressed: dict[tuple[str, bool], str] = {}
        for listener in self._everybody:
            is_silent = self._is_silent(listener, sounding)
            if is_silent and silent_text is None:
                silent_text = encode(silenced(message))
            key = (listener.base_url, is_silent)
            if key not in addressed:
                addressed[key] = _addressed(silent_text if is_silent and silent_text else text, listener)
            listener.offer(addressed[key])

    def _is_silent(self, listener: Listener, sounding: frozenset[Place]) -> bool:
        """A monitor sees all, URLs too; it plays nothing by itself."""
        return listener.place is not Place.MONITOR and listener.place not in sounding

    def _is_missed(self, now: float) -> bool:
        """Nobody is here, but somebody was and may come back for what they missed."""
        return self._last_heard is not None and now - self._last_heard < LONG_LIFE

    def _forget(self, now: float) -> None:
        for ring, life in ((self._short, SHORT_LIFE), (self._long, LONG_LIFE)):
            while ring and now - ring[0].at > life:
                ring.popleft()


def _addressed(text: str, listener: Listener) -> str:
    return text.replace(MARK, listener.base_url)
