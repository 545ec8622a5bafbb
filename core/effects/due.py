"""Whether what is due to sound is played at all, told from the outside: by what the devices say."""

from typing import Literal

PATIENCE = 30.0  # seconds beyond the backlog

Silence = Literal["no_player", "not_confirmed"]


class DueAudio:
    """One streamer's, one LIVE at a time. Times are monotonic seconds."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Another LIVE."""
        self.missed = 0  # messages whose audio nothing was there to play
        self.dropped = 0  # messages whose audio gave way to the backlog
        self._missed_since: float | None = None
        self._confirm_by: float | None = None

    @property
    def is_awaited(self) -> bool:
        """The next audio sent out need not be noted: an earlier one is waited for."""
        return self._confirm_by is not None

    def sent(self, now: float, backlog: float) -> None:
        """To a device that plays. `backlog`: seconds until it has played this too."""
        self._missed_since = None
        if self._confirm_by is None:
            self._confirm_by = now + backlog + PATIENCE

    def miss(self, now: float) -> None:
        """Nothing is connected that would play it."""
        self.missed += 1
        if self._missed_since is None:
            self._missed_since = now

    def played(self) -> None:
        """A device has played something, or somebody has a hand on it: it is not deaf."""
        self._confirm_by = None

    def overdue(self, now: float, *, can_sound: bool) -> Silence | None:
        """Why nothing is heard, once that has lasted. `can_sound`: something that plays is connected."""
        if can_sound:
            self._missed_since = None
        else:
            self._confirm_by = None
        if self._missed_since is not None and now - self._missed_since >= PATIENCE:
            return "no_player"
        if self._confirm_by is not None and now >= self._confirm_by:
            self._confirm_by = None
            return "not_confirmed"
        return None
