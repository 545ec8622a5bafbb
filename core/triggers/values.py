"""Condition values as people send them, made into the one spelling that is stored."""

import re
from collections.abc import Callable

from core.triggers.conditions import ROLES, fold
from core.triggers.model import ConditionKey
from core.triggers.regexes import refuse_bad
from core.triggers.templates import is_visible

Value = str | int | float | bool | None

MAX_PHRASE = 200  # characters
MAX_HANDLES = 10
MAX_NUMBER = 10**12
MAX_ID = 2**63 - 1

_DIGITS = re.compile(r"[0-9]{1,19}")
_HANDLE = re.compile(r"[^\s@,]{1,64}")
_COMMAND = re.compile(r"!?([\w-]{1,50})")
_YES = frozenset({"", "true", "1", "yes"})


def spelled(key: ConditionKey, value: Value) -> str:
    """Raises `ValueError` with what is wrong."""
    return _SPELLINGS[key](value)


def _number(least: int, most: int = MAX_NUMBER) -> Callable[[Value], str]:
    def spell(value: Value) -> str:
        number = _whole(value)
        if number is None or not least <= number <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return str(number)

    return spell


def _whole(value: Value) -> int | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = str(value).strip()
    return int(text) if _DIGITS.fullmatch(text) else None


def _text(value: Value) -> str:
    """A number is taken for its digits: a phone may send the `7` of "type 7" as one."""
    if value is None or isinstance(value, bool):
        raise ValueError("a text")
    text = str(value).strip()
    if not is_visible(text) or not fold(text) or len(text) > MAX_PHRASE:
        raise ValueError(f"1 to {MAX_PHRASE} characters")
    return text


def _regex(value: Value) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("a regular expression")
    refuse_bad(value)
    return value


def _command(value: Value) -> str:
    word = _COMMAND.fullmatch(_text(value))
    if word is None or any(char.isspace() for char in fold(word[1])):
        raise ValueError("one word of letters and digits, with or without the !")
    return f"!{word[1]}"


def _username(value: Value) -> str:
    names = [name.strip().removeprefix("@") for name in _text(value).split(",")]
    if len(names) > MAX_HANDLES or not all(_HANDLE.fullmatch(name) for name in names):
        raise ValueError(f"a handle, or up to {MAX_HANDLES} with commas between")
    return ", ".join(names)


def _role(value: Value) -> str:
    role = fold(value) if isinstance(value, str) else ""
    if role not in ROLES:
        raise ValueError(f"one of {', '.join(ROLES)}")
    return role


def _first_time(value: Value) -> str:
    if (fold(str(value)) if value is not None else "") not in _YES:
        raise ValueError("true, or nothing at all")
    return "true"


_SPELLINGS: dict[ConditionKey, Callable[[Value], str]] = {
    ConditionKey.USERNAME: _username,
    ConditionKey.ROLE: _role,
    ConditionKey.MIN_GIFTER_LEVEL: _number(1, 1_000),
    ConditionKey.FIRST_TIME: _first_time,
    ConditionKey.MESSAGE_CONTAINS: _text,
    ConditionKey.MESSAGE_EQUALS: _text,
    ConditionKey.MESSAGE_STARTS_WITH: _text,
    ConditionKey.MESSAGE_REGEX: _regex,
    ConditionKey.COMMAND: _command,
    ConditionKey.GIFT_NAME: _text,
    ConditionKey.GIFT_ID: _number(1, MAX_ID),
    ConditionKey.MIN_DIAMONDS: _number(0),
    ConditionKey.MAX_DIAMONDS: _number(0),
    ConditionKey.MIN_COUNT: _number(1),
    ConditionKey.EVERY: _number(1),
    ConditionKey.REACHED: _number(1),
}
