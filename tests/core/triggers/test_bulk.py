"""Many triggers at once: all or none, none twice, and taken away again."""

from typing import Any

import pytest

from core.errors import AppError, Invalid, NotFound, PlanLimit, SoundNotFound
from core.triggers import bulk
from core.triggers.bulk import Added
from core.triggers.service import MAX_REGEXES
from tests.core.triggers.bodies import body
from tests.core.triggers.desk import CHECKS, CLOCK, LION, ROSE, Desk, new_user

SWAN = ROSE | {"condition_value": "Swan"}
MUTE = ROSE | {"action_params": {"sound_filename": "gone.mp3"}}
WRONG = ROSE | {"event_type": "follow"}


async def add(desk: Desk, *wanted: dict[str, Any], **how: Any) -> Added:
    bodies = [body(**fields) for fields in wanted]
    async with desk.db.begin() as uow:
        return await bulk.add_all(uow, desk.user_id, bodies, desk.plan, CLOCK, CHECKS, **how)


async def remove(desk: Desk, *ids: int) -> None:
    async with desk.db.begin() as uow:
        await bulk.remove_all(uow, desk.user_id, ids, CLOCK)


async def test_all_are_added_in_their_order(desk: Desk) -> None:
    added = await add(desk, ROSE, LION, SWAN)

    assert added.skipped == 0
    assert [one.id for one in await desk.saved()] == added.ids
    assert [one.conditions[0].value for one in await desk.saved()] == ["Rose", "Lion", "Swan"]


async def test_what_is_there_already_is_skipped_also_within_the_same_file(desk: Desk) -> None:
    await desk.save(**ROSE)

    assert (await add(desk, ROSE, LION, LION)).skipped == 2
    again = await add(desk, ROSE, LION)

    assert again == Added([], 2)
    assert len(await desk.saved()) == 2


async def test_another_name_or_priority_is_another_trigger_but_the_same_occasion(desk: Desk) -> None:
    await desk.save(**ROSE)
    louder = ROSE | {"name": "Roses", "priority": 5, "action_params": {"sound_filename": "chime"}}

    assert await add(desk, louder, likeness=bulk.occasion) == Added([], 1)
    assert len((await add(desk, louder)).ids) == 1


@pytest.mark.parametrize(
    ("wrong", "kind", "field"),
    [(MUTE, SoundNotFound, "action_params.sound_filename"), (WRONG, Invalid, "condition_key")],
)
async def test_one_that_is_wrong_leaves_nothing_behind(
    desk: Desk, wrong: dict[str, Any], kind: type[AppError], field: str
) -> None:
    with pytest.raises(kind) as refused:
        await add(desk, ROSE, LION, wrong, SWAN)

    assert (refused.value.details["position"], refused.value.details["field"]) == (2, field)
    assert await desk.saved() == []
    assert await desk.changes() == []


async def test_more_than_the_plan_has_are_refused_whole_and_what_is_skipped_counts_not(desk: Desk) -> None:
    await desk.save(**ROSE)
    more = [ROSE | {"condition_value": f"Gift {number}"} for number in range(5)]

    with pytest.raises(PlanLimit) as refused:
        await add(desk, *more)
    assert refused.value.details == {"limit": 5, "excess": 1}
    assert len(await desk.saved()) == 1

    assert len((await add(desk, ROSE, ROSE, *more[:4])).ids) == 4


async def test_patterns_are_bounded_over_all_of_them(desk: Desk) -> None:
    desk.plan = desk.plan.model_copy(update={"triggers": 1_000})
    chat = {
        "event_type": "chat",
        "condition_key": "message_regex",
        "action_params": {"sound_filename": "chime"},
    }
    patterns = [chat | {"condition_value": f"word{number}"} for number in range(MAX_REGEXES + 1)]

    with pytest.raises(Invalid, match="at most"):
        await add(desk, *patterns)
    assert await desk.saved() == []
    assert len((await add(desk, *patterns[1:])).ids) == MAX_REGEXES


async def test_what_was_added_is_taken_back_whatever_became_of_it(desk: Desk) -> None:
    kept = (await desk.save(**ROSE)).id
    added = await add(desk, LION, SWAN)
    await desk.delete(added.ids[0])

    await remove(desk, *added.ids, added.ids[1], 10**12)

    assert [one.id for one in await desk.saved()] == [kept]
    for ids in (added.ids, []):
        with pytest.raises(NotFound):
            await remove(desk, *ids)


async def test_those_of_others_are_not_found_and_stay(desk: Desk) -> None:
    stranger = Desk(desk.db, await new_user(desk.db, "stranger"))
    theirs = (await stranger.save(**ROSE)).id
    mine = (await desk.save(**ROSE)).id

    with pytest.raises(NotFound):
        await remove(desk, theirs)
    await remove(desk, theirs, mine)

    assert [one.id for one in await stranger.saved()] == [theirs]
    assert await desk.saved() == []
