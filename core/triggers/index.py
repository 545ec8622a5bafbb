"""Which triggers a fact can concern at all, found without trying each of them.

Every trigger hangs at its most telling condition, the *anchor*; a look-up of
each kind of anchor brings up the few triggers worth trying. The anchor of what
is brought up holds, so only the other conditions are checked.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import ahocorasick

from core.triggers.conditions import ROLES, Check, Subject, check_of, fold, handles
from core.triggers.model import Condition, ConditionKey, Count, Trigger, When
from core.triggers.regexes import RegexSet


class Entry:
    """A trigger made ready for trying."""

    __slots__ = ("at_end", "checks", "count", "id", "rank", "trigger")

    def __init__(self, trigger: Trigger, rank: int) -> None:
        self.trigger = trigger
        self.id = trigger.id
        self.rank = rank  # the place in the order of trying
        self.at_end = trigger.when is When.END
        self.count = trigger.params if isinstance(trigger.params, Count) else None
        self.checks: list[tuple[str, Check]] = []  # all conditions but the anchor

    def refusal(self, subject: Subject) -> str | None:
        """The condition that does not hold; None where all do."""
        for key, check in self.checks:
            if not check(subject):
                return key
        return None


Find = Callable[[Subject], Sequence[Entry]]
Anchored = list[tuple[str, Entry]]  # condition value and what hangs at it


class Index:
    """The triggers of one event type."""

    def __init__(self, triggers: Iterable[Trigger]) -> None:
        anchored: defaultdict[ConditionKey | None, Anchored] = defaultdict(list)
        ordered = sorted(triggers, key=lambda trigger: (-trigger.priority, trigger.id))
        for rank, trigger in enumerate(ordered):
            entry = Entry(trigger, rank)
            anchor = min(trigger.conditions, key=lambda condition: _RANK[condition.key], default=None)
            entry.checks = _checks(trigger.conditions, anchor)
            anchored[anchor.key if anchor else None].append((anchor.value if anchor else "", entry))
        self._finds = [_FINDS[key](pairs) for key, pairs in anchored.items()]

    def find(self, subject: Subject) -> list[Entry]:
        """What may concern the fact, in the order of trying."""
        found: list[Entry] = []
        for find in self._finds:
            found += find(subject)
        if len(found) > 1:
            found.sort(key=_rank)
        return found


def _rank(entry: Entry) -> int:
    return entry.rank


def _checks(conditions: Sequence[Condition], anchor: Condition | None) -> list[tuple[str, Check]]:
    return [
        (condition.key.value, check_of(condition))
        for condition in conditions
        if condition is not anchor or condition.key in _NEARLY
    ]


def _always(pairs: Anchored) -> Find:
    entries = [entry for _, entry in pairs]
    return lambda _subject: entries


def _by_value(
    of: Callable[[Subject], object], keys: Callable[[str], Iterable[object]]
) -> Callable[[Anchored], Find]:
    """Anchors that ask whether something equals one of a few values."""

    def build(pairs: Anchored) -> Find:
        table: defaultdict[object, list[Entry]] = defaultdict(list)
        for value, entry in pairs:
            for key in dict.fromkeys(keys(value)):
                table[key].append(entry)
        look_up = dict(table).get
        return lambda subject: look_up(of(subject), ())

    return build


def _by_phrase(pairs: Anchored) -> Find:
    """One automaton for all phrases: the message is read once, however many there are."""
    phrases: defaultdict[str, list[Entry]] = defaultdict(list)
    for value, entry in pairs:
        phrases[fold(value)].append(entry)
    groups = list(phrases.values())
    automaton = ahocorasick.Automaton()
    for position, phrase in enumerate(phrases):
        automaton.add_word(phrase, position)
    automaton.make_automaton()

    def find(subject: Subject) -> Sequence[Entry]:
        hits = {position for _, position in automaton.iter(subject.text)}
        return [entry for position in hits for entry in groups[position]] if hits else ()

    return find


def _by_regex(pairs: Anchored) -> Find:
    patterns = RegexSet([value for value, _ in pairs])
    entries = [entry for _, entry in pairs]
    return lambda subject: [entries[position] for position in patterns.found_in(subject.written)]


def _by_role(pairs: Anchored) -> Find:
    flagged = [(int(ROLES[value]), entry) for value, entry in pairs]
    return lambda subject: [entry for flag, entry in flagged if flag & subject.roles] if subject.roles else ()


def _first_time(pairs: Anchored) -> Find:
    entries = [entry for _, entry in pairs]
    return lambda subject: entries if subject.fact.is_first else ()


def _sorted(pairs: Anchored) -> tuple[list[int], list[Entry]]:
    ordered = sorted(((int(value), entry.rank, entry) for value, entry in pairs), key=lambda one: one[:2])
    return [value for value, _, _ in ordered], [entry for _, _, entry in ordered]


def _at_least(of: Callable[[Subject], int]) -> Callable[[Anchored], Find]:
    def build(pairs: Anchored) -> Find:
        values, entries = _sorted(pairs)
        return lambda subject: entries[: bisect_right(values, of(subject))]

    return build


def _at_most(of: Callable[[Subject], int]) -> Callable[[Anchored], Find]:
    def build(pairs: Anchored) -> Find:
        values, entries = _sorted(pairs)
        return lambda subject: entries[bisect_left(values, of(subject)) :]

    return build


def _reached(pairs: Anchored) -> Find:
    values, entries = _sorted(pairs)
    return lambda subject: entries[
        bisect_right(values, subject.fact.before) : bisect_right(values, subject.fact.total)
    ]


def _every(pairs: Anchored) -> Find:
    steps: defaultdict[int, list[Entry]] = defaultdict(list)
    for value, entry in pairs:
        steps[int(value)].append(entry)
    groups = list(steps.items())

    def find(subject: Subject) -> Sequence[Entry]:
        before, total = subject.fact.before, subject.fact.total
        return [entry for step, entries in groups if total // step > before // step for entry in entries]

    return find


_FINDS: dict[ConditionKey | None, Callable[[Anchored], Find]] = {
    ConditionKey.MESSAGE_EQUALS: _by_value(lambda subject: subject.text, lambda value: [fold(value)]),
    ConditionKey.COMMAND: _by_value(lambda subject: subject.command, lambda value: [fold(value)]),
    ConditionKey.GIFT_ID: _by_value(lambda subject: subject.fact.gift_id, lambda value: [int(value)]),
    ConditionKey.USERNAME: _by_value(lambda subject: subject.handle, handles),
    ConditionKey.GIFT_NAME: _by_value(lambda subject: subject.gift, lambda value: [fold(value)]),
    ConditionKey.MESSAGE_STARTS_WITH: _by_phrase,
    ConditionKey.MESSAGE_CONTAINS: _by_phrase,
    ConditionKey.MESSAGE_REGEX: _by_regex,
    ConditionKey.REACHED: _reached,
    ConditionKey.EVERY: _every,
    ConditionKey.MIN_DIAMONDS: _at_least(lambda subject: subject.fact.total_diamonds),
    ConditionKey.MAX_DIAMONDS: _at_most(lambda subject: subject.fact.total_diamonds),
    ConditionKey.MIN_COUNT: _at_least(lambda subject: subject.fact.count),
    ConditionKey.MIN_GIFTER_LEVEL: _at_least(lambda subject: subject.fact.viewer.gifter_level),
    ConditionKey.FIRST_TIME: _first_time,
    ConditionKey.ROLE: _by_role,
    None: _always,
}
"""How each anchor is looked up, the most telling first."""

_RANK = {key: rank for rank, key in enumerate(_FINDS)}
_NEARLY = frozenset({ConditionKey.MESSAGE_STARTS_WITH})
"""Anchors whose look-up also brings up what does not hold: the automaton finds a phrase anywhere."""
