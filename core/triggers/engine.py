"""Which triggers a fact fires. Synchronous and in memory: this is the hot path.

The engine is rebuilt whole whenever triggers are saved; what has to outlive
that (cooldowns, streaks, counters) is in `TriggerMemory`.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable

from msgspec import Struct

from core.live.events import EventType, Fact, Phase
from core.triggers.conditions import Subject, check_of
from core.triggers.index import Entry, Index
from core.triggers.model import Trigger, When

MAX_VIEWER_COOLDOWNS = 20_000
MAX_STREAKS = 1_000

_COOLDOWNS = frozenset({"cooldown", "user_cooldown"})
_RUNNING = frozenset({Phase.START, Phase.MORE})


class Match(Struct):
    fired: list[Trigger]  # in the order they act
    refused: list[tuple[int, str]]  # trigger id and what refused it, of those that were tried
    left: dict[int, float] | None = None  # seconds of its cooldown a refused one had still to wait, by id


class Verdict(Struct, frozen=True):
    """What one trigger thinks of a fact, whatever happened before."""

    trigger_id: int
    refused_by: str | None  # None: it matches; a condition key, "enabled" or "when"


class CarriedMemory(Struct, frozen=True):
    """What happened so far, for a process that goes on. Waits are seconds."""

    counters: dict[str, int]
    waits: dict[int, float]  # by trigger
    viewer_waits: list[tuple[int, int, float]]  # trigger, viewer
    once: list[int]
    streaks: list[tuple[str, list[int]]]


class TriggerMemory:
    """What happened so far. Lives as long as the streamer is listened to, and is bounded."""

    def __init__(self, counters: dict[str, int] | None = None) -> None:
        self.counters = {} if counters is None else counters
        self._ready_at: dict[int, float] = {}  # trigger id
        self._viewer_ready_at: OrderedDict[tuple[int, int], float] = OrderedDict()  # trigger id, viewer id
        self._once: set[int] = set()
        self._streaks: OrderedDict[str, set[int]] = OrderedDict()

    def carry(self, now: float) -> "CarriedMemory":
        return CarriedMemory(
            counters=dict(self.counters),
            waits={id_: at - now for id_, at in self._ready_at.items() if at > now},
            viewer_waits=[(*key, at - now) for key, at in self._viewer_ready_at.items() if at > now],
            once=list(self._once),
            streaks=[(name, list(fired)) for name, fired in self._streaks.items()],
        )

    def resume(self, carried: "CarriedMemory", now: float) -> None:
        self.counters.update(carried.counters)
        self._ready_at = {id_: now + wait for id_, wait in carried.waits.items()}
        for trigger_id, viewer_id, wait in carried.viewer_waits:
            self._viewer_ready_at[trigger_id, viewer_id] = now + wait
        self._once = set(carried.once)
        self._streaks = OrderedDict((name, set(fired)) for name, fired in carried.streaks)

    def new_stream(self) -> None:
        """Another LIVE begins: cooldowns and counters go on, the rest starts afresh."""
        self._once.clear()
        self._streaks.clear()

    def recall(self, once: Iterable[int]) -> None:
        """These have fired in the LIVE that runs, as another process knew."""
        self._once.update(once)

    def end_streak(self, streak: str) -> None:
        """Messages that come late still find what the streak fired; it is only the first to make room."""
        if streak in self._streaks:
            self._streaks.move_to_end(streak, last=False)

    def refusal(self, trigger: Trigger, fact: Fact, now: float) -> str | None:
        if fact.streak and trigger.id in self._streaks.get(fact.streak, ()):
            return "streak"
        if trigger.once_per_stream and trigger.id in self._once:
            return "once_per_stream"
        if trigger.cooldown_seconds and now < self._ready_at.get(trigger.id, now):
            return "cooldown"
        if trigger.user_cooldown_seconds and now < self._viewer_ready_at.get(_key(trigger, fact), now):
            return "user_cooldown"
        return None

    def left(self, trigger: Trigger, fact: Fact, refused_by: str, now: float) -> float:
        """Seconds until the cooldown that refused `trigger` is over."""
        if refused_by == "cooldown":
            return self._ready_at[trigger.id] - now
        return self._viewer_ready_at[_key(trigger, fact)] - now

    def remember(self, trigger: Trigger, fact: Fact, now: float) -> None:
        if fact.streak:
            self._remember_streak(fact.streak, trigger.id)
        if trigger.once_per_stream:
            self._once.add(trigger.id)
        if trigger.cooldown_seconds:
            self._ready_at[trigger.id] = now + trigger.cooldown_seconds
        if trigger.user_cooldown_seconds:
            self._remember_viewer(_key(trigger, fact), now + trigger.user_cooldown_seconds)

    def count(self, name: str, add: int) -> None:
        self.counters[name] = self.counters.get(name, 0) + add

    def _remember_streak(self, streak: str, trigger_id: int) -> None:
        fired = self._streaks.setdefault(streak, set())
        fired.add(trigger_id)
        self._streaks.move_to_end(streak)
        if len(self._streaks) > MAX_STREAKS:
            self._streaks.popitem(last=False)

    def _remember_viewer(self, key: tuple[int, int], ready_at: float) -> None:
        self._viewer_ready_at[key] = ready_at
        self._viewer_ready_at.move_to_end(key)
        if len(self._viewer_ready_at) > MAX_VIEWER_COOLDOWNS:
            self._viewer_ready_at.popitem(last=False)


def _key(trigger: Trigger, fact: Fact) -> tuple[int, int]:
    return trigger.id, fact.viewer.user_id


class TriggerEngine:
    def __init__(self, triggers: Iterable[Trigger], memory: TriggerMemory) -> None:
        by_type: defaultdict[EventType, list[Trigger]] = defaultdict(list)
        for trigger in triggers:
            by_type[trigger.event_type].append(trigger)
        self._all = dict(by_type)
        self._indexes = {kind: Index(one for one in some if one.enabled) for kind, some in by_type.items()}
        self._memory = memory

    def match(self, fact: Fact, now: float) -> Match:
        """What fires, and is remembered as fired unless the fact is a test. `now`: monotonic seconds."""
        index = self._indexes.get(fact.type)
        if index is None:
            return Match([], [])
        subject = Subject(fact)
        match = Match([], [])
        has_stopped = False
        for entry in index.find(subject):
            if entry.at_end and fact.phase in _RUNNING:
                continue
            refused_by = "stop" if has_stopped else self._refusal(entry, subject, now)
            if refused_by:
                match.refused.append((entry.id, refused_by))
                if refused_by in _COOLDOWNS:
                    self._note_left(match, entry.trigger, fact, refused_by, now)
                # A streak is one gift: what stopped its first press stops the rest of it.
                has_stopped = has_stopped or (refused_by == "streak" and entry.trigger.stop)
                continue
            self._fire(entry, fact, now)
            match.fired.append(entry.trigger)
            has_stopped = entry.trigger.stop
        return match

    def explain(self, fact: Fact) -> list[Verdict]:
        """What each trigger of this event type thinks of `fact`; nothing is remembered or asked of memory."""
        subject = Subject(fact)
        return [Verdict(trigger.id, _verdict(trigger, subject)) for trigger in self._all.get(fact.type, ())]

    def _refusal(self, entry: Entry, subject: Subject, now: float) -> str | None:
        refused_by = entry.refusal(subject)
        if refused_by or subject.fact.test:
            return refused_by
        return self._memory.refusal(entry.trigger, subject.fact, now)

    def _note_left(self, match: Match, trigger: Trigger, fact: Fact, refused_by: str, now: float) -> None:
        match.left = match.left or {}
        match.left[trigger.id] = self._memory.left(trigger, fact, refused_by, now)

    def _fire(self, entry: Entry, fact: Fact, now: float) -> None:
        if fact.test:
            return
        self._memory.remember(entry.trigger, fact, now)
        if entry.count:
            self._memory.count(entry.count.name, entry.count.add)


def _verdict(trigger: Trigger, subject: Subject) -> str | None:
    if not trigger.enabled:
        return "enabled"
    if trigger.when is When.END and subject.fact.phase in _RUNNING:
        return "when"
    unmet = (condition.key.value for condition in trigger.conditions if not check_of(condition)(subject))
    return next(unmet, None)
