"""For the demo alone: nobody is shown anything, the numbers move by the clock and say so."""

from datetime import datetime

from core.fulfilment.provider import Answer, Job
from core.orders.lifecycle import Report
from core.orders.states import SIMULATED
from storage.models import Order

SECONDS = 120.0  # of a whole order
STEPS = 12


class Simulated:
    async def submit(self, _job: Job) -> Answer:
        return Answer.STARTED

    async def cancel(self, _job: Job) -> Answer:
        return Answer.STOPPED


def report_at(order: Order, now: datetime) -> Report | None:
    """How far a made-up delivery is by now; None before its first step."""
    if order.started_at is None:
        return None
    step = min(STEPS, int((now - order.started_at).total_seconds() * STEPS / SECONDS))
    if step < 1:
        return None
    ahead = min(STEPS, step + 1)  # what was sent is a step ahead of what is delivered
    return Report(
        sent=order.view_count * ahead // STEPS, delivered=order.view_count * step // STEPS, source=SIMULATED
    )


def is_over(order: Order) -> bool:
    return order.view_count_delivered >= order.view_count
