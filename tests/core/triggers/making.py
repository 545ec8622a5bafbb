"""Triggers and facts in one short line each."""

from typing import Any

from core.live.events import EventType, Fact, Phase, Viewer
from core.triggers.engine import Match, TriggerEngine, TriggerMemory
from core.triggers.model import Condition, ConditionKey, PlaySound, Trigger

ANN = Viewer(1, "ann_01", "Ann")
BEN = Viewer(2, "ben.02", "Бен")


def trigger(number: int, on: str, *conditions: tuple[str, str], **fields: Any) -> Trigger:
    made = tuple(Condition(ConditionKey(key), value) for key, value in conditions)
    return Trigger(number, EventType(on), made, fields.pop("params", PlaySound("chime")), **fields)


def chat(text: str, viewer: Viewer = ANN, **fields: Any) -> Fact:
    return Fact(EventType.CHAT, viewer, text=text, **fields)


def gift(count: int = 1, phase: str = "only", **fields: Any) -> Fact:
    """A Rose of one diamond unless said otherwise; in a streak wherever the phase is not `only`."""
    facts: dict[str, Any] = {
        "viewer": ANN,
        "gift_id": 5655,
        "gift_name": "Rose",
        "diamonds": 1,
        "count": count,
        "total_diamonds": count,
        "streak": "" if phase == "only" else "s1",
        **fields,
    }
    return Fact(EventType.GIFT, phase=Phase(phase), **facts)


def likes(before: int, total: int, count: int = 1) -> Fact:
    return Fact(EventType.LIKE, ANN, count=count, before=before, total=total)


def viewers(before: int, total: int) -> Fact:
    return Fact(EventType.VIEWER_COUNT, before=before, total=total)


class Running:
    """An engine with its memory, and a clock that stands still unless it is told."""

    def __init__(self, *triggers: Trigger, memory: TriggerMemory | None = None) -> None:
        self.memory = memory or TriggerMemory()
        self.engine = TriggerEngine(triggers, self.memory)

    def fired(self, fact: Fact, now: float = 0.0) -> list[int]:
        return [one.id for one in self.match(fact, now).fired]

    def refused(self, fact: Fact, now: float = 0.0) -> list[tuple[int, str]]:
        return self.match(fact, now).refused

    def match(self, fact: Fact, now: float = 0.0) -> Match:
        return self.engine.match(fact, now)
