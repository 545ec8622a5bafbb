"""Killed at either side of every commit of a payment's life, from the invoice to the refund."""

from pathlib import Path

import pytest

from core.audit import Act
from core.config import Config, Plan
from core.money import ledger
from core.payments.service import Payments
from core.plans_for_sale import Shop
from core.secrets import load_or_create
from storage.db import Database
from storage.models import AccountKind, LicenseStatus
from storage.repositories.ledger import AccountRow
from tests import crash_kit
from tests.core.payments.conftest import ANNA, STARS
from tests.core.payments.till import Till, message
from tests.fakes import MovedClock

COMMITS = 9


class Telegram(Till):
    """What it has been asked to refund outlives the process that asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def refund(self, telegram_id: int, charge_id: str) -> None:
        with (self._folder / "refunds").open("a") as file:
            file.write(f"{telegram_id} {charge_id}\n")


async def live(db: Database, folder: str, seconds: float) -> None:
    """Top up, buy a license by Stars, have that refunded. What was done before is not done again.

    Invoices stand in the chat, so their payloads are remembered; Telegram tells again what it has got no
    answer for.
    """
    home, clock = Path(folder), MovedClock()
    clock.move(seconds)
    plan = Plan(title="Standard", days=30, stars=STARS)
    config, secrets = Config(data_dir=home, plans={"standard": plan}), load_or_create(home)
    till = Telegram(home)
    payments = Payments(db, config, secrets, clock, till)
    shop = Shop(db, config, secrets, clock, payments)
    by = Act("cli", clock.now())
    async with db.read() as uow:
        user = await uow.accounts.get_by_telegram_id(ANNA)

    await payments.process_inbox()
    await payments.process_refunds()
    for name, stars in (("top_up", 770), ("license", STARS)):
        chat = home / name
        if not chat.exists():
            await (payments.top_up(user.id, 1_000) if name == "top_up" else buy(shop, user.id, by))
            chat.write_text(till.offers[-1].payload)
        await payments.receive(message(name, ANNA, chat.read_text(), stars))
    await payments.refund("license", by, "asked")


async def buy(shop: Shop, user_id: int, by: Act) -> None:
    await shop.buy(user_id, "standard", "stars", None, by)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    home = tmp_path / "home"
    home.mkdir()
    load_or_create(home)
    return str(home)


@pytest.mark.parametrize("point", crash_kit.points(COMMITS), ids=str)
async def test_a_payment_survives_a_kill(db, database_url, folder, anna, notices, clock, point):
    assert (await crash_kit.run(live, database_url, folder, 0, kill=point)).was_killed

    await live(db, folder, 60)

    clock.move(60)
    async with db.read() as uow:
        balance = await ledger.balance(uow, anna)
        accounts = [one async for page in uow.ledger.pages(AccountRow) for one in page]
        keys = await uow.licenses.list_of_user(anna)
        left = await uow.payments.count_open_events()
    assert (balance.available, balance.debt, left) == (1_000, 0, 0)
    assert sum(one.balance for one in accounts) == 0
    assert [one.balance for one in accounts if one.kind is AccountKind.STARS] == [-1_000]
    assert [key.status for key in keys] == [LicenseStatus.REVOKED]
    told = [(kind, data.get("what")) for kind, data in await notices(anna)]
    assert told == [("payment", "top_up"), ("license_bought", None), ("payment", "refund")]
    assert (Path(folder) / "refunds").read_text().split()[:2] == [str(ANNA), "license"]


async def test_no_commit_of_a_payments_life_is_left_out(db, database_url, folder, anna):
    assert (await crash_kit.run(live, database_url, folder, 0)).commits == COMMITS
