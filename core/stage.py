"""Where facts become what is seen and heard: match, render, speak, queue, send, remember.

Synchronous from end to end; speech is only handed out here and made elsewhere.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import Struct, UnsetType

from core import messages
from core.allowance import SpeechAllowance
from core.channel import Channel, Place
from core.clock import Clock
from core.effects.queue import EffectQueue, Item
from core.effects.record import record
from core.effects.render import Piece, Rendered, Renderer, Setup
from core.effects.worth import worth
from core.gift_catalogue import GiftNotes
from core.journal import Entry, Journal
from core.live.events import EventType, Fact, Phase
from core.messages import EffectView, StreamMessage, ViewerMessage, media_url
from core.reading import ChatReader, Context, say
from core.speech.model import Spoken, VoiceChoice
from core.speech.voices import default_voice
from core.tally import Tally
from core.triggers.engine import Match, TriggerEngine, TriggerMemory
from core.triggers.model import CallWebhook, Count, Trigger
from core.triggers.templates import Room, Template

RECENT_CHAT = 300  # comments a moderator's deletion can still silence
MAX_SILENCE_TEXT = 300

_NOTHING_FIRED = Match([], [])
_NOTHING_RENDERED = Rendered([], [])  # never changed
_MESSAGE_OF: dict[EventType, type[ViewerMessage]] = {
    EventType.VIEWER_JOIN: messages.ViewerJoin,
    EventType.VIEWER_FIRST_MESSAGE: messages.ViewerFirstMessage,
    EventType.FOLLOW: messages.Follow,
    EventType.SHARE: messages.Share,
    EventType.SUBSCRIBE: messages.Subscribe,
}
_LIVES_LONG = frozenset({EventType.GIFT, EventType.FOLLOW, EventType.SHARE, EventType.SUBSCRIBE})


class WebhookCaller(Protocol):
    def call(self, user_id: int, trigger: Trigger, fact: Fact) -> None: ...


class Speaker(Protocol):
    """`core.speech.service.Speech`, as far as the stage needs it."""

    @property
    def speaking_engine(self) -> str | None: ...

    def hand_out(self, account_id: int, text: str, voice: VoiceChoice) -> Spoken | None: ...

    def forget(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Crew:
    """What all streamers share."""

    speech: Speaker
    journal: Journal
    clock: Clock
    webhooks: WebhookCaller
    gifts: GiftNotes
    allowance: SpeechAllowance


class _Telling(Struct):
    """One message on its way out."""

    message: StreamMessage
    fact: Fact
    match: Match
    pieces: list[Piece]
    seconds: float = 0.0  # of audio that no piece carries
    speech: str | None = None  # media name of speech that no piece carries
    read: dict[str, Any] | None = None  # for history: how the chat line was read, or why not


class _Said(Struct, gc=False):
    viewer_id: int
    message_id: str


class Stage:
    """One streamer's. `setup` and `engine` are swapped whole when something is saved."""

    def __init__(
        self,
        channel: Channel,
        queue: EffectQueue,
        crew: Crew,
        on_dropped: Callable[[list[Item]], None],
    ) -> None:
        self.memory = TriggerMemory()
        self.tally: Tally | None = None
        self.engine: TriggerEngine
        self.setup: Setup
        self._channel = channel
        self._queue = queue
        self._speech = crew.speech
        self._journal = crew.journal
        self._clock = crew.clock
        self._webhooks = crew.webhooks
        self._gifts = crew.gifts
        self._on_dropped = on_dropped
        self._context = Context(self.memory.counters)
        self._renderer = Renderer(self._hand_out, self._context)
        self._reader = ChatReader()
        self._untold: dict[str, int] = {}  # streak id -> gifts counted but not told yet
        self._said: OrderedDict[int, _Said] = OrderedDict()  # by TikTok's message id
        self._sounding: frozenset[Place] = frozenset()

    # What the session says (core.live.session.Stage)

    def new_stream(self) -> None:
        self.memory.new_stream()
        self._reader = ChatReader()
        self._context.room = Room()
        self._untold.clear()
        self._said.clear()

    def play(self, fact: Fact, *, only: Trigger | None = None) -> None:
        """Tell what happened. `only`: the one trigger being tried, whatever its conditions say."""
        self._look_around()
        now = self._clock.monotonic()
        match = Match([only], []) if only else self.engine.match(fact, now)
        if not fact.test:
            self._count(fact, match)
        rendered = _NOTHING_RENDERED
        if match.fired:
            rendered = self._renderer.render(fact, match.fired, self.setup)
        if fact.type is EventType.CHAT:
            self._chat(fact, match, rendered, now)
        elif fact.type is EventType.GIFT:
            self._gift(fact, match, rendered)
        elif fact.type is EventType.LIKE:
            self._like(fact, match, rendered)
        elif fact.type is not EventType.VIEWER_COUNT:
            self._by_viewer(fact, match, rendered)
        for piece in rendered.milestones:
            self._tell_effect(piece, fact, match)

    def show_viewers(self, fact: Fact, total: int) -> None:
        message = messages.ViewerCount(current=fact.total, total=total)
        self._channel.number(message)
        self._publish(message, fact)
        self.play(fact)

    def say_silence(self, template: Template) -> None:
        """Nobody has written for a while: speak the streamer's text."""
        self._look_around()
        settings = self.setup.settings
        said = say(template, Fact(EventType.CHAT), settings, MAX_SILENCE_TEXT, self._context)
        if said.text and settings.tts_enabled and (spoken := self._hand_out(said.text, None)):
            url = media_url(spoken.name)
            view = EffectView(None, "tts", tts_url=url, volume=settings.tts_volume, text=said.text)
            self._tell_effect(Piece(view, spoken.seconds, spoken.name), Fact(EventType.CHAT), _NOTHING_FIRED)

    def unsay(self, msg_ids: list[int], user_ids: list[int]) -> None:
        """A moderator deleted comments: what was not heard yet is left out."""
        of_users = set(user_ids)
        gone = [
            msg_id for msg_id, said in self._said.items() if msg_id in msg_ids or said.viewer_id in of_users
        ]
        dropped = self._queue.drop({self._said.pop(msg_id).message_id for msg_id in gone})
        if dropped:
            self._on_dropped(dropped)

    def end_streak(self, streak: str) -> None:
        self.memory.end_streak(streak)
        self._untold.pop(streak, None)

    # One message a fact

    def _chat(self, fact: Fact, match: Match, rendered: Rendered, now: float) -> None:
        message = messages.Chat(user=fact.viewer.name, username=fact.viewer.unique_id, message=fact.text)
        telling = _Telling(message, fact, match, rendered.pieces)
        if view := rendered.speech:
            message.tts_url, message.tts_volume = view.tts_url, view.volume
        elif not rendered.has_speech:
            self._read(telling, message, now)
        self._tell(telling)
        if message.tts_url and fact.msg_id:
            self._said[fact.msg_id] = _Said(fact.viewer.user_id, message.id)
            if len(self._said) > RECENT_CHAT:
                self._said.popitem(last=False)

    def _read(self, telling: _Telling, message: messages.Chat, now: float) -> None:
        settings = self.setup.settings
        said = self._reader.line(telling.fact, settings, self.setup.chat_template, self._context, now)
        spoken = self._hand_out(said.text, None) if said.text else None
        telling.read = {"text": said.text, "skipped_by": said.skipped_by}
        if spoken is not None:
            message.tts_url, message.tts_volume = media_url(spoken.name), settings.tts_volume
            telling.seconds, telling.speech = spoken.seconds, spoken.name
        elif said.text:
            telling.read["skipped_by"] = "nobody_hears" if not self._sounding else "not_spoken"

    def _gift(self, fact: Fact, match: Match, rendered: Rendered) -> None:
        untold = (self._untold.pop(fact.streak, 0) if fact.streak else 0) + fact.added
        if not untold:
            for piece in rendered.pieces:
                self._tell_effect(piece, fact, match)
            return
        if fact.phase is Phase.MORE and not match.fired:
            self._untold[fact.streak] = untold
            return
        message = messages.Gift(
            user=fact.viewer.name,
            username=fact.viewer.unique_id,
            gift_name=fact.gift_name,
            count=untold,
            gift_id=fact.gift_id,
            diamonds=fact.diamonds,
            total_diamonds=untold * fact.diamonds,
        )
        if fact.streak:
            message.streak = messages.StreakView(fact.streak, fact.count, fact.phase is Phase.END)
        telling = _Telling(message, fact, match, rendered.pieces)
        _sound_like_seed(message, rendered)
        if not rendered.has_sound and untold == fact.count:  # nothing of it was told before
            self._ring_default(telling, message)
        self._tell(telling)

    def _ring_default(self, telling: _Telling, message: messages.Gift) -> None:
        """The sound of a gift no sound trigger fired on."""
        settings = self.setup.settings
        name = settings.default_gift_sound
        sound = self.setup.sounds.find(name) if name else None
        if sound is not None and settings.gift_sounds_enabled:
            message.sound_url, message.sound_volume = media_url(sound.media_name), settings.gifts_volume
            telling.seconds = sound.duration

    def _like(self, fact: Fact, match: Match, rendered: Rendered) -> None:
        viewer = fact.viewer
        message = messages.Like(
            user=viewer.name, username=viewer.unique_id, count=fact.count, total=fact.total
        )
        self._tell(_Telling(message, fact, match, rendered.pieces))

    def _by_viewer(self, fact: Fact, match: Match, rendered: Rendered) -> None:
        message = _MESSAGE_OF[fact.type](user=fact.viewer.name, username=fact.viewer.unique_id)
        _sound_like_seed(message, rendered)
        self._tell(_Telling(message, fact, match, rendered.pieces))

    def _tell_effect(self, piece: Piece, fact: Fact, match: Match) -> None:
        """What has no event message of its own."""
        view = piece.view
        message = messages.Effect(
            trigger_id=view.trigger_id,
            action=view.action,
            sound_url=view.sound_url,
            tts_url=view.tts_url,
            text=None if isinstance(view.text, UnsetType) else view.text,
            volume=view.volume,
            image=view.image,
            duration=view.duration,
            name=view.name,
            value=view.value,
        )
        self._tell(_Telling(message, fact, match, [], piece.seconds, piece.speech), [view])

    # Queue, socket, history

    def _tell(self, telling: _Telling, views: list[EffectView] | None = None) -> None:
        message, pieces = telling.message, telling.pieces
        if pieces:
            message.effects = views = [piece.view for piece in pieces]
        at = self._channel.number(message)
        dropped = self._queue_up(telling) if self._sounding and messages.has_audio(message) else []
        is_dropped = any(item.id == message.id for item in dropped)
        self._publish(messages.silenced(message) if is_dropped else message, telling.fact)
        data = record(
            telling.fact,
            telling.match,
            views or (),
            speech=telling.read,
            heard_by=self._sounding,
            dropped="max_backlog_seconds" if is_dropped else None,
        )
        kind = str(type(message).__struct_config__.tag)
        self._journal.record(
            Entry(self._channel.user_id, self.tally, message.id, message.seq, at, kind, data)
        )
        if dropped:
            self._on_dropped(dropped)

    def _queue_up(self, telling: _Telling) -> list[Item]:
        seconds, speech, speech_seconds = telling.seconds, telling.speech, 0.0
        if speech is not None:
            speech_seconds = seconds
        for piece in telling.pieces:
            seconds += piece.seconds
            if piece.speech is not None and speech is None:
                speech, speech_seconds = piece.speech, piece.seconds
        value = worth(telling.fact, telling.match.fired)
        item = Item(telling.message.id, seconds, value, speech, speech_seconds)
        return self._queue.offer(item, self._clock.monotonic())

    def _publish(self, message: StreamMessage, fact: Fact) -> None:
        if fact.test:
            message.test = True
        lives_long = fact.type in _LIVES_LONG or isinstance(message, messages.Effect)
        self._channel.publish(message, play_on=self.setup.settings.play_on, lives_long=lives_long)

    def _look_around(self) -> None:
        self._sounding = self._channel.sounding(self.setup.settings.play_on)

    def _count(self, fact: Fact, match: Match) -> None:
        if self.tally is not None:
            self.tally.count(fact)
        self._context.room = _room_after(self._context.room, fact)
        if fact.type is EventType.GIFT:
            self._reader.gave(fact)
            self._gifts.note(fact)
        for trigger in match.fired:
            if isinstance(trigger.params, Count):
                self._journal.add_to_counter(self._channel.user_id, trigger.params.name, trigger.params.add)
            elif isinstance(trigger.params, CallWebhook):
                self._webhooks.call(self._channel.user_id, trigger, fact)

    def _hand_out(self, text: str, voice_id: str | None) -> Spoken | None:
        """Start making speech, unless nobody could hear it."""
        if not self._sounding:
            return None
        settings = self.setup.settings
        voice = voice_id or settings.voice_id or default_voice(settings.language)
        choice = VoiceChoice(voice, settings.speech_rate, settings.speech_pitch)
        return self._speech.hand_out(self._channel.user_id, text, choice)


def _room_after(room: Room, fact: Fact) -> Room:
    if fact.type is EventType.LIKE:
        return Room(fact.total, room.viewers)
    if fact.type is EventType.VIEWER_COUNT:
        return Room(room.likes, fact.total)
    return room


def _sound_like_seed(message: Any, rendered: Rendered) -> None:
    """What a client that only knows the seed's fields plays: the first sound, the first speech."""
    if view := rendered.sound:
        message.sound_url, message.sound_volume = view.sound_url, view.volume
    if view := rendered.speech:
        message.tts_url, message.tts_volume = view.tts_url, view.volume
