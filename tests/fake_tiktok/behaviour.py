"""How the fake TikTok treats a streamer; a test sets the fields, a program the prefix of the name."""

import itertools
import time
from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web

# They grow with time, as TikTok's do: what the bus remembers of another run is of other rooms. A LIVE's end
# bears its room's number as its id: never one of a recording's messages, or it is a double.
_rooms = itertools.count(7_400_000_000_000_000_000 + time.time_ns() // 1_000_000)


class Page(StrEnum):
    OK = "ok"
    CAPTCHA = "captcha"  # no data in it
    NO_ROOM = "no_room"  # the room's id is missing
    BROKEN = "broken"  # cut-off JSON
    ERROR = "error"  # HTTP 500, also of the JSON route
    HANG = "hang"


class Sign(StrEnum):
    OK = "ok"
    LIMITED = "limited"  # 429
    ERROR = "error"  # 500
    HTML = "html"
    STUB = "stub"  # 200 with a few bytes
    NOTHING = "nothing"  # 200 with none
    HUGE = "huge"
    REFUSED = "refused"  # 401
    HANG = "hang"


class Play(StrEnum):
    ALL = "all"  # every frame, then the socket stays open
    CUT = "cut"  # in the middle of a frame
    SILENT = "silent"  # open, without a word
    CLOSE = "close"  # clean, code 1001
    END = "end"  # the stream's end
    BLOCKED = "blocked"  # the handshake is refused
    GARBAGE = "garbage"  # random and truncated frames in between


@dataclass
class FakeUser:
    unique_id: str
    is_known: bool = True
    is_live: bool = True
    room_id: int = field(default_factory=lambda: next(_rooms))
    page: Page = Page.OK
    sign: Sign | None = None  # None: as the whole sign server
    play: Play = Play.ALL
    after: int = 3  # frames before it misbehaves
    late_looks: int = 0  # so often it is found offline first
    looks: int = 0
    sockets: list[web.WebSocketResponse] = field(default_factory=list)
    transports: list[web.Request] = field(default_factory=list)

    def go_live(self) -> int:
        """On air again, in a new room."""
        self.is_live = True
        self.room_id = next(_rooms)
        return self.room_id

    def looked_at(self) -> bool:
        """Whether this look finds the streamer on air."""
        self.looks += 1
        return self.is_live and self.looks > self.late_looks


PREFIXES: dict[str, dict[str, object]] = {
    "offline": {"is_live": False},
    "ghost": {"is_known": False},
    "late": {"late_looks": 1},
    "limit": {"sign": Sign.LIMITED},
    "stub": {"sign": Sign.STUB},
    "nows": {"play": Play.BLOCKED},
    "drop": {"play": Play.CUT, "after": 30},
    "bye": {"play": Play.CLOSE, "after": 30},
    "hang": {"play": Play.SILENT, "after": 30},
    "end": {"play": Play.END, "after": 30},
    "noise": {"play": Play.GARBAGE},
}


def named(unique_id: str) -> FakeUser:
    """The streamer a program is asked for: `drop_anna` loses the socket, `anna` does not."""
    prefix, _, rest = unique_id.partition("_")
    return FakeUser(unique_id, **(PREFIXES.get(prefix, {}) if rest else {}))  # type: ignore[arg-type]
