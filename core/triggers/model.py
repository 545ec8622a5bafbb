"""Triggers as plain data, so they can be stored, compared and tested.

The spelling is the contract's (section 3): a trigger says on which event, under
which conditions, which one action happens.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from core.live.events import EventType


class ConditionKey(StrEnum):
    USERNAME = "username"
    ROLE = "role"
    MIN_GIFTER_LEVEL = "min_gifter_level"
    FIRST_TIME = "first_time"
    MESSAGE_CONTAINS = "message_contains"
    MESSAGE_EQUALS = "message_equals"
    MESSAGE_STARTS_WITH = "message_starts_with"
    MESSAGE_REGEX = "message_regex"
    COMMAND = "command"
    GIFT_NAME = "gift_name"
    GIFT_ID = "gift_id"
    MIN_DIAMONDS = "min_diamonds"
    MAX_DIAMONDS = "max_diamonds"
    MIN_COUNT = "min_count"
    EVERY = "every"
    REACHED = "reached"


ANY_EVENT = frozenset(
    {ConditionKey.USERNAME, ConditionKey.ROLE, ConditionKey.MIN_GIFTER_LEVEL, ConditionKey.FIRST_TIME}
)
CONDITIONS: dict[EventType, frozenset[ConditionKey]] = {
    EventType.CHAT: ANY_EVENT
    | {
        ConditionKey.MESSAGE_CONTAINS,
        ConditionKey.MESSAGE_EQUALS,
        ConditionKey.MESSAGE_STARTS_WITH,
        ConditionKey.MESSAGE_REGEX,
        ConditionKey.COMMAND,
    },
    EventType.GIFT: ANY_EVENT
    | {
        ConditionKey.GIFT_NAME,
        ConditionKey.GIFT_ID,
        ConditionKey.MIN_DIAMONDS,
        ConditionKey.MAX_DIAMONDS,
        ConditionKey.MIN_COUNT,
    },
    EventType.LIKE: ANY_EVENT | {ConditionKey.EVERY, ConditionKey.MIN_COUNT},
    EventType.VIEWER_JOIN: ANY_EVENT,
    EventType.VIEWER_FIRST_MESSAGE: ANY_EVENT,
    EventType.FOLLOW: ANY_EVENT,
    EventType.SHARE: ANY_EVENT,
    EventType.SUBSCRIBE: ANY_EVENT,
    EventType.VIEWER_COUNT: frozenset({ConditionKey.REACHED}),
}
"""Which conditions an event may have. `viewer_count` has no viewer, so nothing about one can be asked."""


class Action(StrEnum):
    PLAY_SOUND = "play_sound"
    TTS = "tts"
    ALERT = "alert"
    COUNTER = "counter"
    WEBHOOK = "webhook"


class When(StrEnum):
    START = "start"  # the moment the conditions first hold on the streak's running total
    END = "end"  # once the streak is over, with the final numbers


class Condition(Struct, frozen=True):
    key: ConditionKey
    value: str  # numbers in decimal, `first_time` "true": one spelling, as the seed's client sends strings


Volume = Annotated[int, Meta(ge=0, le=100)]  # multiplied with the setting
Filename = Annotated[str, Meta(min_length=1, max_length=200)]


class PlaySound(Struct, frozen=True, tag="play_sound"):
    sound_filename: Filename
    volume: Volume = 100


class Speak(Struct, frozen=True, tag="tts"):
    text_template: str
    voice_id: Annotated[str, Meta(min_length=1, max_length=64)] | None = None  # None: the streamer's
    volume: Volume = 100


class ShowAlert(Struct, frozen=True, tag="alert"):
    text_template: str
    image: Filename | None = None  # built-in name or own upload
    duration: Annotated[float, Meta(ge=1, le=60)] = 5.0  # seconds on the overlay


class Count(Struct, frozen=True, tag="counter"):
    name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,32}\Z")]
    add: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 1


class CallWebhook(Struct, frozen=True, tag="webhook"):
    url: Annotated[str, Meta(min_length=1, max_length=2_000)]


Params = PlaySound | Speak | ShowAlert | Count | CallWebhook


class Trigger(Struct, frozen=True):
    id: int
    event_type: EventType
    conditions: tuple[Condition, ...]  # all must hold; the seed's one condition is the first
    params: Params
    name: str = ""
    enabled: bool = True
    priority: int = 0  # -100..100, higher first; equal ones in order of id
    cooldown_seconds: float = 0.0
    user_cooldown_seconds: float = 0.0
    once_per_stream: bool = False
    when: When = When.START
    stop: bool = False  # once it fired, later triggers are not tried
    is_keyed: bool = True  # the first condition came as the seed's condition_key, not in the list

    @property
    def action(self) -> Action:
        return ACTION_OF[type(self.params)]


ACTION_OF: dict[type, Action] = {
    PlaySound: Action.PLAY_SOUND,
    Speak: Action.TTS,
    ShowAlert: Action.ALERT,
    Count: Action.COUNTER,
    CallWebhook: Action.WEBHOOK,
}
