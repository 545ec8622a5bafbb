"""An order's life, killed at either side of each of its commits: nothing lost, nothing twice."""

import contextlib

import pytest

from core.config import OperatorFulfilment
from core.errors import AppError
from core.fulfilment.errands import LEASE
from core.fulfilment.operator import Operator
from core.fulfilment.service import Fulfilment
from core.money.ledger import Balance
from storage.db import Database
from tests import crash_kit
from tests.crash_kit import Point
from tests.fake_operator import SECRET, FakeOperator, callback
from tests.fakes import MovedClock
from tests.orders_kit import OrdersKit

COMMITS = 8
LATER = LEASE.total_seconds() + 1


async def live(db: Database, user_id: int, url: str, seconds: float) -> None:
    """Ordered, handed over, followed, cancelled and settled; run again, everybody says everything again."""
    clock = MovedClock()
    clock.move(seconds)
    kit = OrdersKit(db, clock)
    operator = Operator(OperatorFulfilment(url=url, secret=SECRET, allow_private=True), clock)
    fulfilment = Fulfilment(db, clock, {"operator": operator}, after=lambda: None)
    order = await kit.order(user_id)

    async def tell(message_id: str, status: str, delivered: int) -> None:
        told = {"order_id": order.order_id, "status": status, "sent": 500, "delivered": delivered}
        await fulfilment.receive(callback(told, message_id, clock.now().timestamp()))

    await fulfilment.work()
    await tell("m1", "processing", 300)
    with contextlib.suppress(AppError):  # it may have ended before the crash
        await kit.orders.cancel(user_id, order.order_id, kit.by())
    await fulfilment.work()
    await tell("m2", "cancelled", 400)


async def check(kit: OrdersKit, user_id: int, fake: FakeOperator) -> None:
    [order], total = await kit.orders.list(user_id)
    assert (total, order.status, order.refunded) == (1, "partial", 210)
    assert await kit.balance(user_id) == Balance(860, 0, 0)
    assert await kit.revenue() == 140
    assert set(fake.ids) == {f"{order.order_id}:order.submit", f"{order.order_id}:order.cancel"}
    assert all(errand.done_at for errand in await kit.errands())
    keys = [one.key for one in await kit.notices(user_id)]
    assert keys.count(f"order:{order.order_id}:end") == 1
    steps = [(one.status, one.delivered) for one in (await kit.detail(order)).progress]
    assert steps == [
        ("created", 0),
        ("processing", 0),
        ("processing", 300),
        ("cancel_asked", 300),
        ("processing", 400),
        ("partial", 400),
    ]
    await kit.check_money()


@pytest.mark.parametrize("point", crash_kit.points(COMMITS), ids=str)
async def test_an_order_survives_a_kill(kit: OrdersKit, database_url: str, point: Point):
    user_id, fake = await kit.person(1_000), FakeOperator()
    async with fake.serving() as config:
        died = await crash_kit.run(live, database_url, user_id, config.url, 0.0, kill=point)
        await live(kit.db, user_id, config.url, LATER)

    assert died.was_killed
    await check(kit, user_id, fake)


async def test_no_commit_is_left_out(kit: OrdersKit, database_url: str):
    user_id, fake = await kit.person(1_000), FakeOperator()
    async with fake.serving() as config:
        done = await crash_kit.run(live, database_url, user_id, config.url, 0.0)

    assert done.commits == COMMITS
    await check(kit, user_id, fake)
