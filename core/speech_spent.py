"""Tells a streamer, once a day, that their plan's speech is used up: on the sockets and by a notice.

Called from the hot path: nothing here waits.
"""

from typing import Protocol

from core.allowance import Spent
from core.clock import Clock, iso
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

    def tell(self, user_id: int, spent: Spent) -> None:
        self._sockets.tell(user_id, message_of(spent))
        now, details = self._clock.now(), spent.why.details
        key = f"speech:{now:%Y%m%d}:{details['limit']}"
        data = {**details, "again_at": iso(spent.again_at)}
        self._post.tell(user_id, NoticeKind.SPEECH_SPENT, key, now, data)


def message_of(spent: Spent) -> Error:
    text = f"{spent.why.detail}; nothing more is read aloud until {spent.again_at:%H:%M} UTC"
    return Error(code=CODE, message=text)
