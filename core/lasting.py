"""What must outlive the process, until the journal has written it: marks of triggers, characters spoken."""

from datetime import datetime, timedelta

from msgspec import Struct

from core.clock import Clock
from core.triggers.marks import Mark
from storage.repositories.lasting import MarkKey

MAX_WAITING = 50_000  # marks; the oldest give way, the database has then been stuck for long


class Waiting(Struct, frozen=True):
    marks: dict[MarkKey, tuple[datetime, str]]  # until when, in which room
    spoken: dict[tuple[int, datetime], int]  # by account and when its day began


class Lasting:
    """One a process. What is noted is in memory alone until the journal's next batch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting = Waiting({}, {})

    def __bool__(self) -> bool:
        return bool(self._waiting.marks or self._waiting.spoken)

    def mark(self, user_id: int, mark: Mark, room_id: str) -> None:
        marks = self._waiting.marks
        key = (user_id, mark.what, mark.trigger_id, mark.viewer_id)
        if key not in marks and len(marks) >= MAX_WAITING:
            del marks[next(iter(marks))]
        marks[key] = (self._clock.now() + timedelta(seconds=mark.seconds), room_id)

    def spoke(self, account_id: int, day_began: datetime, characters: int) -> None:
        key = (account_id, day_began)
        self._waiting.spoken[key] = self._waiting.spoken.get(key, 0) + characters

    def take(self) -> Waiting:
        taken, self._waiting = self._waiting, Waiting({}, {})
        return taken

    def put_back(self, taken: Waiting) -> None:
        """It was not written: put it under what has come since."""
        since = self.take()
        for key, characters in since.spoken.items():
            taken.spoken[key] = taken.spoken.get(key, 0) + characters
        self._waiting = Waiting(taken.marks | since.marks, taken.spoken)
