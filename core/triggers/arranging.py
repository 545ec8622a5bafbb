"""The order in which triggers are tried, as a person arranges it: put into priorities."""

from collections.abc import Sequence

from core.clock import Clock
from core.errors import Conflict, Invalid
from storage.db import UnitOfWork
from storage.models.accounts import ChangeKind

MAX = 100  # priorities go from -MAX to MAX

Placed = Sequence[tuple[int, int]]  # (id, priority) in the wanted order


async def arrange(uow: UnitOfWork, user_id: int, ids: Sequence[int], clock: Clock) -> None:
    """Have the triggers tried in the order of `ids`, which names every one of them once."""
    if len(set(ids)) != len(ids):
        raise Invalid("ids: each trigger once", field="ids")
    await uow.accounts.get_user(user_id, lock=True)
    rows = {row.id: row for row in await uow.triggers.list_all(user_id)}
    if rows.keys() != set(ids):
        raise Conflict("ids: not the triggers there are; look again", field="ids")
    wanted = priorities([(one, rows[one].priority) for one in ids])
    if wanted != [rows[one].priority for one in ids]:
        uow.accounts.note_change(user_id, ChangeKind.SETUP, clock.now())
    for one, priority in zip(ids, wanted, strict=True):
        rows[one].priority = priority


def priorities(placed: Placed) -> list[int]:
    """Which ones have `placed` tried in its order, with as few of them changed as can be.

    Equal ones are tried in the order of their ids, so a step is needed only where ids go down.
    """
    choices = [one for one in (_lowered(placed), _raised(placed)) if all(abs(value) <= MAX for value in one)]
    if not choices:
        choices = [_level(placed)]
    return min(choices, key=lambda one: sum(new != old for new, (_, old) in zip(one, placed, strict=True)))


def _lowered(placed: Placed) -> list[int]:
    found: list[int] = []
    above: tuple[int, int] | None = None
    for number, priority in placed:
        if above is not None:
            priority = min(priority, above[1] - (number < above[0]))  # noqa: PLW2901
        above = (number, priority)
        found.append(priority)
    return found


def _raised(placed: Placed) -> list[int]:
    mirrored = [(-number, -priority) for number, priority in reversed(placed)]
    return [-priority for priority in reversed(_lowered(mirrored))]


def _level(placed: Placed) -> list[int]:
    """As few different ones as there can be, around 0."""
    flat = _lowered([(number, 0) for number, _ in placed])
    if -flat[-1] > 2 * MAX:
        raise Invalid("ids: too many steps for the priorities there are", field="ids")
    middle = -flat[-1] // 2
    return [min(MAX, priority + middle) for priority in flat]
