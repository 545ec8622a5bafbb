"""What a person sends as a trigger, checked until the engine can run it as it stands.

Every refusal names the field it is about, in the words of the body.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from core.errors import Invalid
from core.live.events import EventType
from core.triggers.addresses import may_be_public
from core.triggers.model import (
    CONDITIONS,
    Action,
    CallWebhook,
    Condition,
    ConditionKey,
    Count,
    Params,
    PlaySound,
    ShowAlert,
    Speak,
    Trigger,
    When,
)
from core.triggers.templates import Template
from core.triggers.values import Value, spelled

MAX_CONDITIONS = 10
MAX_NAME = 100  # characters

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
T = TypeVar("T")


class ConditionBody(Struct, forbid_unknown_fields=True):
    key: ConditionKey
    value: Value = None


class TriggerBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Null says the same as leaving a field out; a `condition_key` of null takes the condition away.

    `version`: what the trigger of that id must still have, so that nobody undoes another's change unseen.
    """

    id: int | None = None
    event_type: EventType | None = None
    condition_key: ConditionKey | UnsetType | None = UNSET
    condition_value: str | int | float | bool | UnsetType | None = UNSET
    action: Action | None = None
    action_params: dict[str, Any] | None = None
    name: Annotated[str, Meta(max_length=MAX_NAME)] | None = None
    enabled: bool | None = None
    priority: Annotated[int, Meta(ge=-100, le=100)] | None = None
    cooldown_seconds: Seconds | None = None
    user_cooldown_seconds: Seconds | None = None
    once_per_stream: bool | None = None
    conditions: Annotated[list[ConditionBody], Meta(max_length=MAX_CONDITIONS)] | None = None
    when: When | None = None
    stop: bool | None = None
    version: Annotated[str, Meta(max_length=64)] | None = None


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a trigger may name, as far as that is known without the database."""

    has_voice: Callable[[str], bool]
    has_image: Callable[[str], bool]
    has_webhooks: bool


_SEED = frozenset({"event_type", "condition_key", "condition_value", "action", "action_params"})
_PARAMS: dict[Action, type[Params]] = {
    Action.PLAY_SOUND: PlaySound,
    Action.TTS: Speak,
    Action.ALERT: ShowAlert,
    Action.COUNTER: Count,
    Action.WEBHOOK: CallWebhook,
}
_REPEATABLE = frozenset({ConditionKey.MESSAGE_CONTAINS, ConditionKey.MESSAGE_REGEX, ConditionKey.ROLE})
"""Two of these can hold at once; two of any other say the same or exclude each other."""
_NAMED = re.compile(r"field `([^`]+)`")


def is_seed(body: TriggerBody) -> bool:
    """Whether only fields of the seed were sent."""
    return all(name in _SEED or getattr(body, name) is None for name in body.__struct_fields__)


def parse(body: TriggerBody, allowed: Allowed) -> Trigger:
    """The trigger `body` describes, without an id. Whether its sound exists is left to the caller."""
    event_type = _required(body.event_type, "event_type")
    action = _required(body.action, "action")
    first = _seed_condition(body, event_type)
    listed = _listed_conditions(body, event_type)
    conditions = tuple(condition for condition, _ in (*first, *listed))
    _refuse_contradictions((*first, *listed))
    return Trigger(
        id=0,
        event_type=event_type,
        conditions=conditions,
        params=_params(action, _or(body.action_params, {}), allowed),
        name=_or(body.name, "").strip(),
        enabled=_or(body.enabled, True),
        priority=_or(body.priority, 0),
        cooldown_seconds=_or(body.cooldown_seconds, 0.0),
        user_cooldown_seconds=_or(body.user_cooldown_seconds, 0.0),
        once_per_stream=_or(body.once_per_stream, False),
        when=_when(body, event_type, action),
        stop=_or(body.stop, False),
        is_keyed=bool(first),
    )


def _or(value: T | None, default: T) -> T:
    return default if value is None else value


def _required(value: T | None, field: str) -> T:
    if value is None:
        raise _refusal(field, "required")
    return value


def _refusal(field: str, reason: object) -> Invalid:
    return Invalid(f"{field}: {reason}", field=field)


def _when(body: TriggerBody, event_type: EventType, action: Action) -> When:
    if event_type is not EventType.GIFT:
        if body.when is When.END:
            raise _refusal("when", "only gifts have an end to wait for")
        return When.START
    return _or(body.when, When.END if action is Action.TTS else When.START)


# Conditions, each with the path by which the body names it

Placed = tuple[Condition, str]


def _seed_condition(body: TriggerBody, event_type: EventType) -> list[Placed]:
    key = None if isinstance(body.condition_key, UnsetType) else body.condition_key
    value = None if isinstance(body.condition_value, UnsetType) else body.condition_value
    if key is None:
        if value not in {None, ""}:
            raise _refusal("condition_key", "says what condition_value is compared with")
        return []
    _refuse_foreign(key, event_type, "condition_key")
    return [(Condition(key, _spelled(key, value, "condition_value")), "condition_")]


def _listed_conditions(body: TriggerBody, event_type: EventType) -> list[Placed]:
    placed: list[Placed] = []
    for position, condition in enumerate(_or(body.conditions, [])):
        path = f"conditions[{position}]."
        _refuse_foreign(condition.key, event_type, f"{path}key")
        value = _spelled(condition.key, condition.value, f"{path}value")
        placed.append((Condition(condition.key, value), path))
    return placed


def _refuse_foreign(key: ConditionKey, event_type: EventType, field: str) -> None:
    if key not in CONDITIONS[event_type]:
        known = ", ".join(sorted(CONDITIONS[event_type]))
        raise _refusal(field, f"{event_type} has no {key} (it has {known})")


def _spelled(key: ConditionKey, value: Value, field: str) -> str:
    try:
        return spelled(key, value)
    except ValueError as error:
        raise _refusal(field, error) from error


def _refuse_contradictions(placed: Sequence[Placed]) -> None:
    if len(placed) > MAX_CONDITIONS:
        raise _refusal("conditions", f"at most {MAX_CONDITIONS}, condition_key included")
    seen: dict[ConditionKey, str] = {}
    for condition, path in placed:
        if condition.key in seen and condition.key not in _REPEATABLE:
            raise _refusal(f"{path}key", f"{condition.key} is asked for twice")
        seen[condition.key] = condition.value
        least, most = seen.get(ConditionKey.MIN_DIAMONDS), seen.get(ConditionKey.MAX_DIAMONDS)
        if least is not None and most is not None and int(least) > int(most):
            raise _refusal(f"{path}value", "min_diamonds is above max_diamonds")


# What the action needs


def _params(action: Action, given: dict[str, Any], allowed: Allowed) -> Params:
    kind = _PARAMS[action]
    told = {name: value for name, value in given.items() if value is not None}
    if unknown := told.keys() - set(kind.__struct_fields__):
        raise _refusal(f"action_params.{min(unknown)}", f"{action} takes {', '.join(kind.__struct_fields__)}")
    try:
        params = msgspec.convert(told, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _misfit(error) from error
    _refuse_unknown(params, allowed)
    return params


def _misfit(error: msgspec.ValidationError) -> Invalid:
    reason, _, path = str(error).partition(" - at `$")
    named = _NAMED.search(reason)
    name = path.strip("`.") or (named[1] if named else "")
    return _refusal(f"action_params.{name}" if name else "action_params", reason)


def _refuse_unknown(params: Params, allowed: Allowed) -> None:
    match params:
        case Speak():
            Template.parse(params.text_template, "action_params.text_template")
            if params.voice_id is not None and not allowed.has_voice(params.voice_id):
                raise _refusal("action_params.voice_id", "no such voice")
        case ShowAlert():
            Template.parse(params.text_template, "action_params.text_template")
            if params.image is not None and not allowed.has_image(params.image):
                raise _refusal("action_params.image", "no such image")
        case CallWebhook():
            if not allowed.has_webhooks:
                raise _refusal("action", "webhooks are not enabled here")
            if not _is_web_address(params.url):
                raise _refusal("action_params.url", "an http or https address without a user name in it")
            if not may_be_public(urlsplit(params.url).hostname or ""):
                raise _refusal("action_params.url", "webhooks reach public addresses only")
        case PlaySound() | Count():
            pass


def _is_web_address(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        is_known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return is_known and parts.username is None and parts.password is None
