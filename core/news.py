"""What listeners are told beside the stream: where the LIVE stands, how far behind the audio is."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from core import messages
from core.channel import Channel
from core.clock import iso
from core.crew import Crew
from core.effects.queue import EffectQueue
from core.listener import Listener, Place
from core.live.source import LiveState, LiveStatus
from core.speech_spent import message_of

QUEUE_NEWS_SECONDS = 1.0  # at most one `queue` message in so long, unless something had to give way
HEARD_NEWS_SECONDS = 1.0  # the same of `changed: heard`, however much is played


class Situation(Struct):
    """What a `status` says beyond the channel's own."""

    status: LiveStatus
    username: str | None
    sounding: frozenset[Place]


class News:
    def __init__(
        self,
        channel: Channel,
        queue: EffectQueue,
        crew: Crew,
        situation: Callable[[], Situation],
        *,
        is_demo: bool,
    ) -> None:
        self._channel = channel
        self._queue = queue
        self._crew = crew
        self._situation = situation
        self._is_demo = is_demo
        self._told_at = 0.0
        self._told = ""  # what the listeners were told of the queue last
        self._heard_told_at = 0.0
        self._has_heard = False  # something was played that nobody was told of

    def welcome(self, listener: Listener, gap: int) -> list[str]:
        """The first messages of a socket; `gap`: messages that are lost."""
        first = [messages.encode(self._status(listener.place, gap))]
        if spent := self._crew.allowance.spent(self._channel.user_id):
            first.append(messages.encode(message_of(spent)))
        return first

    def tell_status(self, but: Listener | None = None) -> None:
        for listener in self._channel.everybody:
            if listener is not but:
                listener.offer(messages.encode(self._status(listener.place, 0)))

    def tell_place(self, listener: Listener) -> None:
        """A player or an overlay came or went."""
        if listener.place is not Place.MONITOR:
            self._channel.tell_change(messages.encode(messages.Changed(what="place")))

    def confirmed(self, listener: Listener) -> None:
        """It has said of something that it was played."""
        if not self._channel.is_heard:
            self._channel.tell_change(messages.encode(messages.Changed(what="played")))
        listener.confirms = True
        self._has_heard = True

    def tell_control(self, action: str, ids: list[str]) -> None:
        self._channel.broadcast(messages.encode(messages.Control(action=action, ids=ids)))

    def tell_queue(self, dropped: list[str]) -> None:
        """How far behind the audio is, where that is news."""
        news = self.queue(dropped)
        if dropped or news != self._told:
            self._told_at, self._told = self._crew.clock.monotonic(), news
            self._channel.broadcast(news)

    def tell_now_and_then(self, now: float) -> None:
        if self._channel.everybody and now - self._told_at >= QUEUE_NEWS_SECONDS:
            self.tell_queue([])
        if self._has_heard and now - self._heard_told_at >= HEARD_NEWS_SECONDS:
            self._heard_told_at, self._has_heard = now, False
            self._channel.tell_change(messages.encode(messages.Changed(what="heard")))

    def queue(self, dropped: list[str]) -> str:
        now = self._crew.clock.monotonic()
        return messages.encode(
            messages.Queue(
                pending=self._queue.pending(now),
                seconds=round(self._queue.seconds(now), 1),
                paused=self._queue.is_paused,
                dropped=dropped,
                playing=self._queue.playing(now),
            )
        )

    def _status(self, place: Place, gap: int) -> messages.Status:
        situation = self._situation()
        status = situation.status
        return messages.Status(
            state=status.state.value,
            since=iso(status.since),
            room_id=status.room_id,
            viewers=status.viewers,
            error=status.error,
            username=situation.username,
            last_seq=self._channel.last_seq,
            last_frame_at=_iso_or_none(status.last_frame_at),
            live=status.state is LiveState.LIVE,
            demo=self._is_demo,
            paused=self._queue.is_paused,
            place=place.value,
            silent=place not in situation.sounding,
            speech_engine=self._crew.speech.speaking_engine,
            expected_wait_seconds=status.expected_wait_seconds,
            gap=gap,
        )


def _iso_or_none(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
