"""The demo shows a wallet with a history and an order in progress."""

from types import SimpleNamespace

from core.money.ledger import entries
from storage.db import Database
from tests.fakes import MovedClock
from tests.orders_kit import OrdersKit
from ttboost.demo import wallet


async def test_there_is_a_history_and_one_open_order_however_often_it_starts(db: Database) -> None:
    clock = MovedClock()
    kit = OrdersKit(db, clock, "simulated")
    user_id = await kit.person(0)
    services = SimpleNamespace(db=db, clock=clock, orders=kit.orders)

    for _ in range(2):
        await wallet.fill(services, user_id)
        clock.move(60)

    found, _ = await kit.orders.list(user_id)
    assert [one.status for one in found] == ["pending", "partial", "completed"]
    async with db.read() as uow:
        assert len(await entries(uow, user_id, limit=50)) == 7
    await kit.check_money()


async def test_the_demo_starts_without_money_too(db: Database) -> None:
    clock = MovedClock()
    kit = OrdersKit(db, clock, "simulated")
    user_id = await kit.person(100)

    await wallet.fill(SimpleNamespace(db=db, clock=clock, orders=kit.orders), user_id)

    assert await kit.orders.list(user_id) == ([], 0)
