"""The only place that asks what time it is."""

import time
from datetime import UTC, datetime


class Clock:
    """Wall time for what people read, monotonic time for what is measured. Tests pass one they move."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes backwards."""
        return time.monotonic()


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`, as every answer and message spells time."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[:-6] + "Z"
