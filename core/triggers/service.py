"""Saving, listing and deleting triggers. Every change is noted, so that a running LIVE takes it up."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.clock import Clock
from core.errors import Invalid, NotFound, SoundNotFound, TriggerChanged
from core.plan_limits import TRIGGERS, Terms, refusal
from core.sounds import names
from core.triggers.intake import Allowed, TriggerBody, is_seed, parse
from core.triggers.model import ConditionKey, PlaySound, Trigger
from core.triggers.views import from_row, merged, to_api, write_row
from storage.db import UnitOfWork
from storage.models.accounts import ChangeKind
from storage.models.live import TriggerRow

__all__ = [
    "Checks",
    "bound_regexes",
    "check_sound",
    "delete",
    "draft",
    "list_all",
    "note_delivery",
    "rename_sound",
    "require",
    "save",
    "store",
    "to_api",
    "using",
]

MAX_REGEXES = 50  # of one streamer: what one message may cost is bounded
MAX_FAILURES = 20  # of a webhook, in a row


@dataclass(frozen=True, slots=True)
class Checks:
    """How a trigger's references are looked up."""

    allowed: Allowed
    has_sound: Callable[[UnitOfWork, int, str], Awaitable[bool]]  # user id and file name; built-ins too


async def save(
    uow: UnitOfWork, user_id: int, body: TriggerBody, terms: Terms, clock: Clock, checks: Checks
) -> Trigger:
    """Change the one with the body's id, replace the one the seed's fields name, or make a new one.

    Raises `PlanLimit`, `SoundNotFound`, `NotFound`, `TriggerChanged`, and `Invalid` naming the field.
    """
    await uow.accounts.get_user(user_id, lock=True)  # two at once would both be below the plan's limit
    rows = await uow.triggers.list_all(user_id)
    row = None
    if body.id is not None:
        row = _require(rows, body.id)
        _refuse_outdated(from_row(row), body)
        body = merged(from_row(row), body)
    trigger = parse(body, checks.allowed)
    if row is None and is_seed(body):
        row = _same(rows, trigger)
    await check_sound(uow, user_id, trigger, checks)
    if _regexes([trigger]):
        bound_regexes([*(from_row(one) for one in rows if one is not row), trigger])
    if row is None and len(rows) >= terms.plan.triggers:
        raise refusal(terms, TRIGGERS, len(rows))
    return await store(uow, user_id, row, trigger, clock)


def _refuse_outdated(trigger: Trigger, body: TriggerBody) -> None:
    if body.version is not None and body.version != to_api(trigger).version:
        raise TriggerChanged


async def draft(uow: UnitOfWork, user_id: int, body: TriggerBody, checks: Checks) -> Trigger:
    """The trigger `body` describes, to be tried before it is saved; its id is 0."""
    trigger = parse(body, checks.allowed)
    await check_sound(uow, user_id, trigger, checks)
    return trigger


async def list_all(uow: UnitOfWork, user_id: int) -> list[Trigger]:
    """In the order they are tried."""
    triggers = [from_row(row) for row in await uow.triggers.list_all(user_id)]
    return sorted(triggers, key=lambda trigger: (-trigger.priority, trigger.id))


async def require(uow: UnitOfWork, user_id: int, trigger_id: int) -> Trigger:
    """Raises `NotFound`, also for somebody else's."""
    return from_row(_require(await uow.triggers.list_all(user_id), trigger_id))


async def delete(uow: UnitOfWork, user_id: int, trigger_id: int, clock: Clock) -> None:
    row = _require(await uow.triggers.list_all(user_id), trigger_id)
    await uow.triggers.delete(row)
    uow.accounts.note_change(user_id, ChangeKind.SETUP, clock.now())


async def using(uow: UnitOfWork, user_id: int, filename: str) -> list[Trigger]:
    """The triggers that play a sound."""
    wanted = names.key(filename)
    return [
        trigger
        for trigger in await list_all(uow, user_id)
        if isinstance(trigger.params, PlaySound) and names.key(trigger.params.sound_filename) == wanted
    ]


async def rename_sound(uow: UnitOfWork, user_id: int, filename: str, new: str) -> None:
    """Let what plays `filename` play `new`."""
    wanted = names.key(filename)
    for row in await uow.triggers.list_all(user_id):
        if names.key(row.params.get("sound_filename", "")) == wanted:
            row.params = {**row.params, "sound_filename": new}


async def note_delivery(
    uow: UnitOfWork, user_id: int, trigger_id: int, clock: Clock, *, is_delivered: bool
) -> bool:
    """Count a webhook's failures in a row; True where this one switched the trigger off."""
    row = await uow.triggers.get(user_id, trigger_id, lock=True)
    if row is None:
        return False
    row.failures = 0 if is_delivered else row.failures + 1
    if row.failures < MAX_FAILURES or not row.enabled:
        return False
    row.enabled = False
    uow.accounts.note_change(user_id, ChangeKind.SETUP, clock.now())
    return True


def _require(rows: Sequence[TriggerRow], trigger_id: int) -> TriggerRow:
    for row in rows:
        if row.id == trigger_id:
            return row
    raise NotFound


def _same(rows: Sequence[TriggerRow], trigger: Trigger) -> TriggerRow | None:
    """The one with the same event, condition and action. One with further conditions is another."""
    for row in rows:
        saved = from_row(row)
        if (saved.event_type, saved.action) != (trigger.event_type, trigger.action):
            continue
        if saved.conditions == trigger.conditions and (saved.is_keyed or not saved.conditions):
            return row
    return None


async def check_sound(uow: UnitOfWork, user_id: int, trigger: Trigger, checks: Checks) -> None:
    """Raises `SoundNotFound` where it plays one that is not there."""
    if not isinstance(trigger.params, PlaySound):
        return
    if not await checks.has_sound(uow, user_id, trigger.params.sound_filename):
        raise SoundNotFound(field="action_params.sound_filename")


def bound_regexes(triggers: list[Trigger]) -> None:
    """What one message may cost is bounded: refuses where `triggers` are all there would be."""
    if _regexes(triggers) > MAX_REGEXES:
        raise Invalid(f"condition_key: at most {MAX_REGEXES} message_regex in all", field="condition_key")


def _regexes(triggers: list[Trigger]) -> int:
    conditions = [condition for trigger in triggers for condition in trigger.conditions]
    return sum(condition.key is ConditionKey.MESSAGE_REGEX for condition in conditions)


async def store(
    uow: UnitOfWork, user_id: int, row: TriggerRow | None, trigger: Trigger, clock: Clock
) -> Trigger:
    """Write a checked trigger into `row`, or into a new one."""
    now = clock.now()
    stored = row or TriggerRow(user_id=user_id, created_at=now)
    write_row(stored, trigger)
    stored.updated_at = now
    stored.failures = 0  # whoever touches a webhook gives it another chance
    await uow.triggers.add(stored)
    uow.accounts.note_change(user_id, ChangeKind.SETUP, now)
    return from_row(stored)
