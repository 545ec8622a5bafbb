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


class Spent(Struct, frozen=True):
    why: PlanLimit
    again_at: datetime


OnSpent = Callable[[int, Spent], None]
"""Whose day is spent; returns at once."""


OnUsed = Callable[[int, datetime, int], None]
"""By whom, when their day began, how many characters; returns at once."""


class _Day(Struct):
    began_at: float  # monotonic
    since: datetime  # the same, as other processes know it
    used: int = 0
    told: int = 0  # the limit at which the account was told; a larger plan may come in between


class SpeechAllowance:
    """Counted here, on from what was counted elsewhere. `on_spent` hears once a day and plan of each."""

    def __init__(self, clock: Clock) -> None:
        self.on_used: OnUsed = lambda _account_id, _since, _characters: None
        self.on_spent: OnSpent = lambda _account_id, _spent: None
        self._clock = clock
        self._terms: dict[int, Terms] = {}
        self._days: dict[int, _Day] = {}

    def set_terms(self, account_id: int, terms: Terms) -> None:
        self._terms[account_id] = terms

    def allow(self, account_id: int, characters: int) -> bool:
        """Take `characters` from the day, if that many are left."""
        day, terms = self._day(account_id), self._terms.get(account_id)
        limit = terms.plan.speech_characters_per_day if terms else None
        if limit is not None and day.used + characters > limit:
            self._tell(account_id, day, limit)
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

    def spent(self, account_id: int) -> Spent | None:
        """What the account was told, as long as it holds."""
        now, day, terms = self._clock.monotonic(), self._days.get(account_id), self._terms.get(account_id)
        if day is None or terms is None or now - day.began_at >= DAY:
            return None
        if day.told < terms.plan.speech_characters_per_day:
            return None
        return Spent(
            self.refusal(account_id), self._clock.now() + timedelta(seconds=DAY - (now - day.began_at))
        )

    def _day(self, account_id: int) -> _Day:
        now, day = self._clock.monotonic(), self._days.get(account_id)
        if day is not None and now - day.began_at < DAY:
            return day
        if day is None and len(self._days) >= MAX_ACCOUNTS:
            del self._days[next(iter(self._days))]
        self._days[account_id] = begun = _Day(now, self._clock.now())
        return begun

    def _tell(self, account_id: int, day: _Day, limit: int) -> None:
        if day.told == limit:
            return
        day.told = limit
        if spent := self.spent(account_id):
            self.on_spent(account_id, spent)
