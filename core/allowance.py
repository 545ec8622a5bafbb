"""How many characters an account may have spoken in a day (contract 1, `plans.NAME`)."""

from core.clock import Clock

DAY = 86_400.0
MAX_ACCOUNTS = 50_000


class SpeechAllowance:
    """Counted in this process; a restart gives the day anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limits: dict[int, int] = {}
        self._used: dict[int, tuple[float, int]] = {}  # account -> day's beginning, characters since

    def set_limit(self, account_id: int, characters: int) -> None:
        self._limits[account_id] = characters

    def allow(self, account_id: int, characters: int) -> bool:
        """Take `characters` from the day, if that many are left."""
        now = self._clock.monotonic()
        since, used = self._used.get(account_id, (now, 0))
        if now - since >= DAY:
            since, used = now, 0
        limit = self._limits.get(account_id)
        if limit is not None and used + characters > limit:
            return False
        if account_id not in self._used and len(self._used) >= MAX_ACCOUNTS:
            del self._used[next(iter(self._used))]
        self._used[account_id] = (since, used + characters)
        return True
