"""Totals of one LIVE, collected in memory and written behind."""

from datetime import datetime
from heapq import nlargest

from msgspec import Struct

from core.live.events import EventType, Fact, Viewer

MAX_NAME = 200
MAX_MINUTES = 240  # of one LIVE that wait; the oldest give way, the database has then been stuck for long
MAX_GIVERS = 10_000  # remembered by name; beyond it the smaller half gives way

_NOTHING = ("", "", 0)


def minute_of(at: datetime) -> int:
    """The minute on the clock, so that processes that heard one LIVE after another agree on it."""
    return int(at.timestamp()) // 60


class ViewerTally(Struct, gc=False):
    """What one viewer added since the last write."""

    unique_id: str
    nickname: str
    gifts: int = 0
    diamonds: int = 0
    likes: int = 0
    messages: int = 0

    def add(self, other: "ViewerTally") -> None:
        self.gifts += other.gifts
        self.diamonds += other.diamonds
        self.likes += other.likes
        self.messages += other.messages


class MinuteTally(Struct, gc=False):
    """What one minute added since the last write."""

    viewers: int = 0  # the most at any moment of it
    messages: int = 0
    gifts: int = 0
    diamonds: int = 0
    likes: int = 0
    follows: int = 0

    def count(self, fact: Fact) -> None:
        match fact.type:
            case EventType.CHAT:
                self.messages += 1
            case EventType.GIFT:
                self.gifts += fact.added
                self.diamonds += fact.added * fact.diamonds
            case EventType.LIKE:
                self.likes += fact.count
            case EventType.FOLLOW:
                self.follows += 1
            case EventType.VIEWER_COUNT:
                self.viewers = max(self.viewers, fact.total)
            case _:
                pass

    def add(self, other: "MinuteTally") -> None:
        self.viewers = max(self.viewers, other.viewers)
        self.messages += other.messages
        self.gifts += other.gifts
        self.diamonds += other.diamonds
        self.likes += other.likes
        self.follows += other.follows


class Giver(Struct, gc=False):
    """What one viewer gave in this LIVE, as far as this process saw it."""

    unique_id: str
    nickname: str
    diamonds: int = 0


class Tally(Struct):
    """One broadcast. `live_id` is known once it was written for the first time."""

    user_id: int
    unique_id: str
    room_id: str
    started_at: datetime  # once it was written: by whichever process heard the broadcast first
    live_id: int | None = None
    base: dict[str, float] = {}  # totals an earlier process wrote for the same broadcast
    ended_at: datetime | None = None
    messages: int = 0
    gifts: int = 0
    diamonds: int = 0
    likes: int = 0
    likes_total: int = 0
    joins: int = 0
    follows: int = 0
    shares: int = 0
    subscribes: int = 0
    peak_viewers: int = 0
    deaf_seconds: float = 0.0
    is_dirty: bool = True
    saved_at: float = 0.0  # monotonic
    viewers: dict[int, ViewerTally] = {}
    minutes: dict[int, MinuteTally] = {}  # by `minute_of`: seldom more than two wait to be written
    given: dict[int, Giver] = {}
    given_before: dict[int, tuple[str, str, int]] = {}  # with `base`: handle, name, diamonds

    def count(self, fact: Fact, at: datetime) -> None:
        self.is_dirty = True
        self._minute_of(at).count(fact)
        match fact.type:
            case EventType.CHAT:
                self.messages += 1
                self._of(fact.viewer).messages += 1
            case EventType.GIFT:
                self.gifts += fact.added
                self.diamonds += fact.added * fact.diamonds
                viewer = self._of(fact.viewer)
                viewer.gifts += fact.added
                viewer.diamonds += fact.added * fact.diamonds
                self._note_giver(fact.viewer, fact.added * fact.diamonds)
            case EventType.LIKE:
                self.likes += fact.count
                self.likes_total = max(self.likes_total, fact.total)
                self._of(fact.viewer).likes += fact.count
            case EventType.VIEWER_JOIN:
                self.joins += 1
            case EventType.FOLLOW:
                self.follows += 1
            case EventType.SHARE:
                self.shares += 1
            case EventType.SUBSCRIBE:
                self.subscribes += 1
            case EventType.VIEWER_COUNT:
                self.peak_viewers = max(self.peak_viewers, fact.total)
            case EventType.VIEWER_FIRST_MESSAGE:
                pass

    def take_back(self, viewers: dict[int, ViewerTally], minutes: dict[int, MinuteTally]) -> None:
        """Put what could not be written under what has come since."""
        for viewer_id, viewer in viewers.items():
            later = self.viewers.setdefault(viewer_id, viewer)
            if later is not viewer:
                later.add(viewer)
        for number, minute in minutes.items():
            known = self.minutes.setdefault(number, minute)
            if known is not minute:
                known.add(minute)
        self._forget_minutes(MAX_MINUTES)

    def _minute_of(self, at: datetime) -> MinuteTally:
        number = minute_of(at)
        tally = self.minutes.get(number)
        if tally is None:
            self._forget_minutes(MAX_MINUTES - 1)
            tally = self.minutes[number] = MinuteTally()
        return tally

    def _forget_minutes(self, most: int) -> None:
        while len(self.minutes) > most:
            del self.minutes[min(self.minutes)]

    def givers(self) -> list[Giver]:
        """Everybody who gave, what an earlier process saw included."""
        before, given = self.given_before, self.given
        both = [
            Giver(one.unique_id, one.nickname, one.diamonds + before.get(viewer_id, _NOTHING)[2])
            for viewer_id, one in given.items()
        ]
        return both + [Giver(*one) for viewer_id, one in before.items() if viewer_id not in given]

    def _note_giver(self, viewer: Viewer, diamonds: int) -> None:
        giver = self.given.get(viewer.user_id)
        if giver is None:
            if len(self.given) >= MAX_GIVERS:
                self._forget_small_givers()
            giver = self.given[viewer.user_id] = Giver(viewer.unique_id[:64], viewer.nickname[:MAX_NAME])
        giver.diamonds += diamonds

    def _forget_small_givers(self) -> None:
        kept = nlargest(MAX_GIVERS // 2, self.given.items(), key=lambda item: item[1].diamonds)
        self.given = dict(kept)

    def _of(self, viewer: Viewer) -> ViewerTally:
        tally = self.viewers.get(viewer.user_id)
        if tally is None:
            tally = ViewerTally(viewer.unique_id[:64], viewer.nickname[:MAX_NAME])
            self.viewers[viewer.user_id] = tally
        return tally
