"""Jobs by the clock."""

from datetime import timedelta

from core import jobs
from core.errors import Unavailable
from tests.fakes import MovedClock


async def nothing() -> None:
    """A job's work."""


async def fail() -> None:
    raise Unavailable


async def test_a_daily_job_runs_soon_after_the_start_too():
    clock = MovedClock()

    scheduler = jobs.start([jobs.Job("daily", 24, nothing)], clock)
    [planned] = scheduler.get_jobs()
    scheduler.shutdown(wait=False)

    assert planned.next_run_time - clock.now() <= timedelta(minutes=5)
    assert planned.trigger.interval == timedelta(hours=24)


async def test_a_failing_job_does_not_end_the_scheduler():
    await jobs._run(jobs.Job("fails", 1, fail))
