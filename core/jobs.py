"""What is done by the clock: a table of named jobs, run by APScheduler."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from msgspec import Struct

from core.clock import Clock
from core.config import Config
from core.errors import AppError
from core.gifts import GiftInfo, learn
from core.live.tiktok_lookup import GiftKind
from core.sounds.service import Sounds
from storage.db import Database, DatabaseError
from storage.media import MediaFailure

log = structlog.get_logger(__name__)

PURGE_ROWS = 2_000  # deleted in one transaction, so that nobody waits long for the database
SOON = timedelta(minutes=1)  # after the start, when it is quiet again
LATE_SECONDS = 600  # a job missed by more is left out until its next time


ListGifts = Callable[[], Awaitable[Sequence[GiftKind]]]


class Job(Struct, frozen=True):
    name: str
    every_hours: float
    work: Callable[[], Awaitable[object]]


def jobs(
    config: Config, db: Database, sounds: Sounds, clock: Clock, list_gifts: ListGifts | None
) -> list[Job]:
    """`list_gifts`: asks TikTok for its gifts; None where LIVEs come from a recording."""
    table = [
        Job("purge_history", 1, lambda: purge_history(db, clock, config.history.retention_days)),
        Job("sweep_sounds", 24, sounds.sweep),
    ]
    if list_gifts is not None:
        table.append(Job("learn_gifts", 24, lambda: learn_gifts(db, clock, list_gifts)))
    return table


async def learn_gifts(db: Database, clock: Clock, list_gifts: ListGifts) -> int:
    """Take over TikTok's own list; best effort, since it is not always given."""
    gifts = [
        GiftInfo(gift.gift_id, gift.name, gift.diamond_count, gift.image or "") for gift in await list_gifts()
    ]
    async with db.begin() as uow:
        await learn(uow, gifts, clock)
    return len(gifts)


async def purge_history(db: Database, clock: Clock, retention_days: int) -> int:
    """Delete viewers' names and texts that are older than `history.retention_days`; how many rows went."""
    before = clock.now() - timedelta(days=retention_days)
    gone = 0
    while True:
        async with db.begin() as uow:
            count = await uow.journal.purge_history(before, PURGE_ROWS)
        gone += count
        if count < PURGE_ROWS:
            break
    async with db.begin() as uow:
        return gone + await uow.journal.purge_viewers(before)


def start(table: list[Job], clock: Clock) -> AsyncIOScheduler:
    """The running scheduler; `shutdown(wait=False)` ends it.

    Each job runs soon after the start too: a server that is restarted daily would never do the daily ones.
    """
    scheduler = AsyncIOScheduler(timezone="UTC")
    for job in table:
        scheduler.add_job(
            _run,
            "interval",
            (job,),
            id=job.name,
            hours=job.every_hours,
            next_run_time=clock.now() + SOON,
            misfire_grace_time=LATE_SECONDS,
            coalesce=True,
            max_instances=1,
        )
    scheduler.start()
    return scheduler


async def _run(job: Job) -> None:
    try:
        done = await job.work()
    except (AppError, DatabaseError, MediaFailure, OSError) as error:
        log.warning("job_failed", job=job.name, error=str(error))
    else:
        log.info("job_done", job=job.name, result=done)
