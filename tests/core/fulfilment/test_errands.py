"""The outbox: said at least once, with effect once."""

import asyncio

import pytest
from sqlalchemy import text

from core.fulfilment import errands
from core.fulfilment.provider import Answer, Refused, Unreachable
from core.fulfilment.service import Fulfilment
from core.money.ledger import Balance
from tests.orders_kit import OrdersKit


async def test_an_order_is_handed_over_once(kit: OrdersKit):
    order = await kit.started(await kit.person())

    await kit.fulfilment.work()

    assert [job.order_id for job in kit.deliverer.submitted] == [order.order_id]
    assert (await kit.detail(order)).order.status == "processing"


async def test_what_is_not_reached_is_tried_again_ever_later(kit: OrdersKit):
    kit.deliverer.on_submit = Unreachable("down")
    order = await kit.order(await kit.person())

    for _ in range(4):
        await kit.fulfilment.work()
        await kit.fulfilment.work()  # too early
        kit.clock.move(16)
    kit.deliverer.on_submit = Answer.STARTED
    await kit.fulfilment.work()

    assert len(kit.deliverer.submitted) == 5
    assert (await kit.detail(order)).order.status == "processing"


async def test_the_wait_asked_for_is_kept(kit: OrdersKit):
    kit.deliverer.on_submit = Unreachable("busy", 500)
    await kit.order(await kit.person())
    await kit.fulfilment.work()

    kit.clock.move(499)
    assert await kit.fulfilment.work() == 0
    kit.clock.move(2)
    assert await kit.fulfilment.work() == 1


async def test_a_refused_order_gives_all_money_back(kit: OrdersKit):
    kit.deliverer.on_submit = Refused("answered 422")
    user_id = await kit.person(1_000)

    order = await kit.started(user_id)

    assert (await kit.detail(order)).order.status == "failed"
    assert await kit.balance(user_id) == Balance(1_000, 0, 0)
    assert (await kit.notices(user_id))[-1].data["cause"] == "refused"


async def test_of_two_workers_one_has_the_errand(kit: OrdersKit):
    await kit.order(await kit.person())
    other = Fulfilment(kit.db, kit.clock, {"operator": kit.deliverer}, after=kit._after)

    await asyncio.gather(kit.fulfilment.work(), other.work())

    assert len(kit.deliverer.submitted) == 1


async def test_a_worker_that_died_is_followed_by_another(kit: OrdersKit):
    await kit.order(await kit.person())
    [lost] = await errands.claim(kit.db, kit.clock)
    assert await kit.fulfilment.work() == 0
    kit.clock.move(errands.LEASE.total_seconds() + 1)

    await kit.fulfilment.work()
    await errands.carry_out(kit.db, kit.clock, {"operator": kit.deliverer}, lost)  # it was only slow

    assert len(kit.deliverer.submitted) == 2
    [errand] = await kit.errands()
    assert (errand.attempts, errand.outcome) == (2, "started")


async def test_a_cancellation_never_overtakes_its_order(kit: OrdersKit):
    user_id = await kit.person()
    order = await kit.order(user_id)
    [under_way] = await errands.claim(kit.db, kit.clock)

    await kit.orders.cancel(user_id, order.order_id, kit.by())
    assert await kit.fulfilment.work() == 0
    await errands.carry_out(kit.db, kit.clock, {"operator": kit.deliverer}, under_way)
    await kit.fulfilment.work()

    assert len(kit.deliverer.submitted) == len(kit.deliverer.cancelled) == 1
    assert (await kit.detail(order)).order.status == "cancelled"
    await kit.check_money()


async def test_an_order_cancelled_before_anybody_heard_of_it_is_not_told(kit: OrdersKit):
    user_id = await kit.person()
    order = await kit.order(user_id)
    await kit.orders.cancel(user_id, order.order_id, kit.by())

    await kit.fulfilment.work()

    assert kit.deliverer.submitted == kit.deliverer.cancelled == []


async def test_a_cancellation_that_stops_it_settles_it(kit: OrdersKit):
    kit.deliverer.on_cancel = Answer.STOPPED
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    await kit.report(order, 100, 100)
    await kit.orders.cancel(user_id, order.order_id, kit.by())

    await kit.fulfilment.work()

    assert (await kit.detail(order)).order.status == "partial"
    assert await kit.balance(user_id) == Balance(965, 0, 0)


async def test_a_cancellation_that_is_refused_lets_it_go_on(kit: OrdersKit):
    kit.deliverer.on_cancel = Refused("too late")
    user_id = await kit.person()
    order = await kit.started(user_id)
    await kit.orders.cancel(user_id, order.order_id, kit.by())

    await kit.fulfilment.work()

    detail = await kit.detail(order)
    assert (detail.order.status, detail.order.is_cancel_asked) == ("processing", False)
    assert detail.progress[-1].status == "cancel_refused"


async def test_a_deliverer_that_is_no_longer_configured_is_waited_for(kit: OrdersKit):
    order = await kit.order(await kit.person())

    await Fulfilment(kit.db, kit.clock, {}, after=kit._after).work()
    kit.clock.move(errands.MISSING_PAUSE + 1)
    await kit.fulfilment.work()

    assert (await kit.detail(order)).order.status == "processing"


async def test_a_bug_at_one_order_leaves_the_others_alone(kit: OrdersKit):
    kit.deliverer.on_submit = ZeroDivisionError()
    await kit.order(await kit.person())

    assert await kit.fulfilment.work() == 1


@pytest.mark.parametrize(("provider", "hours"), [("operator", 72), ("manual", 14 * 24)])
async def test_what_nobody_answers_for_ends_by_itself(db, clock, provider: str, hours: int):
    kit = OrdersKit(db, clock, provider)
    user_id = await kit.person(1_000)
    order = await kit.order(user_id)

    kit.clock.move(hours * 3600 - 1)
    assert await kit.fulfilment.expire() == 0
    kit.clock.move(1)
    assert await kit.fulfilment.expire() == 1

    assert (await kit.detail(order)).order.status == "failed"
    assert await kit.balance(user_id) == Balance(1_000, 0, 0)
    assert [one.data["cause"] for one in await kit.notices(user_id)] == ["expired"]


async def test_a_sign_of_life_puts_the_end_off_and_what_came_is_paid(db, clock):
    kit = OrdersKit(db, clock, expire_after_hours=1)
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)
    kit.clock.move(3_000)
    await kit.report(order, 500, 500)
    kit.clock.move(3_000)
    assert await kit.fulfilment.expire() == 0
    kit.clock.move(601)

    await kit.fulfilment.expire()
    await kit.fulfilment.work()

    assert (await kit.detail(order)).order.status == "partial"
    assert await kit.balance(user_id) == Balance(825, 0, 0)
    assert len(kit.deliverer.cancelled) == 1  # whoever delivers hears that it is over


async def test_numbers_put_off_no_end_that_was_asked_for(db, clock):
    kit = OrdersKit(db, clock, expire_after_hours=1)
    user_id = await kit.person()
    order = await kit.started(user_id)
    await kit.orders.cancel(user_id, order.order_id, kit.by())
    kit.clock.move(3_000)
    await kit.report(order, 500, 500)
    kit.clock.move(601)

    assert await kit.fulfilment.expire() == 1


async def test_an_order_that_ended_while_it_was_being_said_is_called_off(kit: OrdersKit):
    user_id = await kit.person()
    order = await kit.order(user_id)
    [under_way] = await errands.claim(kit.db, kit.clock)
    async with kit.db.begin() as uow:  # as where the cancellation did not see the claim yet
        await uow.orders._session.execute(text("UPDATE order_errands SET attempts = 0"))
    await kit.orders.cancel(user_id, order.order_id, kit.by())

    await errands.carry_out(kit.db, kit.clock, {"operator": kit.deliverer}, under_way)
    await kit.fulfilment.work()

    assert [job.order_id for job in kit.deliverer.cancelled] == [order.order_id]
