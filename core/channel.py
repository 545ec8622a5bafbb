"""Fan-out of one streamer: numbers messages, remembers the recent ones, offers them to listeners.

Nobody who listens can slow the publisher down: each has a bounded queue of its
own and is dismissed when it falls behind.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from core.clock import Clock, iso
from core.listener import MAX_BEHIND, Close, Listener, Place
from core.live.events import Fact
from core.messages import MARK, StreamMessage, encode, silenced, silenced_text
from core.ring import Ring, Told

MAX_OVERLAYS = 5
MAX_MONITORS = 5
RESERVE = 60  # numbers taken from the database at a time; about that many a kill -9 leaves out
SHORT_LIFE = 90.0  # seconds a chat line is worth replaying
LONG_LIFE = 600.0  # a gift lives longer


OnKept = Callable[[int, str, bool, Fact | None], None]
"""Called with each message that is remembered: its number, text, whether it lives long, what it tells of."""


class Channel:
    """`reserve(upto)` is called when numbers beyond what the database knows come near."""

    def __init__(self, user_id: int, clock: Clock, *, last_seq: int, reserve: Callable[[int], None]) -> None:
        self.user_id = user_id
        self.last_seq = last_seq
        self.heard_at = 0.0  # monotonic, of the frame that is being told now; 0 between frames
        self._reserved = last_seq + RESERVE  # whoever opens a channel has reserved these
        self._reserve = reserve
        self._clock = clock
        self._listeners: dict[Place, list[Listener]] = {place: [] for place in Place}
        self._short = Ring(SHORT_LIFE)
        self._long = Ring(LONG_LIFE)
        self._last_heard: float | None = None  # when the last listener left
        self._last_player: float | None = None  # when a player or an overlay left
        self._everybody: tuple[Listener, ...] = ()
        self._sounding: dict[str, frozenset[Place]] = {}  # by `play_on`, until somebody comes or goes
        self.on_kept: OnKept | None = None

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
        listener.came_at = self._clock.now()
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

    @property
    def is_heard(self) -> bool:
        """Something that is connected has said of something that it was played."""
        return any(one.confirms for one in self._everybody)

    def _count_again(self) -> None:
        self._everybody = tuple(one for there in self._listeners.values() for one in there)
        self._sounding.clear()

    def count(self, place: Place) -> int:
        return len(self._listeners[place])

    @property
    def has_hearers(self) -> bool:
        """Something is there that can play or show."""
        return bool(self._listeners[Place.PLAYER] or self._listeners[Place.OVERLAY])

    def sounding(self, play_on: str) -> frozenset[Place]:
        """Which places play audio now: `auto` keeps overlays silent while a player is connected."""
        known = self._sounding.get(play_on)
        if known is None:
            known = self._sounding[play_on] = self._sounding_now(play_on)
        return known

    def confirms(self, places: frozenset[Place]) -> bool:
        """Something there says what it has played: our own pages, and whoever has said it before."""
        return any(
            one.place in places and (one.confirms or one.secret_version is not None)
            for one in self._everybody
        )

    @property
    def is_player_missed(self) -> bool:
        """Nobody plays now, but somebody did until just now and may come back for what they missed."""
        if self._last_player is None or self.has_hearers:
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

    def publish(
        self, message: StreamMessage, *, play_on: str, lives_long: bool, fact: Fact | None = None
    ) -> None:
        """Remember a numbered message and offer it to everybody. `fact`: what it tells of."""
        now = self._clock.monotonic()
        if not self._everybody and not self._is_missed(now):
            return
        text = encode(message)
        (self._long if lives_long else self._short).add(self.last_seq, now, text)
        self._forget(now)
        if self.on_kept:
            self.on_kept(self.last_seq, text, lives_long, fact)
        self._offer(message, text, self.sounding(play_on))

    def carry(self) -> list[Told]:
        """What may still be asked for."""
        now = self._clock.monotonic()
        self._forget(now)
        return self._short.told(now, lives_long=False) + self._long.told(now, lives_long=True)

    def resume(self, told: Sequence[Told], last_seq: int) -> None:
        """Go on exactly where another process handed over."""
        self._short, self._long = Ring(SHORT_LIFE), Ring(LONG_LIFE)
        self.recall(told)
        self.last_seq = last_seq

    def recall(self, told: Sequence[Told]) -> None:
        """Go on where another process was stopped: what it told may be asked for, by those who come back."""
        now = self._clock.monotonic()
        for one in sorted(told, key=lambda one: one.seq):
            (self._long if one.lives_long else self._short).add(one.seq, now - one.age, one.text)
            self.last_seq = max(self.last_seq, one.seq)
        self._forget(now)
        if told:
            self._last_heard = self._last_player = now

    def broadcast(self, text: str) -> None:
        """To every listener, without a number: status, queue, control."""
        for listener in self._everybody:
            listener.offer(text)

    def offer_to(self, place: Place, text: str) -> None:
        for listener in self._listeners[place]:
            listener.offer(text)

    def tell_change(self, text: str) -> None:
        """To those who show what is set up."""
        for listener in self._everybody:
            if listener.hears_changes:
                listener.offer(text)

    @property
    def everybody(self) -> tuple[Listener, ...]:
        return self._everybody

    def missed(self, listener: Listener, since: int, play_on: str) -> tuple[list[str], int]:
        """What came after `since` and is not too old to play, as this listener sees it; how many are lost."""
        self._forget(self._clock.monotonic())
        found = sorted(self._short.since(since) + self._long.since(since))[-MAX_BEHIND // 2 :]
        is_silent = self._is_silent(listener, self.sounding(play_on))
        texts = [text.decode() for _, text in found]
        if is_silent:
            texts = [silenced_text(text) for text in texts]
        texts = [_addressed(text, listener) for text in texts]
        return texts, max(0, self.last_seq - since - len(found))

    def dismiss_all(self, code: int) -> None:
        for listener in self._everybody:
            listener.dismiss(code)

    def drop_tokens(self, version: int | None, ended: frozenset[str] = frozenset()) -> None:
        """End sockets opened with a token that has been revoked or ended since. None: all of them."""
        for listener in self._everybody:
            is_old = listener.token_version is not None and listener.token_version != version
            if is_old or listener.token_id in ended:
                listener.dismiss(Close.INVALID_TOKEN)

    def drop_secrets(self, version: int | None) -> None:
        """End pages opened with a secret that has been rotated since. None: all of them."""
        for listener in self._everybody:
            if listener.secret_version is not None and listener.secret_version != version:
                listener.dismiss(Close.INVALID_TOKEN)

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
            listener.offer(addressed[key], self.heard_at)

    def _is_silent(self, listener: Listener, sounding: frozenset[Place]) -> bool:
        """A monitor sees all, URLs too; it plays nothing by itself."""
        return listener.place is not Place.MONITOR and listener.place not in sounding

    def _is_missed(self, now: float) -> bool:
        """Nobody is here, but somebody was and may come back for what they missed."""
        return self._last_heard is not None and now - self._last_heard < LONG_LIFE

    def _forget(self, now: float) -> None:
        self._short.forget(now)
        self._long.forget(now)


def _addressed(text: str, listener: Listener) -> str:
    return text.replace(MARK, listener.base_url)
