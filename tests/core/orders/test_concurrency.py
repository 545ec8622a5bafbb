"""Many at once, on the database itself."""

import asyncio
from collections import Counter

import pytest

from core.errors import AppError, InsufficientFunds, OrderEnded
from core.money.ledger import Balance
from tests.orders_kit import STAFF, OrdersKit


async def outcomes(*work) -> Counter[str]:
    """How often each came about: the status of an order, or the code of a refusal."""
    done = await asyncio.gather(*work, return_exceptions=True)
    unexpected = [one for one in done if isinstance(one, BaseException) and not isinstance(one, AppError)]
    assert unexpected == []
    return Counter(one.code if isinstance(one, AppError) else one.status for one in done)


async def test_forty_orders_with_money_for_ten(kit: OrdersKit):
    user_id = await kit.person(3_500)

    came = await outcomes(*(kit.order(user_id, key=f"k{n}") for n in range(40)))

    assert came == {"pending": 10, InsufficientFunds.code: 30}
    assert await kit.balance(user_id) == Balance(0, 3_500, 0)
    await kit.check_money()


async def test_the_same_key_at_once_is_one_order(kit: OrdersKit):
    user_id = await kit.person()

    made = await asyncio.gather(*(kit.order(user_id) for _ in range(12)))

    assert len({one.order_id for one in made}) == 1
    assert (await kit.balance(user_id)).held == 350
    assert len(await kit.errands()) == 1


async def test_two_admins_end_one_order_once(kit: OrdersKit):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)

    came = await outcomes(
        *(kit.orders.report(order.order_id, 500, 500, "", kit.by(f"tg:{n}"), final=True) for n in range(8))
    )

    assert came == {"partial": 1, OrderEnded.code: 7}
    assert await kit.balance(user_id) == Balance(825, 0, 0)


async def test_two_people_take_one_order_once(db, clock):
    kit = OrdersKit(db, clock, "manual")
    order = await kit.order(await kit.person())

    came = await outcomes(*(kit.orders.take(order.order_id, kit.by(f"tg:{n}")) for n in range(8)))

    assert came == {"processing": 1, "order_taken": 7}


@pytest.mark.parametrize("round_", range(5))
async def test_cancelling_against_settling_moves_the_money_once(kit: OrdersKit, round_: int):
    user_id = await kit.person(1_000)
    order = await kit.started(user_id)

    await outcomes(
        kit.orders.cancel_as_admin(order.order_id, "", kit.by(STAFF)),
        kit.orders.report(order.order_id, 1_000, 1_000, "", kit.by("tg:78"), final=True),
        kit.orders.cancel(user_id, order.order_id, kit.by()),
        kit.orders.fail(order.order_id, "", kit.by("tg:79")),
    )

    ended = (await kit.detail(order)).order
    balance = await kit.balance(user_id)
    assert balance.held == 0
    assert balance.available == 650 + ended.refunded
    await kit.check_money()


async def test_cancelling_against_handing_over_leaves_nothing_under_way(kit: OrdersKit):
    user_id = await kit.person()
    orders = [await kit.order(user_id, key=f"k{n}") for n in range(6)]

    await asyncio.gather(
        kit.fulfilment.work(),
        *(kit.orders.cancel(user_id, order.order_id, kit.by()) for order in orders),
    )
    for _ in range(3):
        await kit.fulfilment.work()

    submitted = {job.order_id for job in kit.deliverer.submitted}
    assert submitted == {job.order_id for job in kit.deliverer.cancelled}
    await kit.check_money()


async def test_orders_of_one_person_and_ends_of_others_do_not_wait_for_each_other(kit: OrdersKit):
    user_id = await kit.person(10_000)
    running = [await kit.started(user_id, key=f"r{n}") for n in range(6)]

    await outcomes(
        *(kit.order(user_id, key=f"n{n}") for n in range(6)),
        *(kit.report(order, 400, 400, final=True) for order in running),
        *(kit.orders.cancel(user_id, order.order_id, kit.by()) for order in running),
    )

    await kit.check_money()
