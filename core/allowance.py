"""How many characters an account may have spoken in a day (contract 1, `plans.NAME`)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec import Struct

from core import plan_limits
from core.clock import Clock
from core.errors import PlanLimit
from core.plan_limits import SPEECH, Terms

DAY = 86_400.0
MAX_ACCOUNTS = 50_000

OnSpent = Callable[[int, PlanLimit, datetime], None]
"""Whose day is spent, what their plan allows, and when the next one begins; returns at once."""


OnUsed = Callable[[int, datetime, int], None]
"""By whom, when their day began, how many characters; returns at once."""


class _Day(Struct):
    began_at: float  # monotonic
    since: datetime  # the same, as other processes know it
    used: int = 0
    is_told: bool = False


class SpeechAllowance:
    """Counted here, on from what was counted elsewhere. `on_spent` hears once a day of each account."""

    def __init__(self, clock: Clock) -> None:
        self.on_used: OnUsed = lambda _account_id, _since, _characters: None
        self.on_spent: OnSpent = lambda _account_id, _refusal, _again_at: None
        self._clock = clock
        self._terms: dict[int, Terms] = {}
        self._days: dict[int, _Day] = {}

    def set_terms(self, account_id: int, terms: Terms) -> None:
        self._terms[account_id] = terms

    def allow(self, account_id: int, characters: int) -> bool:
        """Take `characters` from the day, if that many are left."""
        day, terms = self._day(account_id), self._terms.get(account_id)
        if terms is not None and day.used + characters > terms.plan.speech_characters_per_day:
            self._tell(account_id, day)
            return False
        day.used += characters
        self.on_used(account_id, day.since, characters)
        return True

    def take_up(self, account_id: int, since: datetime, used: int) -> None:
        """Go on from what was counted before, here or elsewhere, in a day that is not over."""
        day = self._days.get(account_id)
        if day is None or self._clock.monotonic() - day.began_at >= DAY:
            self._days.pop(account_id, None)
            day = self._day(account_id)
            day.began_at -= (self._clock.now() - since).total_seconds()
            day.since = since
        day.used = max(day.used, used)

    def refusal(self, account_id: int) -> PlanLimit:
        """Why `allow` said no."""
        terms = self._terms.get(account_id)
        if terms is None:
            return PlanLimit()
        return plan_limits.refusal(terms, SPEECH, self._day(account_id).used)

    def _day(self, account_id: int) -> _Day:
        now, day = self._clock.monotonic(), self._days.get(account_id)
        if day is not None and now - day.began_at < DAY:
            return day
        if day is None and len(self._days) >= MAX_ACCOUNTS:
            del self._days[next(iter(self._days))]
        self._days[account_id] = begun = _Day(now, self._clock.now())
        return begun

    def _tell(self, account_id: int, day: _Day) -> None:
        if day.is_told:
            return
        day.is_told = True
        left = DAY - (self._clock.monotonic() - day.began_at)
        self.on_spent(account_id, self.refusal(account_id), self._clock.now() + timedelta(seconds=left))
