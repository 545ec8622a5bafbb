"""An order's life, as the person who buys and those who deliver see it."""

import pytest

from core.errors import (
    InsufficientFunds,
    Invalid,
    KeyReused,
    OrderEnded,
    OrderNotFound,
    OrderTaken,
    UserBanned,
    VideoNotFound,
)
from core.money.ledger import Balance
from core.orders.views import MethodView
from storage.db import Database
from tests.fakes import MovedClock
from tests.orders_kit import SHORT, STAFF, VIDEO, OrdersKit


async def test_an_order_holds_its_price(kit: OrdersKit):
    user_id = await kit.person(1_000)

    order = await kit.order(user_id, 2_000)

    assert (order.price, order.status, order.payment_status) == (700, "pending", "held")
    assert order.order_id.startswith("ORD-20260101-")
    assert await kit.balance(user_id) == Balance(300, 700, 0)
    assert [(one.status, one.percent) for one in (await kit.detail(order)).progress] == [("created", 0)]
    await kit.check_money()


async def test_without_the_money_nothing_is_kept(kit: OrdersKit):
    user_id = await kit.person(349)

    with pytest.raises(InsufficientFunds):
        await kit.order(user_id, 1_000)

    assert await kit.orders.list(user_id) == ([], 0)
    assert await kit.errands() == []


async def test_the_same_key_and_request_is_the_same_order(kit: OrdersKit):
    user_id = await kit.person()

    first, second = await kit.order(user_id), await kit.order(user_id)

    assert first.order_id == second.order_id
    assert (await kit.balance(user_id)).held == 350


async def test_the_same_key_with_another_request_is_refused(kit: OrdersKit):
    user_id = await kit.person()
    await kit.order(user_id, 1_000)

    with pytest.raises(KeyReused):
        await kit.order(user_id, 1_001)


async def test_a_key_belongs_to_its_user(kit: OrdersKit):
    first, second = await kit.person(), await kit.person()

    assert (await kit.order(first)).order_id != (await kit.order(second, 2_000)).order_id


async def test_one_video_may_be_ordered_again(kit: OrdersKit):
    user_id = await kit.person()

    await kit.order(user_id, key="a")
    await kit.order(user_id, key="b")

    assert (await kit.balance(user_id)).held == 700


@pytest.mark.parametrize("key", ["", "a b", "ключ", "a\x7f", "k" * 256])
async def test_a_key_is_visible_ascii(kit: OrdersKit, key):
    user_id = await kit.person()

    with pytest.raises(Invalid):
        await kit.order(user_id, key=key)


async def test_a_short_link_is_ordered_as_the_video_it_leads_to(kit: OrdersKit):
    user_id = await kit.person()

    order = await kit.order(user_id, url=SHORT)

    assert (order.video_url, order.video_id) == (VIDEO, "7300000000000000001")


async def test_a_repeat_does_not_ask_tiktok_again(kit: OrdersKit):
    user_id = await kit.person()
    await kit.order(user_id, url=SHORT)

    await kit.order(user_id, url=SHORT)

    assert kit.links.asked == [SHORT]


async def test_a_short_link_that_leads_nowhere_is_refused(kit: OrdersKit):
    user_id = await kit.person()

    with pytest.raises(VideoNotFound):
        await kit.order(user_id, url="https://vm.tiktok.com/gone")


async def test_somebody_banned_orders_nothing(kit: OrdersKit):
    user_id = await kit.person(is_banned=True)

    with pytest.raises(UserBanned):
        await kit.order(user_id)


async def test_delivered_in_full_is_paid_in_full(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)

    ended = await kit.report(order, 1_200, 1_050, final=True)

    assert (ended.status, ended.payment_status, ended.refunded) == ("completed", "paid", 0)
    assert (ended.view_count_sent, ended.view_count_delivered) == (1_200, 1_050)
    assert await kit.balance(user_id) == Balance(650, 0, 0)
    assert await kit.revenue() == 350


async def test_part_delivered_is_paid_in_part(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)

    ended = await kit.report(order, 900, 333, final=True)

    assert (ended.status, ended.payment_status) == ("partial", "partially_refunded")
    assert ended.refunded == 350 - 116  # 116.55, rounded down
    assert await kit.balance(user_id) == Balance(884, 0, 0)


async def test_nothing_delivered_is_paid_nothing(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)

    ended = await kit.report(order, 500, 0, final=True)

    assert (ended.status, ended.payment_status) == ("failed", "refunded")
    assert await kit.balance(user_id) == Balance(1_000, 0, 0)


async def test_cancelled_while_it_waits_ends_at_once(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.order(user_id)

    ended = await kit.orders.cancel(user_id, order.order_id, kit.by())

    assert (ended.status, ended.payment_status, ended.refunded) == ("cancelled", "refunded", 350)
    assert await kit.balance(user_id) == Balance(1_000, 0, 0)


async def test_cancelled_while_it_is_delivered_is_asked_for(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    await kit.report(order, 200, 100)

    asked = await kit.orders.cancel(user_id, order.order_id, kit.by())
    again = await kit.orders.cancel(user_id, order.order_id, kit.by())
    await kit.fulfilment.work()

    assert (asked.status, asked.is_cancel_asked, again.version) == ("processing", True, asked.version)
    assert [job.order_id for job in kit.deliverer.cancelled] == [order.order_id]


async def test_a_cancelled_order_settles_with_what_was_delivered(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    await kit.orders.cancel(user_id, order.order_id, kit.by())

    ended = await kit.report(order, 200, 100, final=True)

    assert (ended.status, ended.refunded) == ("partial", 315)


async def test_a_cancelled_order_with_nothing_delivered_is_cancelled(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    await kit.orders.cancel(user_id, order.order_id, kit.by())

    assert (await kit.report(order, 0, 0, final=True)).status == "cancelled"


async def test_what_has_ended_stays(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    await kit.report(order, 500, 500, final=True)

    with pytest.raises(OrderEnded):
        await kit.report(order, 1_000, 1_000, final=True)
    with pytest.raises(OrderEnded):
        await kit.orders.cancel(user_id, order.order_id, kit.by())
    with pytest.raises(OrderEnded):
        await kit.orders.fail(order.order_id, "", kit.by(STAFF))
    with pytest.raises(OrderEnded):
        await kit.orders.take(order.order_id, kit.by(STAFF))
    assert (await kit.balance(user_id)).available == 825


async def test_numbers_never_go_back(kit: OrdersKit):
    order = await kit.started(await kit.person())
    await kit.report(order, 500, 400)

    with pytest.raises(Invalid):
        await kit.report(order, 500, 399)
    with pytest.raises(Invalid):
        await kit.report(order, 499, 400)


async def test_what_was_delivered_was_sent(kit: OrdersKit):
    order = await kit.started(await kit.person())

    assert (await kit.report(order, 0, 300)).view_count_sent == 300


async def test_the_same_report_is_no_news(kit: OrdersKit):
    order = await kit.started(await kit.person())
    await kit.report(order, 500, 400)

    await kit.report(order, 500, 400)

    assert len((await kit.detail(order)).progress) == 3


async def test_a_failure_pays_what_was_delivered(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    await kit.report(order, 500, 500)

    ended = await kit.orders.fail(order.order_id, "the video is gone", kit.by(STAFF))

    assert (ended.status, ended.refunded, ended.note) == ("partial", 175, "the video is gone")


async def test_an_admin_cancels_at_once(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)

    ended = await kit.orders.cancel_as_admin(order.order_id, "asked by phone", kit.by(STAFF))
    await kit.fulfilment.work()

    assert (ended.status, ended.refunded) == ("cancelled", 350)
    assert [job.order_id for job in kit.deliverer.cancelled] == [order.order_id]


async def test_somebody_elses_order_does_not_exist(kit: OrdersKit):
    order, stranger = await kit.order(await kit.person()), await kit.person()

    with pytest.raises(OrderNotFound):
        await kit.orders.get(stranger, order.order_id)
    with pytest.raises(OrderNotFound):
        await kit.orders.cancel(stranger, order.order_id, kit.by())


async def test_orders_are_listed_newest_first_by_page_and_status(kit: OrdersKit):
    user_id = await kit.person()
    first, second, third = [await kit.order(user_id, key=key) for key in "abc"]
    await kit.orders.cancel(user_id, second.order_id, kit.by())

    everything, total = await kit.orders.list(user_id, limit=2)
    pending, _ = await kit.orders.list(user_id, "pending")
    rest, _ = await kit.orders.list(user_id, limit=2, offset=2)

    assert ([one.id for one in everything], total) == ([third.id, second.id], 3)
    assert [one.id for one in pending] == [third.id, first.id]
    assert [one.id for one in rest] == [first.id]


async def test_an_unknown_status_is_refused(kit: OrdersKit):
    with pytest.raises(Invalid):
        await kit.orders.list(1, "nonsense")


async def test_methods_are_the_sources_of_the_numbers(kit: OrdersKit):
    user_id = await kit.person()
    order = await kit.started(user_id)
    kit.clock.move(60)
    await kit.report(order, 500, 480)

    [operator, manual] = (await kit.detail(order)).methods

    began = kit.clock.now()
    assert (operator.name, operator.sent, operator.success_rate) == ("operator", 0, 0.0)
    assert manual == MethodView(
        name="manual",
        sent=500,
        delivered=480,
        success_rate=96.0,
        started_at=began,
        ended_at=None,
        status="processing",
    )


async def test_a_queue_of_people(db: Database, clock: MovedClock):
    kit = OrdersKit(db, clock, "manual")
    user_id = await kit.person()
    first, second = await kit.order(user_id, key="a"), await kit.order(user_id, key="b")
    await kit.report(second, 1_000, 1_000, final=True)

    taken = await kit.orders.take(first.order_id, kit.by(STAFF))

    queue, total = await kit.orders.list_queue()
    assert ([one.id for one in queue], total) == ([first.id], 1)
    assert (taken.status, taken.taken_by) == ("processing", STAFF)
    assert (await kit.orders.take(first.order_id, kit.by(STAFF))).version == taken.version
    with pytest.raises(OrderTaken):
        await kit.orders.take(first.order_id, kit.by("tg:78"))


async def test_acts_of_admins_are_kept(kit: OrdersKit):
    order = await kit.started(await kit.person())
    await kit.report(order, 10, 10)
    await kit.orders.fail(order.order_id, "why", kit.by(STAFF))

    async with kit.db.read() as uow:
        rows = await uow.audit.list_page()
    assert {(row.action, row.subject, row.actor) for row in rows} == {
        ("order.report", f"order:{order.order_id}", STAFF),
        ("order.fail", f"order:{order.order_id}", STAFF),
    }


async def test_the_person_is_told_each_tenth_and_the_end_once(kit: OrdersKit):
    user_id = await kit.person()
    order = await kit.started(user_id)
    for delivered in (10, 50, 110, 120, 590):
        await kit.report(order, 1_000, delivered)
    await kit.report(order, 1_000, 1_000, final=True)

    told = await kit.notices(user_id)

    assert [(one.kind, one.data.get("percent")) for one in told] == [
        ("order_progress", 0),
        ("order_progress", 11),
        ("order_progress", 59),
        ("order_progress", 100),
        ("order_ended", None),
    ]
    assert told[-1].data == {
        "order_id": order.order_id,
        "status": "completed",
        "cause": "finished",
        "cancel_requested": False,
        "note": "",
        "view_count": 1_000,
        "view_count_delivered": 1_000,
        "price": 350,
        "refunded": 0,
        "currency": "USD",
        "simulated": False,
    }


async def test_totals_count_what_was_delivered_and_paid(kit: OrdersKit):
    user_id = await kit.person()
    await kit.report(await kit.started(user_id, key="a"), 500, 500, final=True)
    await kit.report(await kit.started(user_id, key="b"), 300, 300)

    async with kit.db.read() as uow:
        assert await uow.orders.totals(user_id) == (800, 175)


async def test_what_came_beyond_the_order_was_not_bought(kit: OrdersKit):
    user_id = await kit.person()
    await kit.report(await kit.started(user_id), 9_000, 9_000, final=True)

    async with kit.db.read() as uow:
        assert await uow.orders.totals(user_id) == (1_000, 350)
