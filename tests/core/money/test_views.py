"""A user's history as lines."""

import pytest

from core.money.views import TEXTS, EntryView, history
from storage.db import Database
from storage.models import EntryKind


@pytest.fixture
def lines(db: Database, user_id: int):
    async def lines(limit: int = 100, offset: int = 0) -> list[EntryView]:
        async with db.read() as uow:
            return (await history(uow, user_id, limit=limit, offset=offset))[0]

    return lines


def seen(views: list[EntryView]) -> list[tuple[str, int, int, str]]:
    return [(view.text_code.value, view.amount, view.change, view.subject) for view in views]


def test_every_kind_has_its_words():
    assert set(TEXTS) == set(EntryKind)


async def test_an_order_is_set_aside_spent_and_the_rest_returned(top_up, set_aside, capture, lines):
    await top_up(1_000)
    await capture(await set_aside(700), 400)

    assert seen(await lines()) == [
        ("returned", 300, 300, "ORD-1"),
        ("spent", -400, 0, "ORD-1"),
        ("set_aside", -700, -700, "ORD-1"),
        ("topped_up", 1_000, 1_000, ""),
    ]


async def test_a_debt_is_told_when_it_is_made_and_when_it_is_paid(top_up, take_back, lines):
    await top_up(100)
    await take_back(300)
    await top_up(500, "stars:2")

    assert seen(await lines()) == [
        ("debt_paid", -200, -200, ""),
        ("topped_up", 500, 500, ""),
        ("owed", -200, 0, ""),
        ("refunded", -100, -100, ""),
        ("topped_up", 100, 100, ""),
    ]


async def test_changes_sum_to_what_is_available(top_up, set_aside, capture, take_back, lines, balance):
    await top_up(1_000)
    hold_id = await set_aside(700)
    await take_back(500)
    await capture(hold_id, 100)

    assert sum(view.change for view in await lines()) == (await balance()).available


async def test_a_page_comes_with_the_number_of_all(db: Database, user_id: int, top_up):
    await top_up(1, "stars:1")
    await top_up(2, "stars:2")
    await top_up(3, "stars:3")

    async with db.read() as uow:
        page, total = await history(uow, user_id, limit=1, offset=1)

    assert [view.amount for view in page] == [2]
    assert total == 3


async def test_who_has_no_money_has_an_empty_history(lines):
    assert await lines() == []
