"""The door: connections that say nothing, say nonsense, take nothing or come in hundreds do not stay."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from ipaddress import ip_network
from typing import Any, cast

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from core.errors import AppError, Invalid
from webapp.app import refuse_unread
from webapp.keys import IS_LET_IN
from webapp.requests import Network, network_of

log = structlog.get_logger(__name__)

HEAD_SECONDS = 15.0  # for the head of a request, from the first sign of it
TAKE_SECONDS = 120.0  # for whoever takes nothing of an answer
MAX_CONNECTIONS = 200  # of one address; sockets of listeners have their own places and are not counted

_UNREADABLE = (HttpProcessingError, web.RequestPayloadError)

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
"""A proxy on this machine speaks for everybody."""


class Runner(web.AppRunner):
    """Serves the application to a public that is not well-behaved."""

    def __init__(self, app: web.Application, *, uncounted: Iterable[Network] = (), **options: Any) -> None:
        """`uncounted`: addresses that may have any number of connections, as proxies do."""
        super().__init__(app, access_log=None, **options)
        self._uncounted = tuple(uncounted)

    async def _make_server(self) -> web.Server:
        plain = await super()._make_server()
        return Server(plain.request_handler, self._uncounted, request_factory=plain.request_factory)


class Server(web.Server):
    def __init__(self, handler: Any, uncounted: tuple[Network, ...], **options: Any) -> None:
        super().__init__(handler, access_log=None, **options)
        self._uncounted = uncounted
        self._by_network: defaultdict[Network, set[Connection]] = defaultdict(set)

    def __call__(self) -> RequestHandler:
        return Connection(self, asyncio.get_running_loop())

    def admit(self, connection: "Connection", network: Network | None) -> bool:
        """Whether there is room for one more from there."""
        if network is None or any(_is_within(network, other) for other in self._uncounted):
            return True
        others = self._by_network[network]
        if len(others) >= MAX_CONNECTIONS and sum(not one.is_socket for one in others) >= MAX_CONNECTIONS:
            return False
        others.add(connection)
        return True

    def forget(self, connection: "Connection", network: Network | None) -> None:
        if network and network in self._by_network:
            self._by_network[network].discard(connection)
            if not self._by_network[network]:
                del self._by_network[network]


class Connection(RequestHandler):
    """One connection of the framework's, with the patience of ours."""

    __slots__ = ("_head", "_head_timer", "_line", "_network", "_server", "_take_timer")

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(server, loop=loop, access_log=None)  # type: ignore[arg-type]
        self._server = server
        self._head = b""  # the beginning of what came last, for where it cannot be read
        self._network: Network | None = None
        self._line: asyncio.WriteTransport | None = None  # the framework forgets it before it is closed
        self._head_timer: asyncio.TimerHandle | None = None
        self._take_timer: asyncio.TimerHandle | None = None

    @property
    def is_socket(self) -> bool:
        """Somebody's, who was let in: what is refused may take its time to go and is counted."""
        request = self._current_request
        return request is not None and request.get(IS_LET_IN, False)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._line = cast("asyncio.WriteTransport", transport)
        peer = transport.get_extra_info("peername")
        self._network = network_of(peer[0]) if isinstance(peer, tuple) else None
        if not self._server.admit(self, self._network):
            log.info("connection_refused", reason="too many of one address")
            self._line.abort()
            return
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._server.forget(self, self._network)
        self._stop_waiting()
        if self._take_timer:
            self._take_timer.cancel()
        self._line = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        heads = self._request_count
        if not heads or self._is_idle():
            self._head = data
        super().data_received(data)
        if self._request_count > heads:
            self._stop_waiting()
        elif data and self._is_idle() and self._head_timer is None:
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._take_timer = self._loop.call_later(TAKE_SECONDS, self._give_up)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._take_timer:
            self._take_timer.cancel()
            self._take_timer = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the framework's signature; it repeats what was sent
    ) -> web.StreamResponse:
        """What cannot be read is refused like everything else; no word of it is kept or sent back."""
        self.log_exception(exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun already")
        is_unread = status == HTTPStatus.BAD_REQUEST
        refusal = Invalid("this is no valid HTTP request") if is_unread else AppError()
        response = refuse_unread(cast("web.Request", request), refusal, _path_in(self._head))
        response.force_close()
        return response

    def log_exception(self, *_args: Any, **kw: Any) -> None:
        """Of the framework, outside of our handlers: also while it skips the rest of a body."""
        error = kw.get("exc_info")
        if isinstance(error, _UNREADABLE):
            log.info("unreadable_request", reason=type(error).__name__)
        else:
            log.error("connection_failed", exc_info=error)

    def _is_idle(self) -> bool:
        return self._waiter is not None and not self._waiter.done()

    def _await_head(self) -> None:
        self._head_timer = self._loop.call_later(HEAD_SECONDS, self._close_headless)

    def _stop_waiting(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_headless(self) -> None:
        self._head_timer = None
        self.force_close()

    def _give_up(self) -> None:
        self._take_timer = None
        if self._line is not None:
            self._line.abort()


def _path_in(head: bytes) -> str:
    """What a request asks for whose first line is not as it must be; "" where it says nothing."""
    words = head.partition(b"\r\n")[0].split(b" ")
    return words[1].partition(b"?")[0].decode("ascii", "replace") if len(words) > 1 else ""


def _is_within(network: Network, other: Network) -> bool:
    return network.version == other.version and network.subnet_of(other)  # type: ignore[arg-type]
