"""The sockets of phones, overlays and monitors (contract section 4)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import msgspec
import structlog
from aiohttp import WSMsgType, web
from msgspec import Struct

from core.access import AccessState
from core.clock import iso
from core.door import Inside
from core.errors import (
    AppError,
    Forbidden,
    InvalidToken,
    TiktokUsernameNotSet,
    Unauthenticated,
    UpgradeRequired,
)
from core.listener import Close, Dismissed, Listener, Place
from core.messages import Error, Pong, encode
from core.services import Services
from storage.db import DatabaseError
from webapp.admission import by_secret, identify
from webapp.keys import ENTRANCE, IS_LET_IN, LIMITER, SERVICES, TICKETS
from webapp.requests import base_url, bearer
from webapp.surfaces import API, surface_of
from webapp.tickets import Proof

log = structlog.get_logger(__name__)
routes = web.RouteTableDef()

HEARTBEAT = 20.0  # seconds between pings; a phone that answers none for half of it is gone
MAX_MESSAGE = 4096  # bytes a client may send at once
SEND_SECONDS = 30.0  # a socket that takes nothing for so long is given up
CLIENT_MESSAGES = 100  # in `CLIENT_WINDOW` seconds; more closes with 4429
CLIENT_WINDOW = 5.0
MAX_AGENT = 200  # characters of what a program calls itself


_TALK = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)


class ClientMessage(Struct, frozen=True):
    action: str
    id: str | int = ""
    username: str = ""


_decode = msgspec.json.Decoder(ClientMessage).decode


@routes.get("/v2/ws")
@routes.get("/api/ws")
async def listen(request: web.Request) -> web.StreamResponse:
    """Token in the address, in the header, or a one-use ticket."""

    async def enter() -> tuple[int, Listener]:
        proof = await _whose(request)
        role = request.query.get("role", Place.PLAYER)
        # A word we do not know must not cost the phone its place.
        place = Place.PLAYER if role == Place.PLAYER else Place.MONITOR
        is_webapp = surface_of(request.path) is API
        listener = Listener(
            place,
            base_url(request),
            token_version=proof.version,
            token_id=proof.token_id,
            hears_changes=is_webapp and place is Place.MONITOR,
            agent=_agent(request),
        )
        return proof.user_id, listener

    return await _serve(request, enter)


@routes.get("/overlay/{secret}/ws")
async def listen_overlay(request: web.Request) -> web.StreamResponse:
    return await _serve(request, lambda: _by_secret(request, Place.OVERLAY))


@routes.get("/player/{secret}/ws")
async def listen_player(request: web.Request) -> web.StreamResponse:
    """The page watches as a monitor until its sound is unlocked: it must not take a place it cannot fill."""
    place = Place.MONITOR if request.query.get("role") == Place.MONITOR else Place.PLAYER
    return await _serve(request, lambda: _by_secret(request, place))


async def _whose(request: web.Request) -> Proof:
    """The account, and the token that proves it."""
    audience = surface_of(request.path).audience
    if ticket := request.query.get("ticket"):
        found = await request.app[TICKETS].redeem(ticket, audience)
        access = await _admitted(request, found.user_id) if found else None
        if not found or not access or access.token_version != found.version:
            raise InvalidToken
        if found.token_id in access.ended:
            raise InvalidToken
        return found
    token = bearer(request) or request.query.get("token", "")
    caller = await identify(request, token, audience)
    return Proof(caller.user_id, caller.access.token_version, caller.token_id)


async def _admitted(request: web.Request, user_id: int) -> AccessState:
    """Raises `InvalidToken` for who is banned."""
    access = await request.app[SERVICES].access.of(user_id)
    if access.is_banned:
        raise InvalidToken
    return access


async def _by_secret(request: web.Request, place: Place) -> tuple[int, Listener]:
    holder = await by_secret(request, "overlay" if place is Place.OVERLAY else "player")
    listener = Listener(place, base_url(request), secret_version=holder.version, agent=_agent(request))
    return holder.user_id, listener


def _agent(request: web.Request) -> str:
    """Bytes that are no text would be half characters, which nobody else can be told."""
    return request.headers.get("User-Agent", "")[:MAX_AGENT].encode(errors="replace").decode()


async def _serve(
    request: web.Request, enter: Callable[[], Awaitable[tuple[int, Listener]]]
) -> web.StreamResponse:
    """A browser sees no HTTP status of a failed upgrade, so refusals are close codes."""
    # Pings are answered by us: a flood of them counts like any other.
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT, max_msg_size=MAX_MESSAGE, compress=False, autoping=False
    )
    if not socket.can_prepare(request):
        raise UpgradeRequired
    await socket.prepare(request)
    try:
        async with contextlib.AsyncExitStack() as place:
            async with request.app[ENTRANCE].turn():
                if not _is_there(request):
                    return socket
                user_id, listener = await enter()
                structlog.contextvars.bind_contextvars(user_id=user_id)
                listening = request.app[SERVICES].studios.listening(user_id, listener, _since(request))
                studio = await place.enter_async_context(listening)
            request[IS_LET_IN] = True
            try:
                await _converse(request, socket, studio, listener)
            finally:
                request[IS_LET_IN] = False
    except AppError as error:
        await _refuse(socket, error)
    except (DatabaseError, OSError, TimeoutError):
        # The socket is open already: nothing but a close frame may be said on it.
        log.warning("socket_failed", exc_info=True)
        with contextlib.suppress(ConnectionError):
            await socket.close(code=Close.GOING_AWAY)
    return socket


def _is_there(request: web.Request) -> bool:
    """Whoever gave up in line is not looked for a place."""
    return request.transport is not None and not request.transport.is_closing()


async def _refuse(socket: web.WebSocketResponse, error: AppError) -> None:
    code = Close.GOING_AWAY
    for kind, close in _CLOSE_OF.items():
        if isinstance(error, kind):
            code = close
            break
    with contextlib.suppress(ConnectionError):
        await socket.close(code=code, message=error.detail.encode()[:120])


_CLOSE_OF: dict[type[AppError], int] = {
    Unauthenticated: Close.INVALID_TOKEN,
    TiktokUsernameNotSet: Close.USERNAME_NOT_SET,
    Forbidden: Close.LICENSE,
}


def _since(request: web.Request) -> int | None:
    text = request.query.get("since", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def _converse(
    request: web.Request, socket: web.WebSocketResponse, studio: Inside, listener: Listener
) -> None:
    """Write what the channel offers while reading what the client says, until either ends."""
    tasks = request.app[SERVICES].tasks
    writing = _write(socket, listener, request.app[SERVICES])
    writer = tasks.spawn(writing, name="socket writer", user_id=studio.user_id)
    try:
        await _read(request, socket, studio, listener)
    finally:
        writer.cancel()
        await asyncio.wait([writer])


async def _write(socket: web.WebSocketResponse, listener: Listener, services: Services) -> None:
    clock, counts = services.clock, services.counts
    try:
        while True:
            text = await listener.get()
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send_str(text)
            if listener.heard_at:
                counts.frame_to_socket.note(clock.monotonic() - listener.heard_at)
    except Dismissed as reason:
        counts.closed[reason.code] += 1
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(SEND_SECONDS):
                await socket.close(code=reason.code)
    except (ConnectionError, TimeoutError):
        await _abort(socket)


async def _abort(socket: web.WebSocketResponse) -> None:
    """The other side takes nothing any more: end without a goodbye it would not take either."""
    with contextlib.suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(1.0):
            await socket.close(code=Close.TOO_SLOW, drain=False)


async def _read(
    request: web.Request, socket: web.WebSocketResponse, studio: Inside, listener: Listener
) -> None:
    clock = request.app[SERVICES].clock
    since, count = clock.monotonic(), 0
    while (message := await socket.receive()).type in _TALK:
        now = clock.monotonic()
        if now - since > CLIENT_WINDOW:
            since, count = now, 0
        count += 1
        if count > CLIENT_MESSAGES:
            listener.dismiss(Close.RATE)
            return await _until_closed(socket)
        if message.type is WSMsgType.PING:
            await socket.pong(message.data)
        elif message.type is WSMsgType.TEXT:
            await _act(request, studio, listener, message.data)
    return None


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for _ in socket:
        pass


async def _act(request: web.Request, studio: Inside, listener: Listener, text: str) -> None:
    try:
        wanted = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        listener.offer(encode(Error(code="invalid", message='send {"action": …} as JSON')))
        return
    try:
        await _do(request, studio, listener, wanted)
    except AppError as error:
        listener.offer(encode(Error(code=error.code, message=error.detail)))


async def _do(request: web.Request, studio: Inside, listener: Listener, wanted: ClientMessage) -> None:
    services = request.app[SERVICES]
    match wanted.action:
        case "ping":
            listener.offer(encode(Pong(ts=iso(services.clock.now()))))
        case "played":
            studio.played(listener, str(wanted.id))
        case "skip" | "pause" | "resume" | "clear":
            studio.control(wanted.action, str(wanted.id) if wanted.id else None)
        case "connect_tiktok":
            await request.app[LIMITER].take("live_start", str(studio.user_id))
            await services.studios.start_live(studio.user_id, wanted.username or None)
        case "disconnect_tiktok":
            await services.studios.stop_live(studio.user_id)
        case _:
            listener.offer(encode(Error(code="unknown_action", message="unknown action")))
