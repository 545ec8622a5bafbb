"""What a recording holds, counted by the rules the product itself goes by."""

from collections import Counter
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from core.live import recordings
from core.live.doubles import Doubles, RepeatedChat
from core.live.events import (
    AnyEvent,
    ChatDeleted,
    ChatPosted,
    Followed,
    Frame,
    GiftSent,
    LikesSent,
    LiveEnded,
    LivePaused,
    Shared,
    Subscribed,
    ViewerJoined,
    ViewersCounted,
)
from core.live.recordings import BadLine, Recording
from core.live.streaks import StreakTracker
from core.live.wire import BadFrame, decode_frame, methods

NAMES: dict[type, str] = {
    ChatPosted: "chat",
    GiftSent: "gift",
    LikesSent: "like",
    ViewerJoined: "viewer_join",
    Followed: "follow",
    Shared: "share",
    Subscribed: "subscribe",
    ViewersCounted: "viewer",
    ChatDeleted: "chat_deleted",
    LivePaused: "paused_or_resumed",
    LiveEnded: "ended",
}
"""How the contract spells events, and what of the wire is no message of the contract."""


class GiftTotal(Struct, frozen=True):
    gift_id: int
    name: str
    diamonds: int  # of one
    count: int  # sent in all, each streak counted once
    streaks: int  # streaks, or single gifts


class Inspection(Struct, frozen=True):
    unique_id: str
    room_id: str
    started_at: datetime
    seconds: float
    frames: dict[str, int]  # by kind: msg, hb, …
    messages: dict[str, int]  # by wire method, also those that make no event
    events: dict[str, int]  # by type, doubles and repeated chat left out
    doubles: int
    repeated_chat: int
    gifts: list[GiftTotal]
    likes: int
    viewers: int  # different people who did something
    most_viewers: int  # at the same time
    unreadable: int  # messages
    bad_lines: list[BadLine]
    bad_count: int


class _Count:
    """Counts event by event."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self.messages: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.gifts: dict[tuple[int, str, int], Counter[str]] = {}
        self.viewers: set[int] = set()
        self.likes = self.doubles = self.repeated_chat = self.most_viewers = self.unreadable = 0
        self._seen = Doubles()
        self._repeated = RepeatedChat()
        self._streaks = StreakTracker()

    def frame(self, frame: Frame, t: float) -> None:
        self.kinds[frame.kind] += 1
        self.unreadable += frame.unreadable
        if frame.kind == "msg":
            self._repeated.frame(frame.server_ms)
        for event in frame.events:
            self._event(event, t)

    def _event(self, event: AnyEvent, t: float) -> None:
        if self._seen.is_double(event.msg_id):
            self.doubles += 1
            return
        if isinstance(event, ChatPosted) and self._repeated.is_repeated(event):
            self.repeated_chat += 1
            return
        self.events[NAMES[type(event)]] += 1
        if viewer := getattr(event, "viewer", None):
            self.viewers.add(viewer.user_id)
        match event:
            case GiftSent():
                self._gift(event, t)
            case LikesSent():
                self.likes += event.count
            case ViewersCounted():
                self.most_viewers = max(self.most_viewers, event.current)
            case _:
                pass

    def _gift(self, gift: GiftSent, t: float) -> None:
        self._streaks.expired(t)
        if increment := self._streaks.take(gift, t):
            totals = self.gifts.setdefault((gift.gift_id, gift.name, gift.diamonds), Counter())
            totals.update(count=increment.added, streaks=int(increment.is_first))


def inspect(path: Path) -> Inspection:
    """Count what the recording at `path` holds. Raises `Invalid` for a file that is none."""
    recording = recordings.read(path)
    count = _Count()
    seconds = 0.0
    for t, data in recording:
        seconds = max(seconds, t)
        try:
            frame = decode_frame(data)
            count.messages.update(methods(data))
        except BadFrame as error:
            recording.report(str(error))
            continue
        if frame.unreadable:
            recording.report(f"{frame.unreadable} messages could not be read")
        count.frame(frame, t)
    return _summary(recording, count, seconds)


def _summary(recording: Recording, count: _Count, seconds: float) -> Inspection:
    header = recording.header
    return Inspection(
        unique_id=header.unique_id,
        room_id=header.room_id,
        started_at=header.started_at,
        seconds=seconds,
        frames=dict(count.kinds),
        messages=dict(count.messages.most_common()),
        events=dict(count.events.most_common()),
        doubles=count.doubles,
        repeated_chat=count.repeated_chat,
        gifts=_gifts(count),
        likes=count.likes,
        viewers=len(count.viewers),
        most_viewers=count.most_viewers,
        unreadable=count.unreadable,
        bad_lines=recording.bad_lines,
        bad_count=recording.bad_count,
    )


def _gifts(count: _Count) -> list[GiftTotal]:
    """The most valuable first."""
    totals = [GiftTotal(*gift, total["count"], total["streaks"]) for gift, total in count.gifts.items()]
    return sorted(totals, key=lambda gift: (-gift.diamonds * gift.count, gift.name))
