"""Where facts become what is seen and heard: match, render, read aloud, tell.

Synchronous from end to end; speech is only handed out here and made elsewhere.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection

from msgspec import Struct

from core import messages
from core.channel import Channel
from core.crew import Crew
from core.effects import compose
from core.effects.due import DueAudio
from core.effects.queue import EffectQueue, Item
from core.effects.render import Piece, Rendered, Renderer, Setup, voice_of
from core.live.events import EventType, Fact, Phase
from core.messages import EffectView, media_url
from core.plan_limits import SPEECH
from core.reading import CarriedReader, ChatReader, Context, say
from core.speech.model import Spoken
from core.speech.voices import choice_of
from core.tally import Tally
from core.telling import Teller, Telling
from core.triggers.engine import CarriedMemory, Match, TriggerEngine, TriggerMemory
from core.triggers.marks import marks_of
from core.triggers.model import CallWebhook, Count, Trigger
from core.triggers.templates import Room, Template

RECENT_CHAT = 300  # comments a moderator's deletion can still silence
MAX_SILENCE_TEXT = 300

NOBODY_HEARS = "nobody_hears"
_UNREAD = {"text": None, "skipped_by": NOBODY_HEARS}  # never changed
_NOTHING_FIRED = Match([], [])
_NOTHING_RENDERED = Rendered([], [])  # never changed


class _Said(Struct, gc=False):
    viewer_id: int
    message_id: str


class CarriedStage(Struct, frozen=True):
    """What was played and what is due, for a process that goes on."""

    memory: CarriedMemory
    reader: CarriedReader
    room: Room
    untold: dict[str, int]
    said: list[tuple[int, int, str]]  # TikTok's message id, viewer, ours


class Stage:
    """One streamer's. `setup` and `engine` are swapped whole when something is saved."""

    def __init__(
        self,
        channel: Channel,
        queue: EffectQueue,
        crew: Crew,
        on_dropped: Callable[[list[Item], str], None],
    ) -> None:
        self.memory = TriggerMemory()
        self.engine: TriggerEngine
        self._setup: Setup
        self._user_id = channel.user_id
        self._queue = queue
        self._crew = crew
        self._on_dropped = on_dropped
        self._teller = Teller(channel, queue, crew, on_dropped)
        self._context = Context(self.memory.counters)
        self._renderer = Renderer(self._hand_out, self._context)
        self._reader = ChatReader()
        self._untold: dict[str, int] = {}  # streak id -> gifts counted but not told yet
        self._said: OrderedDict[int, _Said] = OrderedDict()  # by TikTok's message id

    @property
    def setup(self) -> Setup:
        return self._setup

    @setup.setter
    def setup(self, setup: Setup) -> None:
        self._setup = setup
        self._teller.play_on = setup.settings.play_on

    @property
    def audio(self) -> DueAudio:
        return self._teller.audio

    @property
    def is_set_up(self) -> bool:
        return hasattr(self, "_setup")

    @property
    def tally(self) -> Tally | None:
        """Of the broadcast that is running."""
        return self._teller.tally

    @tally.setter
    def tally(self, tally: Tally | None) -> None:
        self._teller.tally = tally

    def carry(self, now: float) -> "CarriedStage":
        return CarriedStage(
            memory=self.memory.carry(now),
            reader=self._reader.carry(now),
            room=self._context.room,
            untold=dict(self._untold),
            said=[(msg_id, one.viewer_id, one.message_id) for msg_id, one in self._said.items()],
        )

    def resume(self, carried: "CarriedStage", now: float) -> None:
        self.memory.resume(carried.memory, now)
        self._reader.resume(carried.reader, now)
        self._context.room = carried.room
        self._untold = dict(carried.untold)
        for msg_id, viewer_id, message_id in carried.said:
            self._said[msg_id] = _Said(viewer_id, message_id)

    # What the session says (core.live.session.Stage)

    def new_stream(self) -> None:
        self.memory.new_stream()
        self._reader = ChatReader()
        self._context.room = Room()
        self._untold.clear()
        self._said.clear()

    def recall(self, once: Collection[int]) -> None:
        self.memory.recall(once)

    def play(self, fact: Fact, *, only: Trigger | None = None) -> None:
        """Tell what happened. `only`: the one trigger being tried, whatever its conditions say."""
        self._teller.look_around()
        now = self._crew.clock.monotonic()
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
            self._teller.tell(Telling(compose.like(fact), fact, match, rendered.pieces))
        elif fact.type is not EventType.VIEWER_COUNT:
            self._teller.tell(Telling(compose.by_viewer(fact, rendered), fact, match, rendered.pieces))
        for piece in rendered.milestones:
            self._tell_effect(piece, fact, match)

    def show_viewers(self, fact: Fact, total: int) -> None:
        self._teller.show(messages.ViewerCount(current=fact.total, total=total), fact)
        self.play(fact)

    def say_silence(self, template: Template) -> None:
        """Nobody has written for a while: speak the streamer's text."""
        self._teller.look_around()
        settings = self.setup.settings
        said = say(template, Fact(EventType.CHAT), settings, MAX_SILENCE_TEXT, self._context)
        voice = voice_of(None, settings)
        if not said.text or not settings.tts_enabled:
            return
        spoken = self._hand_out(said.text, voice)
        if isinstance(spoken, Spoken):
            url = media_url(spoken.name)
            view = EffectView(None, "tts", tts_url=url, volume=settings.tts_volume, text=said.text)
            piece = Piece(view, spoken.seconds, spoken.name, voice)
            self._tell_effect(piece, Fact(EventType.CHAT), _NOTHING_FIRED)

    def unsay(self, msg_ids: list[int], user_ids: list[int]) -> None:
        """A moderator deleted comments: what was not heard yet is left out."""
        of_users = set(user_ids)
        gone = [
            msg_id for msg_id, said in self._said.items() if msg_id in msg_ids or said.viewer_id in of_users
        ]
        dropped = self._queue.drop({self._said.pop(msg_id).message_id for msg_id in gone})
        if dropped:
            self._on_dropped(dropped, "deleted")

    def end_streak(self, streak: str) -> None:
        self.memory.end_streak(streak)
        self._untold.pop(streak, None)

    # One message a fact

    def _chat(self, fact: Fact, match: Match, rendered: Rendered, now: float) -> None:
        message = compose.chat(fact)
        telling = Telling(message, fact, match, rendered.pieces)
        if view := rendered.speech:
            message.tts_url, message.tts_volume = view.tts_url, view.volume
        elif not rendered.has_speech:
            self._read(telling, message, now)
        self._teller.tell(telling)
        if message.tts_url and fact.msg_id:
            self._said[fact.msg_id] = _Said(fact.viewer.user_id, message.id)
            if len(self._said) > RECENT_CHAT:
                self._said.popitem(last=False)

    def _read(self, telling: Telling, message: messages.Chat, now: float) -> None:
        settings = self.setup.settings
        if not self._teller.sounding and not self._teller.is_player_missed:
            telling.read = _UNREAD
            if settings.tts_enabled and settings.chat_tts_mode == "all" and not telling.fact.test:
                self._teller.miss()
            return
        said = self._reader.line(telling.fact, settings, self.setup.chat_template, self._context, now)
        voice = voice_of(None, settings)
        spoken = self._hand_out(said.text, voice) if said.text else None
        telling.read = {"text": said.text, "skipped_by": said.skipped_by}
        if isinstance(spoken, Spoken):
            message.tts_url, message.tts_volume = media_url(spoken.name), settings.tts_volume
            telling.seconds, telling.speech = spoken.seconds, spoken.name
            telling.read["voice"] = voice
        elif spoken:
            telling.read["skipped_by"] = spoken

    def _gift(self, fact: Fact, match: Match, rendered: Rendered) -> None:
        untold = (self._untold.pop(fact.streak, 0) if fact.streak else 0) + fact.added
        if not untold:
            for piece in rendered.pieces:
                self._tell_effect(piece, fact, match)
            return
        if fact.phase is Phase.MORE and not match.fired:
            self._untold[fact.streak] = untold
            return
        message = compose.gift(fact, untold, rendered)
        telling = Telling(message, fact, match, rendered.pieces)
        if not rendered.has_sound:
            self._ring_default(telling, message)
        self._teller.tell(telling)

    def _ring_default(self, telling: Telling, message: messages.Gift) -> None:
        """The sound of a gift no sound trigger fired on, once a streak."""
        settings = self.setup.settings
        name = settings.default_gift_sound
        sound = self.setup.sounds.find(name) if name else None
        if sound is None or not settings.gift_sounds_enabled:
            return
        telling.is_rung = message.count < telling.fact.count
        if not telling.is_rung:
            message.sound_url, message.sound_volume = media_url(sound.media_name), settings.gifts_volume
            telling.seconds, telling.ring = sound.duration, name

    def _tell_effect(self, piece: Piece, fact: Fact, match: Match) -> None:
        message = compose.effect(piece.view)
        self._teller.tell(Telling(message, fact, match, [], piece.seconds, piece.speech), piece)

    def _count(self, fact: Fact, match: Match) -> None:
        if self.tally is not None:
            self.tally.count(fact, self._crew.clock.now())
        self._context.room = _room_after(self._context.room, fact)
        if fact.type is EventType.GIFT:
            self._reader.gave(fact)
            self._crew.gifts.note(fact)
        for trigger in match.fired:
            for mark in marks_of(trigger, fact):
                self._crew.journal.lasting.mark(self._user_id, mark, self.tally.room_id if self.tally else "")
            if isinstance(trigger.params, Count):
                self._crew.journal.add_to_counter(self._user_id, trigger.params.name, trigger.params.add)
            elif isinstance(trigger.params, CallWebhook):
                self._crew.webhooks.call(self._user_id, trigger, fact)

    def _hand_out(self, text: str, voice: str) -> Spoken | str:
        """Start making speech, or say what is against it; for a player who is missed it waits to be asked."""
        if not self._teller.sounding and not self._teller.is_player_missed:
            return NOBODY_HEARS
        choice = choice_of(self.setup.settings, voice)
        spoken = self._crew.speech.hand_out(self._user_id, text, choice, begin=bool(self._teller.sounding))
        return spoken or (SPEECH if self._crew.allowance.spent(self._user_id) else "not_spoken")


def _room_after(room: Room, fact: Fact) -> Room:
    if fact.type is EventType.LIKE:
        return Room(fact.total, room.viewers)
    if fact.type is EventType.VIEWER_COUNT:
        return Room(room.likes, fact.total)
    return room
