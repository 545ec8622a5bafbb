"""Where a LIVE comes from: the seam between a way into TikTok (or a recording) and everything above it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol, Self

from msgspec import Struct

from core.errors import Unavailable
from core.live.events import Frame


class LiveTrouble(Unavailable):
    """Why a LIVE cannot be heard now. Its words name the cure, since the streamer reads them."""

    code: ClassVar[str] = "live_unavailable"
    text: ClassVar[str] = "The LIVE cannot be reached right now; trying again."

    def __init__(self, text: str | None = None, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after  # seconds the other side asks us to stay away


class Offline(LiveTrouble):
    """`room_id`: the last room TikTok names for the streamer; may come alive again."""

    code = "offline"
    text = "The streamer is not LIVE; it starts by itself as soon as they are."

    def __init__(self, text: str | None = None, *, room_id: str | None = None) -> None:
        super().__init__(text)
        self.room_id = room_id


class UnknownStreamer(LiveTrouble):
    code = "unknown_streamer"
    text = "TikTok knows no streamer of this name; check the spelling of the TikTok username."


class LookupFailed(LiveTrouble):
    code = "lookup_failed"
    text = "TikTok did not answer whether the streamer is LIVE; trying again by itself."


class SignFailed(LiveTrouble):
    code = "sign_failed"
    text = "The sign server cannot open the connection right now; trying again by itself."


class SignLimited(SignFailed):
    code = "sign_limited"
    text = "The sign server allows no more connections for the moment; trying again by itself."


class SignRefused(SignFailed):
    code = "sign_refused"
    text = "The sign server refused the API key; the operator has to check live.tiktok.sign_api_keys."


class Blocked(LiveTrouble):
    code = "blocked"
    text = "TikTok refused the connection from this server; trying again later by itself."


class ConnectionLost(LiveTrouble):
    code = "connection_lost"
    text = "The connection to TikTok was cut; reconnecting."


class ConnectionSilent(ConnectionLost):
    code = "connection_silent"
    text = "TikTok went silent; reconnecting."


class Room(Struct, frozen=True):
    room_id: str  # of one broadcast; a new one for every LIVE
    unique_id: str


class LiveConnection(Protocol):
    """Frames of one connected LIVE. Ends when the other side closed it, raises `ConnectionLost` otherwise."""

    raw: Callable[[bytes], None] | None  # gets every frame as it came, before it is decoded
    skipped: int  # frames that could not be decoded and were left out

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> Frame: ...


class LiveSource(Protocol):
    pause_after_end: float  # seconds until it pays to look for the next LIVE

    async def find_room(self, unique_id: str) -> Room:
        """Raises `Offline`, `UnknownStreamer` or `LookupFailed`."""

    async def alive(self, room_ids: list[str]) -> set[str]:
        """Which of these rooms are on air, in one question. Raises `LookupFailed`."""

    def connect(self, room: Room, *, reconnecting: bool) -> AbstractAsyncContextManager[LiveConnection]:
        """Entering it raises `SignFailed`, `Blocked` or `ConnectionLost`."""


class Head(Struct, frozen=True):
    """Where another process has listened so far: its room, and a connection to it that stands already."""

    room: Room
    connection: AbstractAsyncContextManager[LiveConnection] | None


class SessionSink(Protocol):
    """What a supervisor feeds: the live session of one streamer."""

    def began(self, room_id: str, *, is_new: bool) -> None:
        """Connected. Not new: the same room again after a cut."""

    def frame(self, frame: Frame) -> bool:
        """True: the stream has ended."""

    def lost(self) -> None:
        """The socket is gone and being opened again."""

    def ended(self) -> None:
        """This LIVE is over."""


class LiveState(StrEnum):
    OFF = "off"
    CONNECTING = "connecting"
    WAITING = "waiting"  # offline; starts by itself
    LIVE = "live"
    FAILED = "failed"  # somebody has to do something; still looked at from time to time


class LiveStatus(Struct, frozen=True):
    state: LiveState
    since: datetime
    room_id: str | None = None
    viewers: int | None = None
    error: str | None = None  # plain words with the cure
    error_code: str | None = None  # `LiveTrouble.code`, for translations
    last_frame_at: datetime | None = None
    expected_wait_seconds: float | None = None  # until the next try, where that is known
