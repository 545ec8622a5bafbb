"""Totals of one LIVE, collected in memory and written behind."""

from datetime import datetime

from msgspec import Struct

from core.live.events import EventType, Fact, Viewer

MAX_NAME = 200


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


class Tally(Struct):
    """One broadcast. `live_id` is known once it was written for the first time."""

    user_id: int
    unique_id: str
    room_id: str
    started_at: datetime
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

    def count(self, fact: Fact) -> None:
        self.is_dirty = True
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

    def _of(self, viewer: Viewer) -> ViewerTally:
        tally = self.viewers.get(viewer.user_id)
        if tally is None:
            tally = ViewerTally(viewer.unique_id[:64], viewer.nickname[:MAX_NAME])
            self.viewers[viewer.user_id] = tally
        return tally
