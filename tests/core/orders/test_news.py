"""Open sockets hear of orders that moved, each version once."""

import asyncio

from core.messages import OrderUpdate
from core.orders.news import OrderNews
from core.tasks import TaskPool
from storage.models import ChangeKind
from tests.orders_kit import OrdersKit


class OneStudio:
    """Of the one streamer who is connected."""

    def __init__(self, user_id: int) -> None:
        self.user_id = user_id
        self.told: asyncio.Queue[OrderUpdate] = asyncio.Queue()

    def is_open(self, user_id: int) -> bool:
        return user_id == self.user_id

    def tell(self, user_id: int, message: OrderUpdate) -> None:
        assert user_id == self.user_id
        self.told.put_nowait(message)


async def test_each_version_is_told_once_and_only_to_whom_it_concerns(kit: OrdersKit):
    user_id, other = await kit.person(), await kit.person()
    studio = OneStudio(user_id)
    news = OrderNews(kit.db, studio, kit.clock)
    order = await kit.order(user_id)
    await kit.order(other)
    async with TaskPool() as tasks, asyncio.timeout(30):
        _ = tasks.spawn(news.run(), name="news")
        for one in (user_id, other, user_id):
            news.noticed(one, ChangeKind.ORDER)
        first = await studio.told.get()
        await kit.fulfilment.work()
        news.noticed(user_id, ChangeKind.ORDER)
        second = await studio.told.get()

    assert studio.told.empty()
    assert [one.order["order_id"] for one in (first, second)] == [order.order_id] * 2
    assert [one.order["status"] for one in (first, second)] == ["pending", "processing"]
    assert first.order["price"] == 3.5


async def test_other_changes_are_not_about_orders(kit: OrdersKit):
    news = OrderNews(kit.db, OneStudio(1), kit.clock)

    news.noticed(1, ChangeKind.SETUP)

    assert news._waiting == set()


async def test_every_change_of_an_order_is_noted_for_other_processes(kit: OrdersKit):
    user_id = await kit.person()
    await kit.started(user_id)

    async with kit.db.read() as uow:
        changes = await uow.accounts.changes_after(0)
    noted = [(one.user_id, one.kind) for one in changes if one.kind is not ChangeKind.MONEY]
    assert noted == [(user_id, ChangeKind.ORDER)] * 2
    assert kit.changes == 2
