"""The demo is furnished at every start, whatever its streamer did to the account meanwhile."""

from pathlib import Path

from core.audit import Act
from core.config import Config, Live
from core.money import ledger
from ttboost.database import open_installation
from ttboost.demo.stage import PASSWORD, USERNAME, furnish
from ttboost.wiring import open_services

ADDRESS = "http://127.0.0.1"


async def test_after_its_account_was_deleted_it_starts_with_a_new_one_that_has_money(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, live=Live(source="replay"))
    async with open_installation(config) as opened, open_services(opened, is_demo=True) as services:
        await furnish(services, ADDRESS)
        left = (await services.accounts.login(USERNAME, PASSWORD)).account
        [open_order], _ = await services.orders.list(left.id, "pending")
        by = Act(f"user:{left.id}", services.clock.now())
        await services.orders.cancel(left.id, open_order.order_id, by)
        await services.leaving.delete(left.id, PASSWORD, gives_up_balance=True)

        await furnish(services, ADDRESS)

        fresh = (await services.accounts.login(USERNAME, PASSWORD)).account
        async with services.db.read() as uow:
            money = await ledger.balance(uow, fresh.id)
        assert fresh.id != left.id
        assert money.available > 0
        assert [one.status for one in (await services.orders.list(fresh.id))[0]] == [
            "pending",
            "partial",
            "completed",
        ]
