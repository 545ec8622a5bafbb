"""When an engine is left alone for a while, so that lines do not flip between two voices."""

from collections import deque

from core.speech.model import Reason

REST_SECONDS = 300.0
FAILURES = 3
WITHIN_SECONDS = 60.0
SILENT_ANSWERS = 5  # in a row, no audio for any of them: then it is the engine, not the texts


class Health:
    """Three failures in a minute, or one 429, rest an engine; the next failure after its rest, again."""

    def __init__(self) -> None:
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._rests_until = float("-inf")
        self._silent = 0
        self._is_on_trial = False
        self.last: Reason | None = None

    def is_resting(self, now: float) -> bool:
        return now < self._rests_until

    def succeeded(self) -> None:
        self._silent = 0
        self._is_on_trial = False

    def failed(self, reason: Reason, now: float) -> None:
        self.last = reason
        if reason is Reason.NO_AUDIO:
            self._silent += 1
            if self._silent >= SILENT_ANSWERS:
                self._rest(now)
            return
        self._failures.append(now)
        is_row = len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN_SECONDS
        if reason is Reason.LIMITED or is_row or self._is_on_trial:
            self._rest(now)

    def _rest(self, now: float) -> None:
        self._rests_until = now + REST_SECONDS
        self._failures.clear()
        self._silent = 0
        self._is_on_trial = True
