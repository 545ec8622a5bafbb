"""Which triggers an event was tried on, and what stopped those that did not fire.

What was recorded goes before what is worked out again: the record holds what fired, cooldowns and `stop`. The
conditions of all others are tried once more, on the fact as it was and the triggers as they are now.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from core.happened import Happened, roles_of
from core.live.events import Fact, Phase
from core.triggers.conditions import Subject, check_of
from core.triggers.model import Condition, ConditionKey, Trigger, When
from core.triggers.views import from_row
from storage.db import UnitOfWork
from storage.models.live import TriggerRow

_RUNNING = frozenset({Phase.START, Phase.MORE})


class Tried(Struct, frozen=True):
    trigger_id: int
    trigger: Trigger | None  # None: deleted since
    fired: dict[str, Any] | None  # as recorded
    by: str | None = None
    """A condition key, a cooldown, `stop`, `enabled`, `when`, `apart`, `since`, `test`, `other`."""
    wanted: str = ""  # by the condition
    was: str = ""
    left: float | None = None  # seconds of the cooldown
    is_changed: bool = False  # since the event


async def tried(uow: UnitOfWork, user_id: int, event: Happened) -> list[Tried]:
    """Those of its type in the order of trying, first what fired; then those that are gone."""
    if event.is_silence_text:
        return []
    rows = {row.id: row for row in await uow.triggers.list_all(user_id)}
    fired = {one["trigger_id"]: one for one in event.fired}
    refused = {one["trigger_id"]: one for one in event.refused}
    named = fired.keys() | refused.keys()
    subject = Subject(event.fact)
    found = [
        _tried(from_row(row), row, event, subject, fired.get(number), refused.get(number))
        for number, row in rows.items()
        if number in named or (row.event_type == event.fact.type and row.created_at <= event.at)
    ]
    gone = [
        Tried(number, None, fired.get(number), (refused.get(number) or {}).get("by"))
        for number in named
        if number not in rows and number
    ]
    return sorted(found, key=_order) + gone


def _order(one: Tried) -> tuple[bool, int, int]:
    trigger = one.trigger
    return one.fired is None, -(trigger.priority if trigger else 0), one.trigger_id


def _tried(
    trigger: Trigger,
    row: TriggerRow,
    event: Happened,
    subject: Subject,
    fired: dict[str, Any] | None,
    refused: dict[str, Any] | None,
) -> Tried:
    is_changed = row.updated_at > event.at
    if fired is not None:
        return Tried(trigger.id, trigger, fired, is_changed=is_changed)
    unmet = next((one for one in trigger.conditions if not check_of(one)(subject)), None)
    if refused is not None:
        by = refused["by"]
        wanted = next((one for one in trigger.conditions if one.key == by), None)
        return _stopped(trigger, event, by, wanted, refused.get("left"), is_changed=is_changed)
    if unmet is not None:
        return _stopped(trigger, event, unmet.key.value, unmet, is_changed=is_changed)
    return _stopped(
        trigger, event, _besides(trigger, event, is_changed=is_changed), None, is_changed=is_changed
    )


def _besides(trigger: Trigger, event: Happened, *, is_changed: bool) -> str:
    """What else stops one whose conditions hold."""
    if not trigger.enabled:
        return "enabled"
    if trigger.when is When.END and event.fact.phase in _RUNNING:
        return "when"
    if event.type == "effect" or any(one.key is ConditionKey.EVERY for one in trigger.conditions):
        return "apart"  # it fired, and is told in a row of its own
    if is_changed:
        return "since"
    return "test" if event.is_test else "other"


def _stopped(
    trigger: Trigger,
    event: Happened,
    by: str,
    condition: Condition | None,
    left: float | None = None,
    *,
    is_changed: bool,
) -> Tried:
    was = _was(condition.key, event.fact) if condition else ""
    wanted = condition.value if condition else ""
    return Tried(trigger.id, trigger, None, by, wanted, was, left, is_changed)


def _was(key: ConditionKey, fact: Fact) -> str:
    """What the fact had where the condition wants something else."""
    of = _OF.get(key)
    return of(fact) if of else fact.text


_OF: dict[ConditionKey, Callable[[Fact], str]] = {
    ConditionKey.USERNAME: lambda fact: fact.viewer.unique_id,
    ConditionKey.ROLE: lambda fact: ",".join(roles_of(fact)),
    ConditionKey.MIN_GIFTER_LEVEL: lambda fact: str(fact.viewer.gifter_level),
    ConditionKey.FIRST_TIME: lambda _: "",
    ConditionKey.GIFT_NAME: lambda fact: fact.gift_name,
    ConditionKey.GIFT_ID: lambda fact: str(fact.gift_id),
    ConditionKey.MIN_DIAMONDS: lambda fact: str(fact.total_diamonds),
    ConditionKey.MAX_DIAMONDS: lambda fact: str(fact.total_diamonds),
    ConditionKey.MIN_COUNT: lambda fact: str(fact.count),
    ConditionKey.EVERY: lambda fact: str(fact.total),
    ConditionKey.REACHED: lambda fact: str(fact.total),
}
