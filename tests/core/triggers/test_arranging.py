"""An order put into priorities: exact, with as few changes as can be, inside what a priority may be."""

import random

import pytest

from core.errors import Conflict, Invalid
from core.triggers.arranging import MAX, arrange, priorities
from storage.models.accounts import ChangeKind
from tests.core.triggers.desk import CLOCK, LION, ROSE, Desk, new_user


def tried(placed: list[tuple[int, int]]) -> list[int]:
    """The order in which the engine takes them, given what `priorities` makes of them."""
    made = dict(zip((number for number, _ in placed), priorities(placed), strict=True))
    return sorted(made, key=lambda number: (-made[number], number))


def random_placing(dice: random.Random) -> list[tuple[int, int]]:
    numbers = dice.sample(range(1, 1_000), dice.randint(1, 60))
    return [(number, dice.choice((0, 0, 0, 1, -5, 10, MAX, -MAX))) for number in numbers]


@pytest.mark.parametrize("seed", range(200))
def test_any_order_comes_out_as_it_was_wished(seed: int) -> None:
    placed = random_placing(random.Random(seed))

    assert tried(placed) == [number for number, _ in placed]
    assert all(-MAX <= priority <= MAX for priority in priorities(placed))


def test_an_order_that_is_so_already_changes_nothing() -> None:
    placed = [(7, 50), (2, 10), (3, 10), (1, -4)]

    assert priorities(placed) == [50, 10, 10, -4]


@pytest.mark.parametrize(
    ("placed", "wanted"),
    [
        ([(1, 0), (2, 0), (3, 0)], [0, 0, 0]),
        ([(3, 0), (1, 0), (2, 0)], [1, 0, 0]),  # the first was raised, none of the others
        ([(2, 0), (3, 0), (1, 0)], [0, 0, -1]),
    ],
)
def test_one_that_moves_is_the_only_one_that_changes(
    placed: list[tuple[int, int]], wanted: list[int]
) -> None:
    assert priorities(placed) == wanted


def test_where_there_is_no_room_at_the_edge_all_of_them_are_levelled() -> None:
    placed = [(2, MAX), (1, MAX), (4, -MAX), (3, -MAX)]

    assert tried(placed) == [2, 1, 4, 3]


def test_the_longest_order_that_falls_at_every_step_fits_and_one_more_is_refused() -> None:
    falling = [(number, 0) for number in range(2 * MAX + 1, 0, -1)]

    assert priorities(falling) == list(range(MAX, -MAX - 1, -1))
    with pytest.raises(Invalid, match="too many steps"):
        priorities([(2 * MAX + 2, 0), *falling])


async def test_it_is_kept_and_told_once(desk: Desk) -> None:
    made = [(await desk.save(**one)).id for one in (ROSE, LION, ROSE | {"condition_value": "Swan"})]
    told = len(await desk.changes())
    wished = [made[2], made[0], made[1]]

    for _ in range(2):
        async with desk.db.begin() as uow:
            await arrange(uow, desk.user_id, wished, CLOCK)

    assert [one.id for one in await desk.saved()] == wished
    assert (await desk.changes())[told:] == [(desk.user_id, ChangeKind.SETUP)]  # again: nothing to tell


async def test_an_order_of_other_triggers_than_there_are_is_refused_and_moves_none(desk: Desk) -> None:
    first, second = [(await desk.save(**one)).id for one in (ROSE, LION)]
    stranger = Desk(desk.db, await new_user(desk.db, "stranger"))
    theirs = (await stranger.save(**ROSE)).id

    for ids in ([second], [second, first, theirs], [second, first, 10**12], []):
        with pytest.raises(Conflict):
            async with desk.db.begin() as uow:
                await arrange(uow, desk.user_id, ids, CLOCK)
    with pytest.raises(Invalid, match="each trigger once"):
        async with desk.db.begin() as uow:
            await arrange(uow, desk.user_id, [second, second, first], CLOCK)

    assert [one.id for one in await desk.saved()] == [first, second]
    assert [one.priority for one in await stranger.saved()] == [0]
