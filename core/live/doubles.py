"""What TikTok says twice: messages with an id seen before, and old chat repeated on connect."""

from array import array
from bisect import bisect_left

from core.live.events import ChatPosted

FRAMES_AFTER_CONNECT = 5
OLD_MS = 60_000


class Doubles:
    """Remembers at least the `capacity` highest message ids, in order: TikTok's grow with time.

    Eight bytes an id. A set would take a hundred, in every room.
    """

    def __init__(self, capacity: int = 20_000) -> None:
        self._capacity = capacity
        self._seen = array("q")

    def is_double(self, msg_id: int) -> bool:
        """Whether this id came before; from now on it did. 0 is no id and never a double."""
        if not msg_id:
            return False
        seen = self._seen
        if not seen or msg_id > seen[-1]:
            seen.append(msg_id)
        else:
            place = bisect_left(seen, msg_id)
            if seen[place] == msg_id:
                return True
            seen.insert(place, msg_id)
        if len(seen) > 2 * self._capacity:
            del seen[: self._capacity]
        return False

    def carry(self) -> bytes:
        """For `resume` of another process: the highest ids."""
        return self._seen[-self._capacity // 2 :].tobytes()

    def resume(self, carried: bytes) -> None:
        self._seen = array("q", carried)


class RepeatedChat:
    """Tells chat from before we came. Only TikTok's own clocks are compared, never this machine's."""

    def __init__(self) -> None:
        self._frames = 0
        self._server_ms = 0

    def connected(self) -> None:
        """The socket is new: TikTok may repeat old chat now."""
        self._frames = 0

    def frame(self, server_ms: int) -> None:
        """A frame with messages begins; `server_ms` is its own clock."""
        self._frames += 1
        self._server_ms = server_ms

    def is_repeated(self, chat: ChatPosted) -> bool:
        if chat.is_history:
            return True
        if self._frames > FRAMES_AFTER_CONNECT or not self._server_ms or not chat.created_ms:
            return False
        return self._server_ms - chat.created_ms > OLD_MS
