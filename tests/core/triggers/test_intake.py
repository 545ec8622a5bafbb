"""What may be saved, in which spelling, and which field a refusal names."""

from typing import Any

import msgspec
import pytest

from core.errors import Invalid
from core.live.events import EventType, Fact, Role, Viewer
from core.triggers.engine import TriggerEngine, TriggerMemory
from core.triggers.intake import Allowed, TriggerBody, is_seed, parse
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

ALLOWED = Allowed(
    has_voice=lambda voice: voice == "en-US-AriaNeural",
    has_image=lambda image: image == "heart",
    has_webhooks=True,
)
SOUND = {"sound_filename": "rose.mp3"}


def body(**fields: Any) -> TriggerBody:
    usual = {"event_type": "gift", "action": "play_sound", "action_params": SOUND}
    return msgspec.convert(usual | fields, TriggerBody)


def parsed(**fields: Any) -> Trigger:
    return parse(body(**fields), ALLOWED)


def refused_field(**fields: Any) -> object:
    with pytest.raises(Invalid) as refusal:
        parsed(**fields)
    assert refusal.value.detail.startswith(f"{refusal.value.details['field']}: ")
    return refusal.value.details["field"]


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


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("event_type", {"event_type": None}),
        ("action", {"action": None}),
        ("condition_key", {"condition_value": "Rose"}),
        ("condition_key", {"condition_key": "message_contains", "condition_value": "hi"}),
        (
            "condition_key",
            {"event_type": "viewer_count", "condition_key": "username", "condition_value": "a"},
        ),
        ("condition_value", {"condition_key": "gift_name"}),
        ("condition_value", {"condition_key": "gift_name", "condition_value": "  "}),
        ("condition_value", {"condition_key": "gift_name", "condition_value": True}),
        ("condition_value", {"condition_key": "gift_name", "condition_value": "x" * 201}),
        ("condition_value", {"condition_key": "gift_id", "condition_value": "Rose"}),
        ("condition_value", {"condition_key": "gift_id", "condition_value": 0}),
        ("condition_value", {"condition_key": "gift_id", "condition_value": "9" * 19}),
        ("condition_value", {"condition_key": "min_diamonds", "condition_value": -1}),
        ("condition_value", {"condition_key": "min_diamonds", "condition_value": 1.5}),
        ("condition_value", {"condition_key": "min_diamonds", "condition_value": True}),
        ("condition_value", {"condition_key": "min_diamonds", "condition_value": "1_000"}),
        ("condition_value", {"condition_key": "min_diamonds", "condition_value": "٣"}),
        ("condition_value", {"condition_key": "min_count", "condition_value": 0}),
        ("condition_value", {"condition_key": "role", "condition_value": "boss"}),
        ("condition_value", {"condition_key": "username", "condition_value": "ann,,ben"}),
        ("condition_value", {"condition_key": "username", "condition_value": "two words"}),
        ("condition_value", {"condition_key": "first_time", "condition_value": False}),
        ("condition_value", {"event_type": "like", "condition_key": "every", "condition_value": 0}),
        (
            "condition_value",
            {"event_type": "chat", "condition_key": "message_regex", "condition_value": "(a"},
        ),
        ("condition_value", {"event_type": "chat", "condition_key": "command", "condition_value": "!a b"}),
        ("condition_value", {"event_type": "chat", "condition_key": "command", "condition_value": "!"}),
        ("condition_value", {"event_type": "chat", "condition_key": "command", "condition_value": "ﷺ"}),
        ("conditions[0].key", {"conditions": [{"key": "command", "value": "!x"}]}),
        ("conditions[1].value", {"conditions": [{"key": "first_time"}, {"key": "min_count", "value": "x"}]}),
        (
            "conditions[0].key",
            {
                "condition_key": "gift_id",
                "condition_value": 1,
                "conditions": [{"key": "gift_id", "value": 2}],
            },
        ),
        (
            "conditions[1].value",
            {"conditions": [{"key": "min_diamonds", "value": 9}, {"key": "max_diamonds", "value": 8}]},
        ),
        (
            "condition_value",
            {"event_type": "gift", "condition_key": "min_gifter_level", "condition_value": 1_001},
        ),
        ("when", {"event_type": "chat", "when": "end"}),
        ("action_params.sound_filename", {"action_params": None}),
        ("action_params.sound_filename", {"action_params": {"sound_filename": ""}}),
        ("action_params.sound_filename", {"action_params": {"sound_filename": 5}}),
        ("action_params.volume", {"action_params": SOUND | {"volume": 101}}),
        ("action_params.volume", {"action_params": SOUND | {"volume": -1}}),
        ("action_params.volum", {"action_params": SOUND | {"volum": 10}}),
        ("action_params.text_template", {"action": "tts", "action_params": {}}),
        ("action_params.text_template", {"action": "tts", "action_params": {"text_template": "{foo}"}}),
        ("action_params.text_template", {"action": "alert", "action_params": {"text_template": "a { b"}}),
        (
            "action_params.voice_id",
            {"action": "tts", "action_params": {"text_template": "a", "voice_id": "x"}},
        ),
        ("action_params.image", {"action": "alert", "action_params": {"text_template": "a", "image": "x"}}),
        (
            "action_params.duration",
            {"action": "alert", "action_params": {"text_template": "a", "duration": 0}},
        ),
        (
            "action_params.duration",
            {"action": "alert", "action_params": {"text_template": "a", "duration": 61}},
        ),
        ("action_params.name", {"action": "counter", "action_params": {"name": "a b"}}),
        ("action_params.name", {"action": "counter", "action_params": {"name": "a\n"}}),
        ("action_params.add", {"action": "counter", "action_params": {"name": "a", "add": 1.5}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "ftp://example.org"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "https://"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "https://a:b@example.org"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "http://example.org:99999"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "http://exa mple.org"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "http://a/" + "x" * 2_000}}),
    ],
)
def test_a_refusal_names_its_field(field: str, fields: dict[str, Any]) -> None:
    assert refused_field(**fields) == field


def test_more_than_ten_conditions_are_refused() -> None:
    phrases = [{"key": "message_contains", "value": f"word{number}"} for number in range(10)]

    field = refused_field(
        event_type="chat", condition_key="message_contains", condition_value="one more", conditions=phrases
    )

    assert field == "conditions"


def test_webhooks_are_refused_where_the_operator_does_not_allow_them() -> None:
    closed = Allowed(has_voice=bool, has_image=bool, has_webhooks=False)
    wanted = body(action="webhook", action_params={"url": "https://example.org"})

    with pytest.raises(Invalid) as refusal:
        parse(wanted, closed)

    assert refusal.value.details == {"field": "action"}


@pytest.mark.parametrize(
    "sent",
    [
        b'{"priority": 101}',
        b'{"cooldown_seconds": -1}',
        b'{"user_cooldown_seconds": 86401}',
        b'{"event_type": "raid"}',
        b'{"condition_key": "colour"}',
        b'{"condition_value": {"a": 1}}',
        b'{"name": "' + b"x" * 101 + b'"}',
        b'{"cooldown": 5}',
        b'{"conditions": [{"key": "role", "valeu": "friend"}]}',
    ],
)
def test_bodies_out_of_bounds_do_not_decode(sent: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(sent, type=TriggerBody)


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
