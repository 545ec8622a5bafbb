"""What is done by the clock: a table of named jobs, run by APScheduler."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from msgspec import Struct

from core import license_reminders
from core.allowance import DAY
from core.clock import Clock
from core.config import Config
from core.errors import AppError
from core.gifts import GiftInfo, learn
from core.live.tiktok_lookup import GiftKind
from core.money import nightly
from core.services import Services
from core.sounds.service import Sounds
from storage.db import Database, DatabaseError, UnitOfWork
from storage.media import MediaFailure

log = structlog.get_logger(__name__)

PURGE_ROWS = 2_000  # deleted in one transaction, so that nobody waits long for the database
SOON = timedelta(minutes=1)  # after the start, when it is quiet again
DIALOG_LASTS = timedelta(days=30)
UPDATE_LASTS = timedelta(days=3)  # Telegram keeps what was not confirmed for one
LATE_SECONDS = 600  # a job missed by more is left out until its next time


ListGifts = Callable[[], Awaitable[Sequence[GiftKind]]]


class Job(Struct, frozen=True):
    name: str
    every_hours: float
    work: Callable[[], Awaitable[object]]


def sales_jobs(services: Services) -> list[Job]:
    config, db, clock = services.config, services.db, services.clock
    return [
        Job("remind_of_licenses", 1, lambda: license_reminders.remind(db, config, clock)),
        Job("mature_referrals", 1, services.referrals.mature),
        Job("reconcile_stars", 1, services.payments.reconcile),
        Job("forget_devices", 24, services.devices.purge),
        Job("purge_invoices", 24, services.payments.purge_invoices),
    ]


def jobs(
    config: Config, db: Database, sounds: Sounds, clock: Clock, list_gifts: ListGifts | None
) -> list[Job]:
    """`list_gifts`: asks TikTok for its gifts; None where LIVEs come from a recording."""
    table = [
        Job("purge_history", 1, lambda: purge_history(db, clock, config.history.retention_days)),
        Job("forget_marks", 1, lambda: forget_marks(db, clock)),
        Job("sweep_sounds", 24, sounds.sweep),
        Job("measure_sounds", 1, sounds.measure),
        Job("verify_ledger", 24, lambda: nightly.verify_and_alert(db, clock, config.telegram.admin_ids)),
        Job("forget_dialogs", 24, lambda: forget_dialogs(db, clock)),
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


async def forget_dialogs(db: Database, clock: Clock) -> None:
    """What nobody has gone on with for a month, and updates Telegram no longer repeats."""
    now = clock.now()
    async with db.begin() as uow:
        await uow.telegram.delete_dialogs(now - DIALOG_LASTS)
        await uow.telegram.delete_updates(now - UPDATE_LASTS)


async def purge_history(db: Database, clock: Clock, retention_days: int) -> int:
    """Delete viewers' names and texts that are older than `history.retention_days`; how many rows went."""
    before = clock.now() - timedelta(days=retention_days)
    return await _purge(db, lambda uow: uow.retention.purge_history(before, PURGE_ROWS)) + await _purge(
        db, lambda uow: uow.retention.purge_viewers(before, PURGE_ROWS)
    )


async def forget_marks(db: Database, clock: Clock) -> int:
    """What triggers have waited for long enough, and days of speech that are over."""
    now = clock.now()
    async with db.begin() as uow:
        await uow.lasting.forget_days(now - timedelta(seconds=DAY))
    return await _purge(db, lambda uow: uow.lasting.forget_marks(now, PURGE_ROWS))


async def _purge(db: Database, purge: Callable[[UnitOfWork], Awaitable[int]]) -> int:
    gone = 0
    while True:
        async with db.begin() as uow:
            count = await purge(uow)
        gone += count
        if count < PURGE_ROWS:
            return gone


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
    with structlog.contextvars.bound_contextvars(job=job.name):
        try:
            done = await job.work()
        except (AppError, DatabaseError, MediaFailure, OSError) as error:
            log.warning("job_failed", error=str(error))
        else:
            log.info("job_done", **figures(done))


def figures(done: object) -> dict[str, int | str]:
    """What a job has to show, fit for a line of the log: numbers, and of lists how long they are."""
    if isinstance(done, Struct):
        known = {name: getattr(done, name) for name in done.__struct_fields__}
        counted = {name: len(value) if isinstance(value, list) else value for name, value in known.items()}
        return {name: value for name, value in counted.items() if isinstance(value, int)}
    return {"result": done} if isinstance(done, int | str) else {}
