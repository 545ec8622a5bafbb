"""One room's webcast socket: entered, kept alive with heartbeats, every frame receipted.

A thousand of these listen in one process, so none has a task of its own.
"""

import asyncio
import ssl
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any, Self, cast
from urllib.parse import quote, urlencode

import aiohttp
import structlog
from yarl import URL

from core.live.events import ChatPosted, Frame
from core.live.signing import Signed
from core.live.source import Blocked, ConnectionLost, ConnectionSilent, Room
from core.live.wire import (
    BadFrame,
    SignAnswer,
    decode_frame,
    encode_ack,
    encode_enter_room,
    encode_heartbeat,
)
from core.tasks import TaskPool

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 15.0
MAX_FRAME = 1024 * 1024
DEFAULT_BEAT = 5.0
LONGEST_BEAT = 60.0
CLEAN_CODES = (aiohttp.WSCloseCode.OK, aiohttp.WSCloseCode.GOING_AWAY)
CLOSE_SECONDS = 3.0
TIMEOUT = aiohttp.ClientWSTimeout(ws_receive=None, ws_close=1.0)


def client_params(user_agent: str) -> list[tuple[str, str]]:
    """What TikTok's own page in that browser says of itself."""
    name, _, version = user_agent.partition("/")
    return [
        ("aid", "1988"),
        ("app_language", "en"),
        ("app_name", "tiktok_web"),
        ("browser_language", "en-US"),
        ("browser_name", name),
        ("browser_online", "true"),
        ("browser_platform", "MacIntel" if "Macintosh" in user_agent else "Win32"),
        ("browser_version", version),
        ("cookie_enabled", "true"),
        ("debug", "false"),
        ("device_platform", "web"),
        ("did_rule", "3"),
        ("heartbeat_duration", "0"),
        ("history_comment_count", "6"),
        ("host", "https://webcast.tiktok.com"),
        ("identity", "audience"),
        ("last_rtt", "150"),
        ("live_id", "12"),
        ("resp_content_type", "protobuf"),
        ("screen_height", "1080"),
        ("screen_width", "1920"),
        ("sup_ws_ds_opt", "1"),
        ("tz_name", "America/Toronto"),
        ("update_version_code", "2.0.0"),
        ("version_code", "180800"),
    ]


def socket_url(answer: SignAnswer, room_id: str, user_agent: str) -> URL:
    """The signed address. Every value is percent-encoded: a bare blank in one is refused."""
    params = list((dict(client_params(user_agent)) | answer.route_params).items())
    params += [
        ("room_id", room_id),
        ("compress", "gzip"),
        ("internal_ext", answer.internal_ext),
        ("cursor", answer.cursor),
        ("version_code", "270000"),  # said twice, as the page does
    ]
    joint = "&" if "?" in answer.push_server else "?"
    return URL(f"{answer.push_server}{joint}{urlencode(params, quote_via=quote)}", encoded=True)


class _Answered:
    """What a socket needs of the answer to its handshake while it listens for hours: the connection.

    The answer with its address and headers, what has read it and the server's certificate taken apart
    would be ten kilobytes in every room.
    """

    __slots__ = ("connection",)

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.connection = connection = answer.connection
        answer._connection = None  # noqa: SLF001  or it would take the connection along
        if connection is None or connection.protocol is None or connection.transport is None:
            return
        connection.protocol._parser = None  # noqa: SLF001  frames are read by another
        if certificate := connection.transport.get_extra_info("peercert"):
            certificate.clear()

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Socket(aiohttp.ClientWebSocketResponse):
    """Keeps what TikTok asks for in the answer to the handshake; the session is told to make these."""

    _response: Any

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.beat = beat_seconds(self._response.headers.get("Handshake-Options", ""))
        self._response = _Answered(self._response)


def open_http(tls: ssl.SSLContext) -> aiohttp.ClientSession:
    """The client of all rooms and of the sign server."""
    # No cookie jar: rooms would share it. No limit: each room keeps one connection for hours.
    # No timeout of the session's: its timer would stay with each connection. Callers bring their own.
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None),
        connector=aiohttp.TCPConnector(limit=0, ssl=tls),
        cookie_jar=aiohttp.DummyCookieJar(),
        ws_response_class=Socket,
    )


async def open_socket(
    http: aiohttp.ClientSession, signed: Signed, room: Room, *, user_agent: str, proxy: str | None = None
) -> Socket:
    headers = {"User-Agent": user_agent, "Origin": "https://www.tiktok.com"}
    if signed.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in signed.cookies.items())
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            socket = await http.ws_connect(
                socket_url(signed.answer, room.room_id, user_agent),
                protocols=("echo-protocol",),
                headers=headers,
                proxy=proxy,
                timeout=TIMEOUT,
                max_msg_size=MAX_FRAME,
                compress=0,
            )
            return cast("Socket", socket)
    except aiohttp.WSServerHandshakeError as error:
        raise _refusal(error) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise ConnectionLost("TikTok's socket cannot be reached; trying again by itself.") from error


def _refusal(error: aiohttp.WSServerHandshakeError) -> Blocked | ConnectionLost:
    """TikTok says no with 200 or 4xx; anything else is a server in trouble."""
    if error.status != 200 and not 400 <= error.status < 500:
        return ConnectionLost(f"TikTok's socket is in trouble (HTTP {error.status}); trying again by itself.")
    reason = error.headers.get("Handshake-Msg", "") if error.headers else ""
    reason = reason[:200] or "no reason given"
    return Blocked(
        f"TikTok refused the connection from this server ({reason}); trying again later by itself."
    )


def beat_seconds(options: str) -> float:
    """The heartbeat's period from `Handshake-Options: ping-interval=10`."""
    try:
        seconds = float(SimpleCookie(options)["ping-interval"].value)
    except (CookieError, KeyError, ValueError):
        return DEFAULT_BEAT
    return min(seconds, LONGEST_BEAT) if seconds >= 1 else DEFAULT_BEAT


class TikTokConnection:
    """A `LiveConnection` over an open socket."""

    def __init__(
        self,
        socket: Socket,
        room: Room,
        tasks: TaskPool,
        *,
        silence: float,
    ) -> None:
        self.raw: Callable[[bytes], None] | None = None
        self.skipped = 0
        self._socket = socket
        self._room_id = int(room.room_id)
        self._tasks = tasks
        self._silence = silence
        self._is_silent = False
        self._loop = asyncio.get_running_loop()
        self._last_frame = self._loop.time()
        self._beats = 0
        self._timer: asyncio.TimerHandle | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._missed: Frame | None = None

    async def enter(self, answer: SignAnswer, *, reconnecting: bool) -> None:
        try:
            await self._socket.send_bytes(encode_enter_room(self._room_id))
        except (aiohttp.ClientError, OSError) as error:
            raise ConnectionLost from error
        if reconnecting:
            # What happened around the cut; doubles fall out by their ids. Chat tells no age here: left out.
            self._missed = Frame("msg")
            self._missed.events += [event for event in answer.events if not isinstance(event, ChatPosted)]
        self._schedule_beat()
        self._watch = self._loop.call_later(self._silence, self._look_whether_silent)

    async def close(self) -> None:
        for timer in (self._timer, self._watch):
            if timer:
                timer.cancel()
        self._timer = self._watch = None
        await self._give_up()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Frame:
        if missed := self._missed:
            self._missed = None
            return missed
        try:
            frame = await self._next_frame()
        except (aiohttp.ClientError, OSError, ConnectionLost) as error:
            raise (ConnectionSilent if self._is_silent else ConnectionLost) from error
        self._last_frame = self._loop.time()
        return frame

    async def _next_frame(self) -> Frame:
        while True:
            if frame := await self._receive():
                return frame

    async def _receive(self) -> Frame | None:
        message = await self._socket.receive()
        if message.type is aiohttp.WSMsgType.BINARY:
            return await self._read(message.data)
        if message.type is aiohttp.WSMsgType.CLOSE and message.data in CLEAN_CODES:
            raise StopAsyncIteration
        if message.type is aiohttp.WSMsgType.TEXT:
            self.skipped += 1
            return None
        raise ConnectionLost

    async def _read(self, data: bytes) -> Frame | None:
        if self.raw:
            self.raw(data)
        try:
            frame = decode_frame(data)
        except BadFrame as error:
            self.skipped += 1
            log.debug("frame_skipped", room_id=self._room_id, error=str(error))
            return None
        if frame.need_ack:
            await self._socket.send_bytes(encode_ack(frame.log_id, frame.internal_ext))
        return frame

    def _look_whether_silent(self) -> None:
        """One timer that is seldom due, instead of a time-out around every frame of every room."""
        left = self._last_frame + self._silence - self._loop.time()
        if left > 0:
            self._watch = self._loop.call_later(left, self._look_whether_silent)
            return
        self._is_silent = True
        _ = self._tasks.spawn(self._give_up(), name="live-silent")

    async def _give_up(self) -> None:
        """Closing also wakes the reading side, which then reports the silence."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            log.debug("socket_close_failed", room_id=self._room_id, error=type(error).__name__)

    def _schedule_beat(self) -> None:
        self._timer = self._loop.call_later(self._socket.beat, self._send_beat)

    def _send_beat(self) -> None:
        if not self._socket.closed:
            _ = self._tasks.spawn(self._heartbeat(), name="live-heartbeat")
            self._schedule_beat()

    async def _heartbeat(self) -> None:
        self._beats += 1
        try:
            async with asyncio.timeout(self._socket.beat):
                await self._socket.send_bytes(encode_heartbeat(self._room_id, self._beats))
        except (aiohttp.ClientError, OSError) as error:
            # The reading side notices the same and reports it.
            log.debug("heartbeat_failed", room_id=self._room_id, error=type(error).__name__)
