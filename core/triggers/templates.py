"""Texts with fields, parsed once. What a viewer wrote is put in and never read as a template again."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Self

from msgspec import Struct

from core.errors import Invalid
from core.live.events import EventType, Fact

MAX_TEMPLATE = 300  # characters
MAX_VALUE = 500  # characters of one field
MAX_RENDERED = 1_000
COUNTER_NAME = re.compile(r"[A-Za-z0-9_]{1,32}")

Counters = Mapping[str, int]


class Room(Struct, frozen=True):
    """What the whole LIVE has come to, for events that say nothing about it."""

    likes: int = 0
    viewers: int = 0


_UNKNOWN = Room()

Fill = Callable[[Fact, Counters, Room], str]
Part = str | Fill

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_COUNTER = "counter:"

_FIELDS: dict[str, Fill] = {
    "user": lambda fact, *_: fact.viewer.name,
    "username": lambda fact, *_: fact.viewer.unique_id,
    "nickname": lambda fact, *_: fact.viewer.name,
    "message": lambda fact, *_: fact.text,
    "gift_name": lambda fact, *_: fact.gift_name,
    "count": lambda fact, *_: str(fact.count),
    "diamonds": lambda fact, *_: str(fact.diamonds),
    "total_diamonds": lambda fact, *_: str(fact.total_diamonds),
    "likes": lambda fact, _, room: str(fact.total if fact.type is EventType.LIKE else room.likes),
    "viewers": lambda fact, _, room: str(fact.total if fact.type is EventType.VIEWER_COUNT else room.viewers),
}
FIELDS = (*_FIELDS, "counter:NAME")


def is_visible(text: str) -> bool:
    """Something of it can be seen: a letter, a digit, a sign, a picture; no mere marks and blanks."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in text)


class Template:
    """A parsed text. A field the event says nothing about is empty, or 0."""

    __slots__ = ("_parts", "text")

    def __init__(self, text: str, parts: tuple[Part, ...]) -> None:
        self.text = text
        self._parts = parts

    @classmethod
    def parse(cls, text: str, field: str = "text_template") -> Self:
        """Raises `Invalid` naming `field`: an unknown field in the text, a stray brace, too long, empty."""
        if not is_visible(text) or len(text) > MAX_TEMPLATE:
            raise Invalid(f"{field}: 1 to {MAX_TEMPLATE} characters", field=field)
        try:
            return cls(text, _parts(text))
        except ValueError as error:
            raise Invalid(f"{field}: {error}", field=field) from error

    def render(self, fact: Fact, counters: Counters, room: Room = _UNKNOWN) -> str:
        texts = (
            part if isinstance(part, str) else part(fact, counters, room)[:MAX_VALUE] for part in self._parts
        )
        return "".join(texts)[:MAX_RENDERED]


@lru_cache(maxsize=1_024)
def _parts(text: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    read_to = 0
    for token in _TOKEN.finditer(text):
        parts.append(text[read_to : token.start()])
        parts.append(_part(token))
        read_to = token.end()
    parts.append(text[read_to:])
    return tuple(part for part in parts if part)


def _part(token: re.Match[str]) -> Part:
    found = token.group()
    if found in {"{{", "}}"}:
        return found[0]
    if found in {"{", "}"}:
        raise ValueError(f"stray brace at {token.start()}: write {{{{ or }}}} for a brace itself")
    return _field(token.group(1).strip())


def _field(name: str) -> Part:
    if name in _FIELDS:
        return _FIELDS[name]
    counter = name.removeprefix(_COUNTER)
    if counter == name or not COUNTER_NAME.fullmatch(counter):
        known = ", ".join(f"{{{one}}}" for one in FIELDS)
        raise ValueError(f"unknown field {{{name[:40]}}} (known: {known})")
    return lambda _, counters, __: str(counters.get(counter, 0))
