"""The demo's wallet: money with a history, and an order whose made-up numbers move."""

import contextlib
from datetime import timedelta

from core.audit import Act
from core.errors import InsufficientFunds
from core.money import ledger
from core.money.ledger import Movement
from core.orders import lifecycle
from core.orders.lifecycle import Ending, Report
from core.orders.states import SIMULATED
from core.services import Services
from storage.models import AccountKind, EntryKind

VIDEO = "https://www.tiktok.com/@demo_streamer/video/7300000000000000001"
MONEY = 5_000  # minor units

_OLDER = (("finished", 2_000, 2_000), ("failed", 1_000, 640))  # how it ended, ordered, delivered
_HOURS = 4  # it took


async def fill(services: Services, user_id: int) -> None:
    """Money and two orders that have ended, once; an order in progress at every start."""
    async with services.db.read() as uow:
        is_new = await uow.ledger.count_entries(user_id) == 0
    if is_new:
        await _add_history(services, user_id)
    await _order(services, user_id)


async def _add_history(services: Services, user_id: int) -> None:
    now = services.clock.now()
    async with services.db.begin() as uow:
        by = Act("cli", now - timedelta(days=2))
        movement = Movement(kind=EntryKind.CREDIT, key=f"demo:welcome:{user_id}", by=by, reason="demo")
        await ledger.credit(uow, user_id, MONEY, AccountKind.ADJUSTMENTS, movement)
    for number, (cause, ordered, delivered) in enumerate(_OLDER):
        placed_at = now - timedelta(hours=30 - number)
        by = Act(f"user:{user_id}", placed_at)
        placed = await services.orders.create(user_id, VIDEO, ordered, f"demo:{number}", by)
        async with services.db.begin() as uow:
            order = await lifecycle.lock(uow, placed.id)
            if order is None:
                continue
            for hours in range(1, _HOURS + 1):
                by = Act("system", placed_at + timedelta(hours=hours))
                report = Report(sent=ordered, delivered=delivered * hours // _HOURS, source=SIMULATED)
                await lifecycle.report(uow, order, report, by)
            await lifecycle.end(uow, order, Ending(cause=cause, source=SIMULATED), by)


async def _order(services: Services, user_id: int) -> None:
    """One in progress, while the money lasts."""
    for status in ("pending", "processing"):
        if (await services.orders.list(user_id, status))[1]:
            return
    by = Act(f"user:{user_id}", services.clock.now())
    with contextlib.suppress(InsufficientFunds):
        await services.orders.create(user_id, VIDEO, 1_000, f"demo:{by.at:%Y%m%d%H%M%S}", by)
