"""Which chat lines are read aloud, and in which words."""

from collections import OrderedDict
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from core.live.events import EventType, Fact, Role, Viewer
from core.settings import Settings
from core.speech.names import readable_name
from core.speech.pronunciation import told
from core.speech.text import Prepared, prepare
from core.triggers.templates import Room, Template

MAX_VIEWERS = 5_000  # remembered for the pause between two lines of one viewer
MAX_ROUND_A_LINE = 900  # characters of a line with the template around it
MAX_RAW = 1_000  # characters of a line that are looked at

_FOLLOWERS = int(Role.FOLLOWER | Role.FRIEND)


class Context(Struct):
    """What any template may name beside the fact itself."""

    counters: Mapping[str, int]
    room: Room = Room()  # likes and viewers of the LIVE


class CarriedReader(Struct, frozen=True):
    """For a process that goes on."""

    read: list[tuple[int, float]]  # viewer, seconds since they were read
    given: dict[int, int]


class ChatReader:
    """One LIVE's memory of who was read when and who gave what."""

    def __init__(self) -> None:
        self._read_at: OrderedDict[int, float] = OrderedDict()
        self._given: dict[int, int] = {}

    def gave(self, fact: Fact) -> None:
        viewer_id = fact.viewer.user_id
        self._given[viewer_id] = self._given.get(viewer_id, 0) + fact.added * fact.diamonds

    def carry(self, now: float) -> "CarriedReader":
        return CarriedReader([(who, now - at) for who, at in self._read_at.items()], self._given)

    def resume(self, carried: "CarriedReader", now: float) -> None:
        self._read_at = OrderedDict((who, now - age) for who, age in carried.read)
        self._given = dict(carried.given)

    def line(
        self, fact: Fact, settings: Settings, template: Template, context: Context, now: float
    ) -> Prepared:
        """What to say for a chat line; `skipped_by` names the setting that keeps it silent."""
        if reason := self._refused_by(fact, settings, now):
            return Prepared(None, reason)
        text = _without_prefix(fact.text, settings)[:MAX_RAW]
        said = _prepared(text, settings, settings.chat_tts_max_length)
        if said.text is not None and template.text != "{message}":
            said = say(template, replace(fact, text=said.text), settings, MAX_ROUND_A_LINE, context)
        if said.text is not None and settings.user_tts_cooldown_seconds and not fact.test:
            self._remember(fact.viewer.user_id, now)
        return said

    def _refused_by(self, fact: Fact, settings: Settings, now: float) -> str | None:
        if not settings.tts_enabled:
            return "tts_enabled"
        if is_blocked(fact, settings):
            return "blocked_users"
        if not self._mode_allows(fact, settings):
            return "chat_tts_mode"
        read_at = self._read_at.get(fact.viewer.user_id)
        if read_at is not None and now - read_at < settings.user_tts_cooldown_seconds:
            return "user_tts_cooldown_seconds"
        return None

    def _mode_allows(self, fact: Fact, settings: Settings) -> bool:
        match settings.chat_tts_mode:
            case "all":
                return True
            case "off":
                return False
            case "prefix":
                return _prefix_of(fact.text, settings) is not None
            case "donor":
                given = self._given.get(fact.viewer.user_id, 0)
                return given >= max(1, settings.chat_tts_min_diamonds)
            case "follower":
                return bool(fact.viewer.roles & _FOLLOWERS)

    def _remember(self, viewer_id: int, now: float) -> None:
        self._read_at[viewer_id] = now
        self._read_at.move_to_end(viewer_id)
        if len(self._read_at) > MAX_VIEWERS:
            self._read_at.popitem(last=False)


def try_line(text: str, name: str, settings: Settings) -> Prepared:
    """How a line of chat would be read, written by somebody who follows and has given enough."""
    viewer = Viewer(1, name, name, int(Role.FOLLOWER))
    reader = ChatReader()
    reader.gave(Fact(EventType.GIFT, viewer, added=1, diamonds=max(1, settings.chat_tts_min_diamonds)))
    line = Fact(EventType.CHAT, viewer, text=text, test=True)
    template = Template.parse(settings.chat_tts_template)
    return reader.line(line, settings, template, Context({}), 0.0)


def say(template: Template, fact: Fact, settings: Settings, max_length: int, context: Context) -> Prepared:
    """Fill `template` in words a voice can say."""
    if fact.type is not EventType.VIEWER_COUNT:
        fact = replace(fact, viewer=_called(fact.viewer, settings))
    return _prepared(template.render(fact, context.counters, context.room), settings, max_length)


def _called(viewer: Viewer, settings: Settings) -> Viewer:
    """The viewer under the name that is said."""
    said = told(settings.pronunciations, viewer.nickname, viewer.unique_id)
    if said:
        return replace(viewer, nickname=said, unique_id=said)
    return replace(viewer, nickname=readable_name(viewer.name) or viewer.unique_id)


def _prepared(text: str, settings: Settings, max_length: int) -> Prepared:
    return prepare(
        text,
        language=settings.language,
        max_length=max_length,
        blocked_words=settings.blocked_words,
        profanity_mode=settings.profanity_mode,
        pronunciations=settings.pronunciations,
    )


def is_blocked(fact: Fact, settings: Settings) -> bool:
    if not settings.blocked_users:
        return False
    names = {fact.viewer.unique_id.casefold(), fact.viewer.nickname.casefold()}
    return any(user.removeprefix("@").casefold() in names for user in settings.blocked_users)


def _prefix_of(text: str, settings: Settings) -> str | None:
    folded = text.lstrip().casefold()
    return next((one for one in settings.chat_tts_prefixes if folded.startswith(one.casefold())), None)


def _without_prefix(text: str, settings: Settings) -> str:
    if settings.chat_tts_mode != "prefix":
        return text
    prefix = _prefix_of(text, settings)
    return text.lstrip()[len(prefix) :].lstrip() if prefix else text
