"""From a link to an order, and what becomes of it."""

import pytest

from bot.front import Front
from core import notices
from core.notices import NoticeKind
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

VIDEO = "https://www.tiktok.com/@ann/video/7123456789012345678"


@pytest.fixture
async def rich(ann: Person, give) -> Person:
    await ann.asks("/start")
    await give(ann, 10_000)
    return ann


@pytest.fixture
async def ordered(rich: Person) -> str:
    """The number of an order she made."""
    await rich.asks(VIDEO)
    await rich.presses("1,000 views")
    await rich.presses("Order for 3.50 USD")
    return rich.chat[-1]["text"].split()[1]


async def test_a_link_sent_as_such_becomes_an_order_by_first_buttons(rich: Person, front: Front):
    await rich.asks(f"{VIDEO}?lang=en")
    for _ in range(2):
        await rich.presses(rich.buttons()[0]["text"])

    [order] = front.orders.made.values()
    assert (order.video_url, order.view_count) == (VIDEO, 1_000)
    assert order.order_id in rich.screen


@pytest.mark.parametrize("is_asked", [True, False])
async def test_a_link_is_found_among_the_words_of_share(rich: Person, front: Front, is_asked: bool):
    if is_asked:
        await rich.presses("Promote a video")
    await rich.asks(f"Check out Ann's video! #TikTok {VIDEO}?lang=en.")
    for _ in range(2):
        await rich.presses(rich.buttons()[0]["text"])

    [order] = front.orders.made.values()
    assert order.video_url == VIDEO


@pytest.mark.parametrize(
    "text", ["https://evil.example/tiktok.com/@ann/video/1", "nottiktok.com/@ann/video/1"]
)
async def test_no_link_is_found_inside_another_word(rich: Person, text: str):
    assert "did not understand" in await rich.asks(f"look {text}")


async def test_the_menu_leads_there_too(rich: Person):
    await rich.presses("Promote a video")

    assert "How many views" in await rich.asks(VIDEO)


async def test_a_number_of_views_may_be_typed(rich: Person):
    await rich.asks(VIDEO)

    await rich.asks("2 000")

    assert rich.button("Order for 7.00 USD")


async def test_too_few_views_are_asked_again(rich: Person):
    await rich.asks(VIDEO)

    assert "whole number" in await rich.asks("5")
    assert "500 views" in await rich.asks("500")


async def test_the_price_is_shown_before_anything_is_ordered(rich: Person, front: Front):
    await rich.asks(VIDEO)
    quote = await rich.presses("5,000 views")

    assert "17.50 USD (3.50 USD for 1,000)" in quote
    assert front.orders.made == {}


async def test_another_price_asks_again(rich: Person, front: Front):
    await rich.asks(VIDEO)
    await rich.presses("1,000 views")
    front.orders.rate = 400

    await rich.presses("Order for 3.50 USD")

    assert front.orders.made == {}
    assert rich.button("Order for 4.00 USD")


async def test_a_double_click_orders_once(rich: Person, front: Front, telegram: FakeTelegram):
    await rich.asks(VIDEO)
    await rich.presses("1,000 views")
    shown = rich.chat[-1]

    for _ in range(5):
        await rich.clicks("promote:yes", shown)
    await telegram.until(lambda: all(telegram.callbacks.values()))

    assert len(front.orders.made) == 1
    assert "ORD-" in shown["text"]


async def test_an_older_offers_button_orders_nothing(rich: Person, front: Front):
    await rich.asks(VIDEO)
    await rich.presses("1,000 views")
    old = rich.chat[-1]
    await rich.asks(VIDEO)
    await rich.presses("5,000 views")

    await rich.presses("Order for 3.50 USD", old)

    assert front.orders.made == {}


async def test_too_little_money_orders_nothing(ann: Person, front: Front):
    await ann.asks(VIDEO)
    await ann.presses("1,000 views")
    await ann.presses("Order for")

    assert "you have 0.00 USD and need 3.50 USD" in await ann.hears("Not enough")
    assert "Top up" in ann.buttons()[0]["text"]
    assert front.orders.made == {}


async def test_cancel_leaves_the_dialog(rich: Person):
    await rich.asks(VIDEO)
    await rich.presses("Cancel")

    assert "did not understand" in await rich.asks("1000")


async def test_a_command_leaves_the_dialog(rich: Person):
    await rich.asks(VIDEO)
    await rich.asks("/help")

    assert "did not understand" in await rich.asks("1000")


async def test_orders_are_listed_by_number_and_pages(rich: Person, front: Front, user_id):
    me = await user_id(rich)
    for number in range(7):
        await front.orders.create(me, VIDEO, 100, f"k{number}", None)

    first = await rich.asks("/orders")
    second = await rich.presses("➡️")

    assert "ORD-20260101-000006" in first
    assert "6–7 of 7" in second
    assert "ORD-20260101-000000" in second


async def test_progress_edits_one_message(ordered: str, rich: Person, front: Front, telegram, user_id):
    me, count = await user_id(rich), len(rich.chat)
    front.orders.change(me, ordered, status="processing", view_count_delivered=400)

    async with front.services.db.begin() as uow:
        now = front.services.clock.now()
        await notices.add(uow, me, NoticeKind.ORDER_PROGRESS, "p1", now, order_id=ordered)
    await rich.hears("400 of 1,000")

    assert len(rich.chat) == count
    assert "40 %" in rich.chat[-1]["text"]


async def test_progress_leaves_a_message_alone_that_shows_something_else(
    ordered: str, rich: Person, front: Front, user_id
):
    me = await user_id(rich)
    await rich.presses("Menu")
    menu = rich.chat[-1]

    async with front.services.db.begin() as uow:
        now = front.services.clock.now()
        await notices.add(uow, me, NoticeKind.ORDER_PROGRESS, "p1", now, order_id=ordered)

    assert ordered in await rich.hears(f"📦 {ordered}")
    assert ordered not in menu["text"]


async def test_progress_that_is_on_its_way_does_not_come_over_the_question_whether_to_cancel(
    ordered: str, rich: Person, front: Front, telegram: FakeTelegram, user_id
):
    me, card = await user_id(rich), rich.chat[-1]
    edits, calls = card["edits"], len(telegram.sent("editMessageText"))
    cancel = rich.button("Cancel the order")["callback_data"]
    telegram.slowness["editMessageText"] = 1
    front.orders.change(me, ordered, status="processing", view_count_delivered=400)

    async with front.services.db.begin() as uow:
        now = front.services.clock.now()
        await notices.add(uow, me, NoticeKind.ORDER_PROGRESS, "p1", now, order_id=ordered)
    await telegram.until(lambda: len(telegram.sent("editMessageText")) > calls)
    telegram.slowness.clear()
    await rich.clicks(cancel, card)

    await telegram.until(lambda: card["edits"] == edits + 2)
    assert "Cancel ORD" in card["text"]


async def test_progress_of_a_deleted_message_is_sent_anew(ordered: str, rich: Person, front: Front, user_id):
    me = await user_id(rich)
    rich.chat.clear()

    async with front.services.db.begin() as uow:
        now = front.services.clock.now()
        await notices.add(uow, me, NoticeKind.ORDER_PROGRESS, "p1", now, order_id=ordered)

    assert ordered in await rich.hears(ordered)


async def test_cancelling_asks_first(ordered: str, rich: Person, front: Front, user_id):
    await rich.presses("Cancel the order")
    assert front.orders.made[next(iter(front.orders.made))].status == "pending"

    answer = await rich.presses("Yes, cancel it")

    assert "cancelled" in answer
    assert "Back to your balance: 3.50 USD" in answer


async def test_somebody_elses_order_is_not_found(ordered: str, boris: Person):
    assert "не могу это найти" in await boris.asks(f"/orders {ordered}")


async def test_an_order_is_kept_by_a_button_that_leaves(ordered: str, rich: Person, front: Front):
    await rich.presses("Cancel the order")
    keep = rich.button("No, keep it")["callback_data"]

    assert ordered in await rich.presses("No, keep it")
    assert "back" in keep
    assert rich.button("Cancel the order")


async def test_how_to_copy_a_link_is_told_and_the_dialog_goes_on(rich: Person):
    await rich.presses("Promote a video")
    assert "Copy link" in await rich.presses(rich.buttons()[0]["text"])

    assert "How many views" in await rich.asks(VIDEO)


async def test_what_the_team_noted_is_read_on_the_order(ordered: str, rich: Person, front: Front, user_id):
    front.orders.change(await user_id(rich), ordered, status="failed", note="The video is <private>.")

    assert "The video is <private>." in await rich.asks(f"/orders {ordered}")


async def test_an_order_that_was_stopped_is_told_as_cancelled(
    ordered: str, rich: Person, front: Front, user_id
):
    front.orders.change(await user_id(rich), ordered, status="partial", is_cancel_asked=True)

    assert "cancelled, delivered in part" in await rich.asks(f"/orders {ordered}")
    assert "cancelled, delivered in part" in await rich.asks("/orders")
