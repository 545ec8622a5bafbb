"""Triggers as a file: written one a line, read again whole or refused with the line that is wrong."""

import json
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from core.errors import AppError, Invalid
from core.triggers.intake import TriggerBody
from core.triggers.model import Trigger
from core.triggers.views import to_api

FORMAT = "ttboost-triggers"
VERSION = 1
MAX_TRIGGERS = 2_000

_OF_HERE = frozenset({"id", "version"})

_PATH = re.compile(r" - at `\$\.?([^`]*)`$")
_NAMED = re.compile(r"field `([^`]+)`")
_decoder = json.JSONDecoder()


def written(triggers: Sequence[Trigger]) -> str:
    """In the order they are tried, without what means nothing elsewhere."""
    lines = [json.dumps(_plain(trigger), ensure_ascii=False) for trigger in triggers]
    head = f'{{"format": "{FORMAT}", "version": {VERSION}, "triggers": ['
    return "\n".join([head, ",\n".join(lines), "]}"]) + "\n"


def read(text: str) -> list[TriggerBody]:
    """Raises `Invalid`; `line`, and where it is of one trigger its `position`, are in the details."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise Invalid(
            f"line {error.lineno}: not JSON: {error.msg}", field="text", line=error.lineno
        ) from error
    except (RecursionError, ValueError) as error:  # too deep, or a number of thousands of digits
        raise Invalid("not a file of triggers", field="text", reason="format") from error
    listed = found.get("triggers") if isinstance(found, dict) else found
    if not isinstance(listed, list) or not 0 < len(listed) <= MAX_TRIGGERS:
        raise Invalid("not a file of triggers", field="text", reason="format")
    if isinstance(found, dict) and found.get("version", VERSION) != VERSION:
        raise Invalid("a file of a newer program", field="version", reason="version")
    return [_body(one, position, text) for position, one in enumerate(listed)]


def at_line(error: AppError, text: str) -> AppError:
    """The same refusal, saying in which line of the file the trigger stands that it is about."""
    position = error.details.get("position")
    if not isinstance(position, int):
        return error
    line = line_of(text, position)
    return type(error)(f"line {line}: {error.detail}", **{**error.details, "line": line})


def line_of(text: str, position: int) -> int:
    """Where the trigger begins that is the `position`th of a file that is JSON; lines count from 1."""
    at = _list_of(text) + 1
    for _ in range(position):
        at = _decoder.raw_decode(text, _skip(text, at))[1]
    return text.count("\n", 0, _skip(text, at)) + 1


def _list_of(text: str) -> int:
    """Where the list of triggers opens: the whole file, or what last stands under that name."""
    at = _skip(text, 0)
    if text[at] == "[":
        return at
    found, at = at, _skip(text, at + 1)
    while text[at] != "}":
        name, at = _decoder.raw_decode(text, at)
        value = _skip(text, at)
        found = value if name == "triggers" else found
        at = _skip(text, _decoder.raw_decode(text, value)[1])
    return found


def _skip(text: str, at: int) -> int:
    """Behind blanks and what stands between two."""
    while at < len(text) and text[at] in " \t\r\n,:":
        at += 1
    return at


def _plain(trigger: Trigger) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(to_api(trigger))
    return _elsewhere(fields)


def _elsewhere(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in _OF_HERE}


def _body(given: Any, position: int, text: str) -> TriggerBody:
    _require_sayable(given, position, text)
    known = _elsewhere(given) if isinstance(given, dict) else given
    try:
        return msgspec.convert(known, TriggerBody)
    except msgspec.ValidationError as error:
        reason = str(error)
        path = _PATH.search(reason)
        named = _NAMED.search(reason)
        field = ".".join(part for part in (path and path[1], named and named[1]) if part)
        refusal = Invalid(_PATH.sub("", reason), field=field or None, position=position)
        raise at_line(refusal, text) from error


def _require_sayable(given: Any, position: int, text: str) -> None:
    """JSON can spell half a character, which no database keeps."""
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise at_line(Invalid("half a character", position=position), text) from error
