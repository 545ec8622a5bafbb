"""What may not be saved, and which field the refusal names."""

from typing import Any

import msgspec
import pytest

from core.errors import Invalid
from core.triggers.intake import Allowed, TriggerBody, parse
from tests.core.triggers.bodies import SOUND, body, parsed


def refused_field(**fields: Any) -> object:
    with pytest.raises(Invalid) as refusal:
        parsed(**fields)
    assert refusal.value.detail.startswith(f"{refusal.value.details['field']}: ")
    return refusal.value.details["field"]


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
        ("action_params.url", {"action": "webhook", "action_params": {"url": "http://localhost:8080/in"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "https://0x7f.1/in"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "https://[::1]/in"}}),
        ("action_params.url", {"action": "webhook", "action_params": {"url": "https://[fe80::1%25eth0]/"}}),
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
