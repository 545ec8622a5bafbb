"""The operators' desk: the queue of orders, from taking one to its end."""

import pytest

from bot.front import Front
from core.audit import Act
from tests.fake_telegram.person import Person

VIDEO = "https://www.tiktok.com/@ann/video/7301234567890123456"


@pytest.fixture
async def order_id(ann: Person, give, front: Front, user_id) -> str:
    await ann.asks("/start")
    await give(ann, 2_000)
    by = front.services.clock.now()
    me = await user_id(ann)
    return (await front.services.orders.create(me, VIDEO, 1_000, "k1", Act(f"tg:{ann.id}", by))).order_id


@pytest.fixture
async def opened(desk: Person, order_id: str) -> Person:
    """The boss, with the order on the desk."""
    await desk.presses("Fulfilment queue")
    assert "waiting to begin" in await desk.presses(order_id)
    return desk


async def test_an_order_is_taken_reported_and_finished(opened: Person, ann: Person):
    taken = await opened.presses(opened.buttons()[0]["text"])
    assert "being shown" in taken
    assert "Taken by tg:99" in taken

    await opened.presses("Report numbers")
    assert "600 sent, 400 delivered of 1,000" in await opened.asks("600 400 running")
    await opened.presses("Finish")
    assert "with 900 of 1,000 delivered" in await opened.asks("1000 900 done")
    assert "partly done" in await opened.presses("Yes")

    await ann.says("/balance")
    assert await ann.hears("Balance: 16.85 USD")


async def test_finishing_goes_on_by_its_first_buttons(opened: Person, ann: Person):
    await opened.presses("Finish")
    await opened.presses(opened.buttons()[0]["text"])

    assert "✅ done" in await opened.presses(opened.buttons()[0]["text"])
    await ann.says("/balance")
    assert await ann.hears("Balance: 16.50 USD")


@pytest.mark.parametrize(
    ("answer", "why"), [("many", "Views sent"), ("500", "Views delivered"), ("100 50", "not below")]
)
async def test_wrong_numbers_are_asked_again(opened: Person, answer: str, why: str):
    await opened.presses("Report numbers")
    await opened.asks("600 400")
    await opened.presses("Finish")

    again = await opened.asks(answer)

    assert why in again
    assert "views sent, views delivered" in again
    assert "with 500 of 1,000" in await opened.asks("700 500")


async def test_what_cannot_be_done_goes_back(opened: Person, ann: Person):
    await opened.presses("Cannot be done")
    assert "The customer reads: The video is private." in await opened.asks("The video is private.")
    assert "did not work" in await opened.presses("Yes")

    await ann.says("/balance")
    assert await ann.hears("Balance: 20.00 USD")


async def test_what_the_customer_cancelled_is_marked(
    opened: Person, ann: Person, front: Front, user_id, order_id
):
    await opened.presses("I take it")
    await ann.asks(f"/orders {order_id}")
    await ann.presses("Cancel the order")
    await ann.presses("Yes, cancel it")

    await opened.asks("/admin")
    await opened.presses("Fulfilment queue")
    assert "wants it stopped" in await opened.presses(order_id)


async def test_an_order_somebody_else_took_is_not_taken_twice(opened: Person, order_id: str, front: Front):
    await front.services.orders.take(order_id, Act("tg:1", front.services.clock.now()))
    await opened.presses("I take it")

    assert await opened.hears("Somebody else has taken")


async def test_the_queue_has_pages(desk: Person, order_id: str, front: Front, ann: Person, user_id):
    me = await user_id(ann)
    for number in range(10):
        by = Act(f"tg:{ann.id}", front.services.clock.now())
        await front.services.orders.create(me, VIDEO, 100, f"more{number}", by)

    assert "11 orders wait" in await desk.presses("Fulfilment queue")
    await desk.presses("➡️")

    assert sum(one["callback_data"].startswith("adm:o:") for one in desk.buttons()) == 3
