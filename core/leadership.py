"""Work that one process of the installation does while others stand by."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from core.tasks import TaskPool
from storage.db import Database
from storage.leadership import Lost, leading

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


async def lead(db: Database, what: str, work: Mapping[str, Work]) -> None:
    """Do `work`, by name, as long as this process leads; stand by otherwise. Until cancelled."""
    while True:
        async with leading(db, what) as held, TaskPool() as tasks:
            for name, one in work.items():
                _ = tasks.spawn(one(), name=name)
            try:
                await held.hold()
            except Lost:
                log.warning("lead_lost", what=what)
        await asyncio.sleep(0)
