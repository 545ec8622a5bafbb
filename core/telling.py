"""A message on its way out: numbered, queued, sent, remembered."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from core import messages
from core.channel import Channel
from core.crew import Crew
from core.effects.due import DueAudio
from core.effects.queue import EffectQueue, Item
from core.effects.record import GAVE_WAY, record
from core.effects.render import Piece
from core.effects.worth import worth
from core.journal import Entry
from core.listener import Place
from core.live.events import EventType, Fact
from core.messages import StreamMessage
from core.tally import Tally
from core.triggers.engine import Match

_LIVES_LONG = frozenset({EventType.GIFT, EventType.FOLLOW, EventType.SHARE, EventType.SUBSCRIBE})


class Telling(Struct):
    message: StreamMessage
    fact: Fact
    match: Match
    pieces: list[Piece]
    seconds: float = 0.0  # of audio that no piece carries
    speech: str | None = None  # media name of speech that no piece carries
    read: dict[str, Any] | None = None  # for history: how the chat line was read, or why not
    ring: str | None = None  # for history: the sound of a gift no trigger rang for
    is_rung: bool = False  # for history: its streak rang with what was told of it before


class Teller:
    """One streamer's. `play_on` is the setting; `on_dropped` hears whose audio must give way."""

    def __init__(
        self,
        channel: Channel,
        queue: EffectQueue,
        crew: Crew,
        on_dropped: Callable[[list[Item], str], None],
    ) -> None:
        self.tally: Tally | None = None
        self.audio = DueAudio()
        self.play_on = "auto"
        self.sounding: frozenset[Place] = frozenset()
        self.is_player_missed = False
        self._channel = channel
        self._queue = queue
        self._journal = crew.journal
        self._clock = crew.clock
        self._on_dropped = on_dropped

    def look_around(self) -> None:
        """Who hears what is told from now on."""
        self.sounding = self._channel.sounding(self.play_on)
        self.is_player_missed = not self.sounding and self._channel.is_player_missed

    def tell(self, telling: Telling, whole: Piece | None = None) -> None:
        """`whole`: what fired, where the message itself is that one effect."""
        message, pieces = telling.message, telling.pieces
        if pieces:
            message.effects = [piece.view for piece in pieces]
        at = self._channel.number(message)
        has_audio = messages.has_audio(message)
        waiting, dropped = self._queue_up(telling) if self.sounding and has_audio else (0.0, [])
        if has_audio and not telling.fact.test:
            self._note_due(len(dropped))
        is_dropped = any(item.id == message.id for item in dropped)
        self._publish(messages.silenced(message) if is_dropped else message, telling.fact)
        data = record(
            telling.fact,
            telling.match,
            (whole,) if whole else pieces,
            speech=telling.read,
            heard_by=self.sounding,
            is_alone=not self._channel.has_hearers,
            dropped=GAVE_WAY if is_dropped else None,
        )
        if waiting >= 1:
            data["waiting"] = round(waiting, 1)
        if telling.ring:
            data["ring"] = telling.ring
        if telling.is_rung:
            data["rung"] = True
        if isinstance(message, messages.Gift):
            data |= {
                "count": message.count,
                "total": message.total_diamonds,
                "streak_total": telling.fact.count,
            }
        kind = str(type(message).__struct_config__.tag)
        if whole:
            data["event"] = telling.fact.type.value
        user_id = self._channel.user_id
        self._journal.record(Entry(user_id, self.tally, message.id, message.seq, at, kind, data))
        if dropped:
            self._on_dropped(dropped, GAVE_WAY)

    def show(self, message: StreamMessage, fact: Fact) -> None:
        """Tell what is not worth remembering."""
        self._channel.number(message)
        self._publish(message, fact)

    def miss(self) -> None:
        """Something would have been spoken, had anybody been there to hear it."""
        self.audio.miss(self._clock.monotonic())

    def _note_due(self, dropped: int) -> None:
        audio = self.audio
        audio.dropped += dropped
        if not self.sounding:
            self.miss()
        elif not (audio.is_awaited or self._queue.is_paused):
            now = self._clock.monotonic()
            audio.sent(now, self._queue.seconds(now))

    def _queue_up(self, telling: Telling) -> tuple[float, list[Item]]:
        """Seconds of what is played before it, and what must give way."""
        seconds, speech, speech_seconds = telling.seconds, telling.speech, 0.0
        if speech is not None:
            speech_seconds = seconds
        for piece in telling.pieces:
            seconds += piece.seconds
            if piece.speech is not None and speech is None:
                speech, speech_seconds = piece.speech, piece.seconds
        value = worth(telling.fact, telling.match.fired)
        item = Item(telling.message.id, seconds, value, speech, speech_seconds)
        now = self._clock.monotonic()
        return self._queue.seconds(now), self._queue.offer(item, now)

    def _publish(self, message: StreamMessage, fact: Fact) -> None:
        if fact.test:
            message.test = True
        lives_long = fact.type in _LIVES_LONG or isinstance(message, messages.Effect)
        self._channel.publish(message, play_on=self.play_on, lives_long=lives_long, fact=fact)
