"""Whoever delivers orders, seen from the worker that speaks to them."""

from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from storage.models import Order


class Job(Struct, frozen=True, kw_only=True):
    """What is to be delivered. `order_id` makes it the same job however often it is told."""

    order_id: str
    video_url: str
    video_id: str
    view_count: int


class Answer(StrEnum):
    QUEUED = "queued"  # somebody will take it
    STARTED = "started"
    ASKED = "asked"  # to stop; the last numbers follow
    STOPPED = "stopped"  # nothing will follow


class Refused(Exception):
    """For good: asking again is no use."""


class Unreachable(Exception):
    """Ask again; after `retry_after` seconds where it was said."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Provider(Protocol):
    """May be asked the same more than once, and must answer the same then."""

    async def submit(self, job: Job) -> Answer:
        """Raises `Refused`, `Unreachable`."""
        ...

    async def cancel(self, job: Job) -> Answer:
        """Raises `Refused`, `Unreachable`."""
        ...


class Manual:
    """People: they see the queue and report by hand."""

    async def submit(self, _job: Job) -> Answer:
        return Answer.QUEUED

    async def cancel(self, _job: Job) -> Answer:
        return Answer.ASKED


def job_of(order: Order) -> Job:
    return Job(
        order_id=order.number,
        video_url=order.video_url,
        video_id=order.video_id,
        view_count=order.view_count,
    )
