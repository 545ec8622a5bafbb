"""Many triggers at once: all of them or none."""

from collections.abc import Callable, Hashable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from core.clock import Clock
from core.config import Plan
from core.errors import AppError, Invalid, NotFound, PlanLimit, SoundNotFound
from core.triggers import service
from core.triggers.intake import TriggerBody, parse
from core.triggers.model import Trigger
from core.triggers.service import Checks
from core.triggers.views import from_row
from storage.db import UnitOfWork
from storage.models.accounts import ChangeKind
from storage.models.live import TriggerRow

Likeness = Callable[[Trigger], Hashable]


class Added(Struct, frozen=True):
    ids: list[int]  # of the new ones
    skipped: int  # of those that were there already


def all_of_it(trigger: Trigger) -> Hashable:
    """Equal where a person sees no difference."""
    return replace(trigger, id=0, is_keyed=True)


def occasion(trigger: Trigger) -> Hashable:
    """Equal where the same kind of thing happens on the same occasion, whatever it looks or sounds like."""
    return trigger.event_type, trigger.action, frozenset(trigger.conditions)


async def add_all(
    uow: UnitOfWork,
    user_id: int,
    bodies: Sequence[TriggerBody],
    plan: Plan,
    clock: Clock,
    checks: Checks,
    likeness: Likeness = all_of_it,
) -> Added:
    """Refuses by the error of the first wrong one, with its `position` in the details, and then adds none."""
    await uow.accounts.get_user(user_id, lock=True)
    there = [from_row(row) for row in await uow.triggers.list_all(user_id)]
    known = {likeness(one) for one in there}
    new: dict[Hashable, Trigger] = {}
    for position, body in enumerate(bodies):
        trigger = await _checked(uow, user_id, body, position, checks)
        if likeness(trigger) not in known:
            new.setdefault(likeness(trigger), trigger)
    service.bound_regexes([*there, *new.values()])
    if len(there) + len(new) > plan.triggers:
        raise PlanLimit(limit=plan.triggers, excess=len(there) + len(new) - plan.triggers)
    ids = [(await service.store(uow, user_id, None, trigger, clock)).id for trigger in new.values()]
    return Added(ids, len(bodies) - len(new))


async def remove_all(uow: UnitOfWork, user_id: int, ids: Sequence[int], clock: Clock) -> None:
    """Those that are gone already are no trouble; somebody else's are not found."""
    rows = {row.id: row for row in await uow.triggers.list_all(user_id)}
    mine: list[TriggerRow] = [rows[one] for one in dict.fromkeys(ids) if one in rows]
    if not mine:
        raise NotFound
    for row in mine:
        await uow.triggers.delete(row)
    uow.accounts.note_change(user_id, ChangeKind.SETUP, clock.now())


async def _checked(
    uow: UnitOfWork, user_id: int, body: TriggerBody, position: int, checks: Checks
) -> Trigger:
    try:
        trigger = parse(body, checks.allowed)
        await service.check_sound(uow, user_id, trigger, checks)
    except (Invalid, SoundNotFound) as error:
        raise _placed(error, position) from error
    return trigger


def _placed(error: AppError, position: int) -> AppError:
    return type(error)(error.detail, **{**error.details, "position": position})
