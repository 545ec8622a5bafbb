"""Tells a streamer, once a day, that their plan's speech is used up: on the sockets and by a notice.

Called from the hot path: nothing here waits.
"""

from datetime import datetime
from typing import Protocol

from core.clock import Clock, iso
from core.errors import PlanLimit
from core.live_watch import Post
from core.messages import Error
from core.notices import NoticeKind

CODE = "speech_quota"


class Sockets(Protocol):
    """`core.studios.Studios`."""

    def tell(self, user_id: int, message: Error, /) -> None: ...


class SpentSpeech:
    def __init__(self, sockets: Sockets, post: Post, clock: Clock) -> None:
        self._sockets = sockets
        self._post = post
        self._clock = clock

    def tell(self, user_id: int, refusal: PlanLimit, again_at: datetime) -> None:
        text = f"{refusal.detail}; nothing more is read aloud until {again_at:%H:%M} UTC"
        self._sockets.tell(user_id, Error(code=CODE, message=text))
        now = self._clock.now()
        data = {**refusal.details, "again_at": iso(again_at)}
        self._post.tell(user_id, NoticeKind.SPEECH_SPENT, f"speech:{now:%Y%m%d}", now, data)
