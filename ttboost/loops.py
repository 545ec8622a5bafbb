"""What runs in the background, by role."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core import jobs
from core.leadership import lead
from core.live.source import LiveSource
from core.live.tiktok import TikTokSource
from core.services import Services
from storage.models import ChangeKind


async def start(services: Services, roles: Collection[str], source: LiveSource) -> None:
    services.db.on_done = services.counts.unit_of_work
    await services.changes.start()
    services.speech.start()
    _spawn(services, "changes", services.changes.run())
    _spawn(services, "last seen", services.last_seen.run())
    if services.budgets is not None:
        _spawn(services, "budgets", services.budgets.run())
    _spawn(services, "journal", services.journal.run())
    if services.local is not None:
        _spawn(services, "studios", services.local.run())
    if "jobs" in roles:
        services.changes.subscribe(lambda _, kind: _wake(services, kind))
        work = {
            "fulfilment": services.fulfilment.run,
            "payments": services.payments.run,
            "built-in sounds": services.sounds.install,
            "jobs": lambda: _by_the_clock(services, source),
        }
        _spawn(services, "lead jobs", lead(services.db, "jobs", work))


def _wake(services: Services, kind: ChangeKind) -> None:
    """Another process took an order."""
    if kind is ChangeKind.ORDER:
        services.fulfilment.wake()


def _spawn(services: Services, name: str, work: Coroutine[Any, Any, None]) -> None:
    _ = services.tasks.spawn(work, name=name)


async def _by_the_clock(services: Services, source: LiveSource) -> None:
    """Until cancelled."""
    list_gifts = source.gifts if isinstance(source, TikTokSource) else None
    table = jobs.jobs(services.config, services.db, services.sounds, services.clock, list_gifts)
    scheduler: AsyncIOScheduler = jobs.start([*table, *jobs.sales_jobs(services)], services.clock)
    try:
        await asyncio.Event().wait()
    finally:
        scheduler.shutdown(wait=False)
