"""A trigger in the contract's fields, and in the row it is stored as."""

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct, UnsetType
from msgspec.structs import replace

from core.live.events import EventType
from core.triggers.intake import ConditionBody, TriggerBody
from core.triggers.model import Action, Condition, ConditionKey, Params, Trigger, When
from storage.models.live import TriggerRow

_LEFT_OUT: dict[str, object] = {"volume": 100, "voice_id": None, "image": None, "duration": 5.0}
"""Optional parameters and the values that need no saying: who sent none gets none back."""


class ConditionView(Struct, frozen=True):
    key: ConditionKey
    value: str


class TriggerView(Struct, frozen=True):
    id: int
    event_type: EventType
    condition_key: ConditionKey | None
    condition_value: str | None
    action: Action
    action_params: dict[str, Any]
    name: str
    enabled: bool
    priority: int
    cooldown_seconds: float
    user_cooldown_seconds: float
    once_per_stream: bool
    conditions: list[ConditionView]  # beside `condition_key`
    when: When
    stop: bool
    version: str  # another one as soon as anything of it is changed


def to_api(trigger: Trigger) -> TriggerView:
    first, listed = _parted(trigger)
    view = TriggerView(
        id=0,
        event_type=trigger.event_type,
        condition_key=first.key if first else None,
        condition_value=first.value if first else None,
        action=trigger.action,
        action_params=_shown(trigger.params),
        name=trigger.name,
        enabled=trigger.enabled,
        priority=trigger.priority,
        cooldown_seconds=trigger.cooldown_seconds,
        user_cooldown_seconds=trigger.user_cooldown_seconds,
        once_per_stream=trigger.once_per_stream,
        conditions=[ConditionView(condition.key, condition.value) for condition in listed],
        when=trigger.when,
        stop=trigger.stop,
        version="",
    )
    told = blake2b(msgspec.json.encode(view), digest_size=8)
    return replace(view, id=trigger.id, version=told.hexdigest())


def merged(trigger: Trigger, change: TriggerBody) -> TriggerBody:
    """The whole trigger as a body, with what `change` says instead. What hangs on a changed field goes."""
    first, listed = _parted(trigger)
    whole = TriggerBody(
        event_type=trigger.event_type,
        condition_key=first.key if first else None,
        condition_value=first.value if first else None,
        action=trigger.action,
        action_params=_shown(trigger.params),
        conditions=[ConditionBody(condition.key, condition.value) for condition in listed],
        when=trigger.when,
        **_same_named(trigger),
    )
    said = {name: value for name, value in _said(change).items() if name not in {"id", "version"}}
    if _is_new(said, "condition_key", whole.condition_key):
        whole.condition_value = None
    if _is_new(said, "action", whole.action):
        whole.action_params, whole.when = None, None
    if _is_new(said, "event_type", whole.event_type):
        whole.when = None
    return replace(whole, **said)


def from_row(row: TriggerRow) -> Trigger:
    stored: list[dict[str, str] | None] = row.conditions
    return Trigger(
        id=row.id,
        event_type=EventType(row.event_type),
        conditions=tuple(Condition(ConditionKey(one["key"]), one["value"]) for one in stored if one),
        params=msgspec.convert(row.params, Params),
        name=row.name,
        enabled=row.enabled,
        priority=row.priority,
        cooldown_seconds=row.cooldown_seconds,
        user_cooldown_seconds=row.user_cooldown_seconds,
        once_per_stream=row.once_per_stream,
        when=When(row.when),
        stop=row.stop,
        is_keyed=bool(stored) and stored[0] is not None,
    )


def write_row(row: TriggerRow, trigger: Trigger) -> None:
    """Everything but the ids and the times. A place kept free says that no condition came by key."""
    stored: list[Any] = msgspec.to_builtins(trigger.conditions)
    row.event_type = trigger.event_type.value
    row.conditions = stored if trigger.is_keyed or not stored else [None, *stored]
    row.params = msgspec.to_builtins(trigger.params)
    row.action = trigger.action.value
    row.when = trigger.when.value
    for name, value in _same_named(trigger).items():
        setattr(row, name, value)


_SAME_NAMED = (
    "name",
    "enabled",
    "priority",
    "cooldown_seconds",
    "user_cooldown_seconds",
    "once_per_stream",
    "stop",
)
"""Fields that are the same everywhere."""


def _same_named(trigger: Trigger) -> dict[str, Any]:
    return {name: getattr(trigger, name) for name in _SAME_NAMED}


def _parted(trigger: Trigger) -> tuple[Condition | None, tuple[Condition, ...]]:
    """The condition that came by key, and the listed ones."""
    if trigger.is_keyed and trigger.conditions:
        return trigger.conditions[0], trigger.conditions[1:]
    return None, trigger.conditions


def _shown(params: Params) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.structs.asdict(params)
    return {
        name: value for name, value in fields.items() if name not in _LEFT_OUT or value != _LEFT_OUT[name]
    }


def _said(change: TriggerBody) -> dict[str, Any]:
    """What the body says; null says something only about the condition."""
    fields: dict[str, Any] = msgspec.structs.asdict(change)
    return {
        name: value
        for name, value in fields.items()
        if not isinstance(value, UnsetType) and (value is not None or name == "condition_key")
    }


def _is_new(said: dict[str, Any], name: str, current: object) -> bool:
    return name in said and said[name] != current
