"""One streamer's LIVE: what TikTok says, made into facts, each exactly once.

Frame in, facts out, synchronously. Lives on while the socket is cut and found
again; a new room starts it afresh.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from core.live.doubles import Doubles, RepeatedChat
from core.live.events import (
    AnyEvent,
    ChatDeleted,
    ChatPosted,
    EventType,
    Fact,
    Followed,
    Frame,
    GiftSent,
    LikesSent,
    LiveEnded,
    LivePaused,
    Phase,
    Shared,
    Subscribed,
    Viewer,
    ViewerJoined,
    ViewersCounted,
)
from core.live.likes import CarriedLikes, LikeMerger, MergedLike
from core.live.streaks import CarriedStreaks, Expired, Increment, StreakTracker
from core.live.viewers import ViewerMemory


class Stage(Protocol):
    """Where facts go. `core.stage.Stage` is the real one."""

    def play(self, fact: Fact) -> None: ...
    def show_viewers(self, fact: Fact, total: int) -> None: ...
    def unsay(self, msg_ids: list[int], user_ids: list[int]) -> None: ...
    def end_streak(self, streak: str) -> None: ...
    def new_stream(self) -> None: ...
    def recall(self, once: Collection[int]) -> None: ...


class CarriedSession(Struct, frozen=True):
    """What was heard of a LIVE, for a process that goes on."""

    doubles: bytes
    streaks: CarriedStreaks
    likes: CarriedLikes
    met: list[tuple[bytes, bytes]]
    likes_total: int
    viewers: int | None


class Recalled(Struct, frozen=True):
    """What another process knew of a LIVE."""

    room_id: str
    told: Sequence[tuple[int, str, int]] = ()  # lately: message ids, streaks and how much of each
    met: Mapping[int, Iterable[EventType]] = {}  # what viewers have done
    once: Collection[int] = ()  # triggers that have fired and fire once


class LiveSession:
    """`now` is monotonic seconds everywhere."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.viewers: int | None = None
        self._recalled: list[Recalled] = []
        self._reset()

    def _reset(self) -> None:
        self._doubles = Doubles()
        self._repeated = RepeatedChat()
        self._streaks = StreakTracker()
        self._likes_merged = LikeMerger()
        self._met = ViewerMemory()
        self._likes_total = 0
        self.viewers = None

    def connected(self, room_id: str, *, is_new: bool) -> None:
        """The socket stands. `is_new`: another broadcast than before, nothing of which is a double."""
        if is_new:
            self._reset()
            self._stage.new_stream()
        self._take_up(room_id)
        self._repeated.connected()

    def carry(self, now: float) -> CarriedSession:
        return CarriedSession(
            doubles=self._doubles.carry(),
            streaks=self._streaks.carry(now),
            likes=self._likes_merged.carry(now),
            met=self._met.carry(),
            likes_total=self._likes_total,
            viewers=self.viewers,
        )

    def resume(self, carried: CarriedSession, now: float) -> None:
        self._reset()
        self._doubles.resume(carried.doubles)
        self._streaks.resume(carried.streaks, now)
        self._likes_merged.resume(carried.likes, now)
        self._met.resume(carried.met)
        self._likes_total, self.viewers = carried.likes_total, carried.viewers

    def recall(self, recalled: Recalled) -> None:
        """Nothing another process told of the LIVE it was stopped in is told again."""
        self._recalled.append(recalled)

    def _take_up(self, room_id: str) -> None:
        all_recalled, self._recalled = self._recalled, []
        for recalled in all_recalled:
            if recalled.room_id != room_id:
                continue
            for msg_id, streak, count in recalled.told:
                _ = self._doubles.is_double(msg_id)
                if streak:
                    self._streaks.recall(streak, count)
            self._met.recall(recalled.met)
            self._stage.recall(recalled.once)

    def take(self, frame: Frame, now: float) -> bool:
        """Make facts of a frame; True: the broadcast has ended."""
        if frame.kind != "msg":
            return False
        self._repeated.frame(frame.server_ms)
        has_ended = False
        for event in frame.events:
            if self._doubles.is_double(event.msg_id):
                continue
            self._HANDLERS[type(event)](self, event, now)
            has_ended = has_ended or isinstance(event, LiveEnded)
        return has_ended

    def tick(self, now: float) -> None:
        """What is due by time alone: merged likes, streaks whose closing never came."""
        for like in self._likes_merged.due(now):
            self._like_fact(like)
        for expired in self._streaks.expired(now):
            self._streak_over(expired)

    def finish(self) -> None:
        """The broadcast is over: nothing counted may stay behind."""
        for like in self._likes_merged.flush():
            self._like_fact(like)
        for expired in self._streaks.flush():
            self._streak_over(expired)

    def _chat(self, event: ChatPosted, _now: float) -> None:
        viewer = self._met.remember(event.viewer)
        if self._repeated.is_repeated(event):
            return
        is_first = self._met.is_first(viewer, EventType.CHAT)
        if is_first:
            self._stage.play(Fact(EventType.VIEWER_FIRST_MESSAGE, viewer, is_first=True, text=event.text))
        self._stage.play(
            Fact(EventType.CHAT, viewer, is_first=is_first, text=event.text, msg_id=event.msg_id)
        )

    def _gift(self, event: GiftSent, now: float) -> None:
        viewer = self._met.remember(event.viewer)
        increment = self._streaks.take(event, now)
        if increment is None:
            return
        if not increment.streak_id:
            phase = Phase.ONLY
        elif increment.over:
            phase = Phase.END
        else:
            phase = Phase.START if increment.is_first else Phase.MORE
        self._stage.play(self._gift_fact(event, viewer, increment, phase))
        if phase is Phase.END:
            self._stage.end_streak(increment.streak_id)

    def _gift_fact(self, event: GiftSent, viewer: Viewer, increment: Increment, phase: Phase) -> Fact:
        return Fact(
            EventType.GIFT,
            viewer,
            is_first=increment.is_first and self._met.is_first(viewer, EventType.GIFT),
            gift_id=event.gift_id,
            gift_name=event.name,
            diamonds=event.diamonds,
            count=increment.total,
            total_diamonds=increment.total * event.diamonds,
            added=increment.added,
            streak=increment.streak_id,
            phase=phase,
            msg_id=event.msg_id,
        )

    def _streak_over(self, expired: Expired) -> None:
        gift = expired.gift
        increment = Increment(
            streak_id=expired.streak_id, added=0, total=expired.total, over=True, is_first=False
        )
        viewer = self._met.remember(gift.viewer)
        self._stage.play(self._gift_fact(gift, viewer, increment, Phase.END))
        self._stage.end_streak(expired.streak_id)

    def _likes(self, event: LikesSent, now: float) -> None:
        viewer = self._met.remember(event.viewer)
        if like := self._likes_merged.take(viewer, event.count, event.total, now):
            self._like_fact(like)

    def _like_fact(self, like: MergedLike) -> None:
        before, self._likes_total = self._likes_total, max(self._likes_total, like.total)
        # The first total of a LIVE tells what was liked before we came: no milestone is crossed by it.
        before = before or max(0, like.total - like.count)
        self._stage.play(
            Fact(
                EventType.LIKE,
                like.viewer,
                is_first=self._met.is_first(like.viewer, EventType.LIKE),
                count=like.count,
                before=before,
                total=self._likes_total,
            )
        )

    def _joined(self, event: ViewerJoined, _now: float) -> None:
        self._done_by_viewer(EventType.VIEWER_JOIN, event)

    def _followed(self, event: Followed, _now: float) -> None:
        self._done_by_viewer(EventType.FOLLOW, event)

    def _shared(self, event: Shared, _now: float) -> None:
        self._done_by_viewer(EventType.SHARE, event)

    def _subscribed(self, event: Subscribed, _now: float) -> None:
        self._done_by_viewer(EventType.SUBSCRIBE, event)

    def _done_by_viewer(self, kind: EventType, event: ViewerJoined | Followed | Shared | Subscribed) -> None:
        viewer = self._met.remember(event.viewer)
        self._stage.play(Fact(kind, viewer, is_first=self._met.is_first(viewer, kind), msg_id=event.msg_id))

    def _viewers(self, event: ViewersCounted, _now: float) -> None:
        before, self.viewers = self.viewers, event.current
        fact = Fact(EventType.VIEWER_COUNT, before=before or 0, total=event.current)
        self._stage.show_viewers(fact, event.total)

    def _deleted(self, event: ChatDeleted, _now: float) -> None:
        self._stage.unsay(event.msg_ids, event.user_ids)

    def _nothing(self, event: AnyEvent, _now: float) -> None:
        """Pauses and ends are no facts: the supervisor hears of an end by `take`."""

    _HANDLERS: ClassVar[dict[type, Callable[["LiveSession", Any, float], None]]] = {
        ChatPosted: _chat,
        GiftSent: _gift,
        LikesSent: _likes,
        ViewerJoined: _joined,
        Followed: _followed,
        Shared: _shared,
        Subscribed: _subscribed,
        ViewersCounted: _viewers,
        ChatDeleted: _deleted,
        LivePaused: _nothing,
        LiveEnded: _nothing,
    }
