"""What a streamer should know of their LIVE: it began, fails, was not heard, is not played, is over.

Synchronous and cheap: one object a studio, asked to look twice a second. It only decides and hands over;
`core.live_news` writes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from core.clock import Clock, iso
from core.effects.due import DueAudio
from core.errors import AppError
from core.live.source import LiveState, LiveStatus
from core.live_report import Ended
from core.notices import NoticeKind
from core.tally import Tally

DEAF_SECONDS = 60.0  # a shorter gap is not worth a message
TROUBLE_SECONDS = 120.0  # what is tried again by itself may last so long
STOPPED_SECONDS = 600.0  # a LIVE that was switched off may be switched on again: its report waits


class Post(Protocol):
    """`core.live_news.LiveNews`. Returns at once."""

    def tell(self, user_id: int, kind: NoticeKind, key: str, at: datetime, data: dict[str, Any]) -> None: ...

    def report(self, ended: Ended) -> None: ...

    def resumed(self, user_id: int, room_id: str) -> None: ...


class Nobody:
    """Where nobody is told: a demo."""

    def tell(self, user_id: int, kind: NoticeKind, key: str, at: datetime, data: dict[str, Any]) -> None:
        """Nothing is told."""

    def report(self, ended: Ended) -> None:
        """Nothing is told."""

    def resumed(self, user_id: int, room_id: str) -> None:
        """Nothing was waiting."""


class LiveWatch:
    def __init__(self, user_id: int, post: Post, audio: DueAudio, clock: Clock) -> None:
        self._user_id = user_id
        self._post = post
        self._audio = audio
        self._clock = clock
        self._tally: Tally | None = None
        self._room_id = ""  # the last one heard: troubles before the next LIVE belong to a new one
        self._unique_id = ""
        self._lost_at: float | None = None
        self._lost_since: datetime | None = None
        self._trouble: tuple[LiveStatus, float] | None = None  # the last one, and since when there is any
        self._told: set[str] = set()  # of this LIVE
        self.cuts = 0  # of this LIVE's connection

    def began(self, tally: Tally) -> None:
        """Another LIVE, or one that goes on after this program was away."""
        self._tally, self._room_id, self._unique_id = tally, tally.room_id, tally.unique_id
        self._lost_at = None
        self.cuts = 0
        self._told.clear()
        self._audio.reset()
        self._post.resumed(self._user_id, tally.room_id)
        self._tell(NoticeKind.LIVE_BEGAN, "began")

    def carry(self) -> tuple[list[str], int]:
        """What was told of this LIVE and how often it was cut, for a process that goes on."""
        return sorted(self._told), self.cuts

    def resume(self, told: Sequence[str], cuts: int) -> None:
        self._told, self.cuts = set(told), cuts

    def lost(self) -> None:
        self._lost_at, self._lost_since = self._clock.monotonic(), self._clock.now()
        self.cuts += 1

    def back(self) -> None:
        """Heard again, in the same LIVE."""
        if self._tally is not None and self._lost_at is not None:
            self._tally.deaf_seconds += self._clock.monotonic() - self._lost_at
            self._tally.is_dirty = True
            self._tell_deaf(is_over=False)
        self._lost_at = None

    def ended(self, *, is_over: bool) -> None:
        """`is_over` False: it was switched off, and may still be running."""
        if self._tally is None:
            return
        self._tell_deaf(is_over=is_over)
        self._lost_at = None
        wait = 0.0 if is_over else STOPPED_SECONDS
        audio, tally = self._audio, self._tally
        self._post.report(Ended(tally, self._clock.monotonic() + wait, audio.missed, audio.dropped))
        self._tally = None

    def status(self, status: LiveStatus, unique_id: str | None) -> None:
        self._unique_id = unique_id or self._unique_id
        if status.state not in (LiveState.CONNECTING, LiveState.FAILED):
            self._trouble = None
        elif status.error_code is not None:
            since = self._trouble[1] if self._trouble else self._clock.monotonic()
            self._trouble = (status, since)
            if status.state is LiveState.FAILED:
                self._tell_failed(status.error_code, status.error)

    def refused(self, why: AppError) -> None:
        """LIVE was switched off for the streamer."""
        self._tell_failed(why.code, why.detail)

    def look(self, now: float, *, can_sound: bool) -> bool:
        """What time alone brings. True: audio was sent and nothing has said it played it."""
        if self._trouble is not None and now - self._trouble[1] >= TROUBLE_SECONDS:
            status = self._trouble[0]
            self._tell_failed(status.error_code or "", status.error)
        if self._tally is None or "unplayed" in self._told:
            return False
        why = self._audio.overdue(now, can_sound=can_sound)
        if why == "no_player":
            self.tell_unplayed(why)
        return why == "not_confirmed"

    def tell_unplayed(self, why: str) -> None:
        self._tell(NoticeKind.UNPLAYED, "unplayed", reason=why)

    def _tell_deaf(self, *, is_over: bool) -> None:
        if self._lost_at is None or self._lost_since is None:
            return
        seconds = self._clock.monotonic() - self._lost_at
        if seconds > DEAF_SECONDS:
            since, until = iso(self._lost_since), iso(self._clock.now())
            gap = {"since": since, "until": until, "seconds": round(seconds), "is_over": is_over}
            self._tell(NoticeKind.LIVE_DEAF, f"deaf:{since}", **gap)

    def _tell_failed(self, code: str, detail: str | None) -> None:
        self._tell(NoticeKind.LIVE_FAILED, f"failed:{code}", code=code, detail=detail)

    def _tell(self, kind: NoticeKind, what: str, **data: object) -> None:
        """Once a LIVE: the same key is not written twice, whichever process meets it."""
        if what in self._told:
            return
        self._told.add(what)
        at = self._clock.now()
        room = self._tally.room_id if self._tally else f"{self._unique_id}:{self._room_id}:{at:%Y%m%d}"
        named = {"tiktok_username": self._unique_id, "room_id": self._tally.room_id if self._tally else None}
        self._post.tell(self._user_id, kind, f"live:{room}:{what}", at, named | data)
