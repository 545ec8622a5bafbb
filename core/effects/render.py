"""A fired trigger as what is seen and heard."""

from collections.abc import Callable, Iterable, Mapping

from msgspec import UNSET, Struct

from core.effects.shown import shown
from core.live.events import EventType, Fact
from core.messages import EffectView, media_url
from core.overlay_look import STANDARD, Look
from core.reading import Context, is_blocked, say
from core.settings import Settings
from core.sounds.service import SoundLibrary
from core.speech.model import Spoken
from core.speech.voices import default_voice
from core.triggers.model import CallWebhook, ConditionKey, Count, PlaySound, ShowAlert, Speak, Trigger
from core.triggers.templates import Template

MAX_SPOKEN = 600  # characters of a filled template


class Setup(Struct, frozen=True):
    """What the streamer saved, as one value that is swapped whole."""

    settings: Settings
    sounds: SoundLibrary
    templates: Mapping[int, Template]  # by trigger id
    chat_template: Template
    look: Look = STANDARD  # of the overlay


class Piece(Struct, gc=False):
    """One effect, how long it is heard, and the media name of what is spoken in it."""

    view: EffectView
    seconds: float = 0.0
    speech: str | None = None
    voice: str | None = None  # that speaks it
    silent_by: str | None = None  # why it is not heard or shown, for history


class Rendered(Struct):
    """Everything that fired on one fact."""

    pieces: list[Piece]
    milestones: list[Piece]  # go out as messages of their own
    has_speech: bool = False  # a speech trigger fired, whether or not anybody hears it
    has_sound: bool = False

    @property
    def sound(self) -> EffectView | None:
        """The first that sounds."""
        return next((piece.view for piece in self.pieces if piece.view.sound_url), None)

    @property
    def speech(self) -> EffectView | None:
        """The first that speaks."""
        return next((piece.view for piece in self.pieces if piece.view.tts_url), None)


class Renderer:
    """`hand_out(text, voice_id)` starts making speech; None: nothing to say, or nobody hears."""

    def __init__(self, hand_out: Callable[[str, str], Spoken | str], context: Context) -> None:
        self._hand_out = hand_out
        self._context = context

    def render(self, fact: Fact, fired: list[Trigger], setup: Setup) -> Rendered:
        rendered = Rendered([], [])
        for trigger in fired:
            piece = self._piece(trigger, fact, setup)
            rendered.has_speech = rendered.has_speech or isinstance(trigger.params, Speak)
            rendered.has_sound = rendered.has_sound or isinstance(trigger.params, PlaySound)
            is_milestone = fact.type is EventType.VIEWER_COUNT or any(
                condition.key is ConditionKey.EVERY for condition in trigger.conditions
            )
            (rendered.milestones if is_milestone else rendered.pieces).append(piece)
        return rendered

    def _piece(self, trigger: Trigger, fact: Fact, setup: Setup) -> Piece:
        piece = Piece(EffectView(trigger.id, trigger.action.value))
        match trigger.params:
            case PlaySound():
                self._sound(piece, trigger.params, fact, setup)
            case Speak():
                self._speech(piece, trigger, trigger.params, fact, setup)
            case ShowAlert():
                self._alert(piece, trigger, trigger.params, fact, setup)
            case Count(name=name):
                piece.view.name, piece.view.value = name, self._context.counters.get(name, 0)
            case CallWebhook():
                pass
        return piece

    def _sound(self, piece: Piece, params: PlaySound, fact: Fact, setup: Setup) -> None:
        settings, view = setup.settings, piece.view
        view.volume = params.volume * settings.gifts_volume // 100
        sound = setup.sounds.find(params.sound_filename)
        if sound is None or (fact.type is EventType.GIFT and not settings.gift_sounds_enabled):
            piece.silent_by = "sound_missing" if sound is None else "gift_sounds_enabled"
            return
        view.sound_url, piece.seconds = media_url(sound.media_name), sound.duration

    def _speech(self, piece: Piece, trigger: Trigger, params: Speak, fact: Fact, setup: Setup) -> None:
        settings, view = setup.settings, piece.view
        view.volume = params.volume * settings.tts_volume // 100
        if not settings.tts_enabled or is_blocked(fact, settings):
            piece.silent_by = "blocked_users" if settings.tts_enabled else "tts_enabled"
            return
        said = say(_template(params, trigger, setup), fact, settings, MAX_SPOKEN, self._context)
        view.text = said.text if said.text is not None else UNSET
        piece.voice = voice_of(params.voice_id, settings)
        spoken = self._hand_out(said.text, piece.voice) if said.text else None
        if isinstance(spoken, Spoken):
            view.tts_url, piece.seconds, piece.speech = media_url(spoken.name), spoken.seconds, spoken.name
        else:
            piece.silent_by = said.skipped_by or spoken

    def _alert(self, piece: Piece, trigger: Trigger, params: ShowAlert, fact: Fact, setup: Setup) -> None:
        view = piece.view
        view.duration = params.duration
        if params.image is not None:
            view.image = params.image
        if is_blocked(fact, setup.settings):
            piece.silent_by = "blocked_users"
        else:
            view.text = shown(_template(params, trigger, setup), fact, setup.settings, self._context)


def voice_of(chosen: str | None, settings: Settings) -> str:
    return chosen or settings.voice_id or default_voice(settings.language)


def _template(params: Speak | ShowAlert, trigger: Trigger, setup: Setup) -> Template:
    """One that is tried before it is saved has none made ready."""
    return setup.templates.get(trigger.id) or Template.parse(params.text_template)


def templates_of(triggers: Iterable[Trigger]) -> dict[int, Template]:
    """Of those that say or show something, parsed once."""
    return {
        trigger.id: Template.parse(trigger.params.text_template)
        for trigger in triggers
        if isinstance(trigger.params, Speak | ShowAlert)
    }
