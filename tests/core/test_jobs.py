"""Jobs by the clock."""

from datetime import UTC, datetime, timedelta

import pytest
import structlog

from core import jobs
from core.errors import Unavailable
from core.payments.reconciliation import Reconciled
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


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (Reconciled(datetime(2026, 1, 1, tzinfo=UTC), 5, 4, 1, ["c1: unknown", "c2: unknown"]),
         {"transactions": 5, "received": 4, "refunds": 1, "differences": 2}),
        (3, {"result": 3}),
        ("12 entries hold", {"result": "12 entries hold"}),
        (None, {}),
    ],
)  # fmt: skip
async def test_what_a_job_has_done_is_told_in_figures(done, told):
    async def work() -> object:
        return done

    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        await jobs._run(jobs.Job("counts", 1, work))

    assert logs == [{"event": "job_done", "log_level": "info", "job": "counts", **told}]
