"""What may be saved, and in which spelling."""

from typing import Any

import msgspec
import pytest

from core.live.events import EventType, Fact, Role, Viewer
from core.triggers.engine import TriggerEngine, TriggerMemory
from core.triggers.intake import TriggerBody, is_seed, parse
from core.triggers.model import (
    CONDITIONS,
    CallWebhook,
    Condition,
    ConditionKey,
    Count,
    PlaySound,
    ShowAlert,
    Speak,
    Trigger,
    When,
)
from tests.core.triggers.bodies import ALLOWED, SOUND, body, parsed


def test_the_seeds_rose() -> None:
    made = parsed(condition_key="gift_name", condition_value="Rose")

    assert made == Trigger(
        0, EventType.GIFT, (Condition(ConditionKey.GIFT_NAME, "Rose"),), PlaySound("rose.mp3"), is_keyed=True
    )


def test_the_seeds_greeting() -> None:
    made = parsed(
        event_type="chat",
        condition_key="message_contains",
        condition_value="привет",
        action="tts",
        action_params={"text_template": "Привет, {user}! Добро пожаловать в стрим!"},
    )

    assert made.params == Speak("Привет, {user}! Добро пожаловать в стрим!")
    assert made.when is When.START


def test_a_seed_without_a_condition() -> None:
    sent = msgspec.json.decode(
        b'{"event_type":"viewer_join","action":"play_sound","action_params":{"sound_filename":"hi.mp3"}}',
        type=TriggerBody,
    )

    assert parse(sent, ALLOWED).conditions == ()
    assert is_seed(sent)


def test_everything_beyond_the_seed() -> None:
    made = parsed(
        name="  Big roses ",
        enabled=False,
        priority=-100,
        cooldown_seconds=1.5,
        user_cooldown_seconds=86_400,
        once_per_stream=True,
        conditions=[{"key": "min_count", "value": 5}, {"key": "role", "value": "Friend"}],
        when="end",
        stop=True,
    )

    assert made == Trigger(
        id=0,
        event_type=EventType.GIFT,
        conditions=(Condition(ConditionKey.MIN_COUNT, "5"), Condition(ConditionKey.ROLE, "friend")),
        params=PlaySound("rose.mp3"),
        name="Big roses",
        enabled=False,
        priority=-100,
        cooldown_seconds=1.5,
        user_cooldown_seconds=86_400,
        once_per_stream=True,
        when=When.END,
        stop=True,
        is_keyed=False,
    )


@pytest.mark.parametrize(
    ("action", "params", "expected"),
    [
        ("play_sound", {"sound_filename": "a.mp3", "volume": 50}, PlaySound("a.mp3", 50)),
        ("play_sound", {"sound_filename": "a.mp3", "volume": "50"}, PlaySound("a.mp3", 50)),
        ("play_sound", {"sound_filename": "a.mp3", "volume": None}, PlaySound("a.mp3", 100)),
        ("tts", {"text_template": "hi", "voice_id": "en-US-AriaNeural"}, Speak("hi", "en-US-AriaNeural")),
        ("alert", {"text_template": "hi", "image": "heart", "duration": 2}, ShowAlert("hi", "heart", 2.0)),
        ("counter", {"name": "hugs", "add": -1}, Count("hugs", -1)),
        ("counter", {"name": "hugs"}, Count("hugs", 1)),
        ("webhook", {"url": "https://example.org/in?a=b"}, CallWebhook("https://example.org/in?a=b")),
    ],
)
def test_the_parameters_of_each_action(action: str, params: dict[str, Any], expected: object) -> None:
    assert parsed(action=action, action_params=params).params == expected


@pytest.mark.parametrize(
    ("event", "action", "params", "when"),
    [
        ("gift", "tts", {"text_template": "hi"}, When.END),
        ("gift", "play_sound", SOUND, When.START),
        ("gift", "alert", {"text_template": "hi"}, When.START),
        ("chat", "tts", {"text_template": "hi"}, When.START),
    ],
)
def test_only_speech_of_gifts_waits_for_the_end_by_itself(
    event: str, action: str, params: dict[str, Any], when: When
) -> None:
    assert parsed(event_type=event, action=action, action_params=params).when is when


@pytest.mark.parametrize(
    ("event", "key", "value", "stored"),
    [
        ("gift", "gift_name", " Rose ", "Rose"),
        ("gift", "gift_id", 5655, "5655"),
        ("gift", "gift_id", "0005655", "5655"),
        ("gift", "min_diamonds", 100.0, "100"),
        ("gift", "min_diamonds", "0", "0"),
        ("gift", "username", "@Ann, ben", "Ann, ben"),
        ("gift", "role", "TOP_GIFTER", "top_gifter"),
        ("gift", "first_time", None, "true"),
        ("gift", "first_time", True, "true"),
        ("gift", "first_time", "True", "true"),
        ("chat", "message_equals", 7, "7"),
        ("chat", "command", "song", "!song"),
        ("chat", "command", "!Песня", "!Песня"),
        ("chat", "message_regex", r" \d+ ", r" \d+ "),
        ("like", "every", "1000", "1000"),
        ("viewer_count", "reached", 50, "50"),
    ],
)
def test_values_are_stored_in_one_spelling(event: str, key: str, value: Any, stored: str) -> None:
    made = parsed(event_type=event, condition_key=key, condition_value=value)

    assert made.conditions == (Condition(ConditionKey(key), stored),)


@pytest.mark.parametrize("field", ["name", "enabled", "priority", "conditions", "when", "stop"])
def test_null_says_nothing(field: str) -> None:
    assert is_seed(body(**{field: None}))
    assert parsed(**{field: None}) == parsed()


MET: dict[ConditionKey, Any] = {
    ConditionKey.USERNAME: "ann_01",
    ConditionKey.ROLE: "friend",
    ConditionKey.FIRST_TIME: None,
    ConditionKey.MESSAGE_CONTAINS: "hi",
    ConditionKey.MESSAGE_EQUALS: "!Hi",
    ConditionKey.MESSAGE_STARTS_WITH: "!h",
    ConditionKey.MESSAGE_REGEX: "h.",
    ConditionKey.COMMAND: "!hi",
    ConditionKey.GIFT_NAME: "Rose",
}
"""Values that `meeting` meets; 1 for all the numbers."""
EVERY_COMBINATION = [
    (event, key, action, params)
    for event, keys in CONDITIONS.items()
    for key in (None, *sorted(keys))
    for action, params in (
        ("play_sound", SOUND),
        ("tts", {"text_template": "{user}"}),
        ("alert", {"text_template": "{user}"}),
        ("counter", {"name": "hugs", "add": 1}),
        ("webhook", {"url": "https://example.org"}),
    )
]


def meeting(event: EventType) -> Fact:
    return Fact(
        event,
        Viewer(1, "ann_01", "Ann", roles=Role.FRIEND, gifter_level=1),
        is_first=True,
        text="!hi",
        gift_id=1,
        gift_name="Rose",
        diamonds=1,
        count=1,
        total_diamonds=1,
        before=0,
        total=1,
    )


@pytest.mark.parametrize(("event", "key", "action", "params"), EVERY_COMBINATION)
def test_every_event_condition_and_action_is_taken_and_runs(
    event: EventType, key: ConditionKey | None, action: str, params: dict[str, Any]
) -> None:
    value = None if key is None else MET.get(key, 1)
    made = parsed(
        event_type=event, condition_key=key, condition_value=value, action=action, action_params=params
    )

    engine = TriggerEngine([made], TriggerMemory())

    assert engine.match(meeting(event), 0.0).fired == [made]
