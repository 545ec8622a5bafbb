"""A trigger as a sentence: "When somebody sends Rose worth at least 10 diamonds, play bell.mp3"."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from core.live.events import EventType
from core.triggers.model import (
    CallWebhook,
    Condition,
    ConditionKey,
    Count,
    PlaySound,
    ShowAlert,
    Speak,
    Trigger,
)
from webapp.miniapp.wording import Say, Words

_TEXTS = frozenset(
    {
        ConditionKey.MESSAGE_CONTAINS,
        ConditionKey.MESSAGE_EQUALS,
        ConditionKey.MESSAGE_STARTS_WITH,
        ConditionKey.MESSAGE_REGEX,
    }
)
_COUNTED = {
    ConditionKey.MIN_DIAMONDS: "diamonds",
    ConditionKey.MAX_DIAMONDS: "diamonds",
    ConditionKey.EVERY: "likes",
}
_PRICES = (ConditionKey.MIN_DIAMONDS, ConditionKey.MAX_DIAMONDS)
_NUMBERS = frozenset({ConditionKey.MIN_COUNT, ConditionKey.REACHED, ConditionKey.MIN_GIFTER_LEVEL})
# Two braces are one of the text itself.
_FIELD = re.compile(r"\{\{|\}\}|\{\s*(\w+)(?::(\w+))?\s*\}", re.ASCII)


class Part(Struct, frozen=True):
    text: str
    is_slot: bool = False  # what the streamer chose


def parts_of(trigger: Trigger, words: Words, say: Say) -> list[Part]:
    """`words`: those of the sentence in the catalogue `triggers`."""
    return list(_parts(trigger, words, say))


def text_of(trigger: Trigger, words: Words, say: Say) -> str:
    return "".join(part.text for part in _parts(trigger, words, say))


def _parts(trigger: Trigger, words: Words, say: Say) -> Iterator[Part]:
    yield from _filled(words["start"], "event", words["events"][trigger.event_type], is_slot=False)
    conditions = list(trigger.conditions)
    if trigger.event_type is EventType.GIFT:
        gift = next((one for one in conditions if one.key is ConditionKey.GIFT_NAME), None)
        yield Part(" ")
        yield Part(gift.value if gift else words["any_gift"], is_slot=True)
        conditions = [one for one in conditions if one is not gift]
    yield from _asked(conditions, words, say)
    yield from _filled(words["actions"][trigger.action], "value", _done(trigger, words))


def _asked(conditions: list[Condition], words: Words, say: Say) -> Iterator[Part]:
    """A least and a most price are one range, where the first of them stands."""
    bounds = {one.key: one for one in conditions if one.key in _PRICES}
    is_range = len(bounds) == len(_PRICES)
    for condition in conditions:
        if not (is_range and condition.key in _PRICES):
            yield from _filled(words["conditions"][condition.key], "value", _value(condition, words, say))
        elif condition is next(iter(bounds.values())):
            least, most = (bounds[key] for key in _PRICES)
            up_to, _, rest = words["between"].partition("{most}")
            yield from _filled(up_to, "least", say.number(int(least.value)))
            yield from _filled("{most}" + rest, "most", _value(most, words, say))


def _filled(phrase: str, slot: str, value: str, *, is_slot: bool = True) -> Iterator[Part]:
    before, _, after = phrase.partition(f"{{{slot}}}")
    for part in (Part(before), Part(value, is_slot), Part(after)):
        if part.text:
            yield part


def _value(condition: Condition, words: Words, say: Say) -> str:
    key, value = condition.key, condition.value
    if key in _COUNTED:
        return say.many(words["amounts"][_COUNTED[key]], int(value))
    if key in _NUMBERS:
        return say.number(int(value))
    if key in _TEXTS:
        return str(words["quoted"]).format_map({"text": value})
    if key is ConditionKey.ROLE:
        return str(words["roles"][value])
    if key is ConditionKey.FIRST_TIME:
        return str(words["first_time"])
    return ", ".join(f"@{name}" for name in value.split(", ")) if key is ConditionKey.USERNAME else value


def _done(trigger: Trigger, words: Words) -> str:
    match trigger.params:
        case PlaySound(sound_filename=filename):
            return filename
        case Speak(text_template=text) | ShowAlert(text_template=text):
            return str(words["quoted"]).format_map({"text": _named(text, words["fields"])})
        case Count(name=name, add=add):
            return f"{add:+} → {name}"
        case CallWebhook(url=url):
            return url


def _named(text: str, names: Mapping[str, str]) -> str:
    """With the names of its fields, as their buttons have them in the editor."""

    def name_of(found: re.Match[str]) -> str:
        field, counter = found.groups()
        if field not in names:
            return found.group()
        return f"[{names[field]} {counter}]" if counter else f"[{names[field]}]"

    return _FIELD.sub(name_of, text)
