"""The orders bench measures what it says."""

from storage.db import Database
from ttboost.bench import orders


async def test_all_the_money_and_no_more_becomes_orders(db: Database) -> None:
    found = await orders.measure(db)

    assert found.overdrafts == 0
    assert found.per_second > 0
    assert found.p99_ms > 0
    async with db.read() as uow:
        _, total = await uow.orders.page(user_id=None, status=None, limit=1, offset=0)
    assert total == orders.AFFORDABLE * orders.USERS
