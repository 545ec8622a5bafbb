"""Triggers as a file: nothing is lost on the way, and what is wrong is named by its line."""

import json
from typing import Any

import pytest

from core.errors import Invalid, SoundNotFound
from core.triggers import portable
from core.triggers.intake import parse
from core.triggers.model import Trigger
from tests.core.triggers.bodies import ALLOWED, body, parsed

SPOKEN: dict[str, Any] = {"action": "tts", "action_params": {"text_template": "Hi {user}"}}
MANY: list[dict[str, Any]] = [
    {},
    {"condition_key": "gift_name", "condition_value": "Роза", "name": "Розы", "priority": -3},
    {"event_type": "chat", **SPOKEN, "conditions": [{"key": "role", "value": "friend"}], "stop": True},
    {"action": "alert", "action_params": {"text_template": "{user}", "image": "heart", "duration": 7.5}},
    {"enabled": False, "once_per_stream": True, "cooldown_seconds": 0.5, "when": "end"},
]
ONE = {"event_type": "gift", "action": "play_sound", "action_params": {"sound_filename": "chime"}}


def refused(text: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        portable.read(text)
    return caught.value


def file(*triggers: Any, **fields: Any) -> str:
    return json.dumps({"format": portable.FORMAT, "version": 1, "triggers": list(triggers), **fields})


def test_what_is_written_is_read_again_whole() -> None:
    triggers = [parsed(**fields) for fields in MANY]

    text = portable.written(triggers)

    assert [parse(one, ALLOWED) for one in portable.read(text)] == triggers
    assert len(text.splitlines()) == len(MANY) + 2
    assert "Роза" in text  # to be read by people, too


def test_a_file_of_none_is_written_and_refused_when_read() -> None:
    text = portable.written([])

    assert json.loads(text)["triggers"] == []
    assert refused(text).details["reason"] == "format"


def test_ids_of_elsewhere_mean_nothing() -> None:
    [found] = portable.read(file(ONE | {"id": 99}))

    assert found == body(action_params={"sound_filename": "chime"})
    assert '"id"' not in portable.written([Trigger(99, **_fields(parsed()))])


def _fields(trigger: Trigger) -> dict[str, Any]:
    return {name: getattr(trigger, name) for name in trigger.__struct_fields__ if name != "id"}


def test_a_bare_list_is_a_file_too() -> None:
    assert portable.read(json.dumps([ONE])) == portable.read(file(ONE))


@pytest.mark.parametrize("version", [0, 2, 99, "1", None, [1]])
def test_a_file_of_another_version_is_refused_as_such(version: Any) -> None:
    assert refused(file(ONE, version=version)).details["reason"] == "version"


@pytest.mark.parametrize(
    "text",
    [
        "null", "1", '"triggers"', "{}", "[]", '{"triggers": {}}', '{"triggers": null}', '{"triggers": []}',
        "[" * 100_000, '{"triggers": ' * 50_000, "[" + "1" * 5_000 + "]",
        '{"triggers": [{"priority": ' + "9" * 5_000 + "}]}",
        json.dumps([ONE] * (portable.MAX_TRIGGERS + 1)),
    ],
)  # fmt: skip
def test_what_is_no_file_of_triggers_is_refused(text: str) -> None:
    assert refused(text).details["field"] == "text"


def test_the_most_there_may_be_are_read() -> None:
    assert len(portable.read(json.dumps([ONE] * portable.MAX_TRIGGERS))) == portable.MAX_TRIGGERS


@pytest.mark.parametrize(("text", "line"), [("", 1), ('{"triggers": [\n{}\n,,]}', 3), ("[{}]\n}", 2)])
def test_what_is_no_json_names_the_line(text: str, line: int) -> None:
    assert refused(text).details["line"] == line


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"event_type": "nothing"}, "event_type"),
        ({"action": 5}, "action"),
        ({"priority": 1e999}, "priority"),
        ({"cooldown_seconds": float("nan")}, "cooldown_seconds"),
        ({"conditions": [{"value": 1}]}, "conditions[0].key"),
        ({"enabled": "yes"}, "enabled"),
        ({"surprise": 1}, "surprise"),
        ({"name": "x" * 1_000}, "name"),
    ],
)
def test_the_wrong_one_is_named_with_its_line_and_field(wrong: dict[str, Any], field: str) -> None:
    lines = ",\n".join(json.dumps(one) for one in (ONE, ONE | wrong, ONE))

    error = refused('{"version": 1, "triggers": [\n' + lines + "\n]}")

    assert (error.details["line"], error.details["position"]) == (3, 1)
    assert error.details["field"] == field
    assert error.detail.startswith("line 3: ")


def test_half_a_character_is_named_with_its_line() -> None:
    wrong = json.dumps(ONE | {"name": "\ud800"})

    assert refused(f"[\n{json.dumps(ONE)},\n{wrong}]").details["line"] == 3
    assert portable.read(json.dumps([ONE | {"name": "🌹"}]))  # two halves that belong together


@pytest.mark.parametrize("one", [5, None, "x", [], True])
def test_what_is_no_trigger_is_named_with_its_line(one: Any) -> None:
    assert refused("[\n" + json.dumps(ONE) + ",\n" + json.dumps(one) + "]").details["line"] == 3


@pytest.mark.parametrize(
    "head",
    [
        '{"meta": {"triggers": []},\n"triggers": [',
        '{"note": "\\"triggers\\": [",\n"triggers": [',
        '{"triggers": [],\n"triggers": [',  # the last one counts
        '{"a": [1, [2]], "b": {},\n"triggers":\t[',
    ],
)
def test_the_line_is_found_whatever_stands_before(head: str) -> None:
    error = refused(f'{head}\n{json.dumps(ONE)},\n5], "after": 1}}')

    assert error.details["line"] == 4


def test_a_later_refusal_gets_its_line_and_keeps_its_kind() -> None:
    text = f"[{json.dumps(ONE)},\n\n{json.dumps(ONE)}]"

    placed = portable.at_line(SoundNotFound(position=1, field="action_params.sound_filename"), text)
    elsewhere = SoundNotFound()

    assert isinstance(placed, SoundNotFound)
    assert placed.details == {"position": 1, "field": "action_params.sound_filename", "line": 3}
    assert portable.at_line(elsewhere, text) is elsewhere
