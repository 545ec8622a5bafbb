"""The sockets of phones, overlays and monitors (contract section 4)."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
import structlog
from aiohttp import WSMsgType, web
from msgspec import Struct

from core.access import AccessState
from core.channel import Close, Dismissed, Listener, Place
from core.clock import iso
from core.errors import AppError, Forbidden, InvalidToken, TiktokUsernameNotSet, Unauthenticated
from core.messages import Error, Pong, encode
from core.overlay_secrets import Kind
from core.studio import Studio
from storage.db import DatabaseError
from webapp.admission import identify
from webapp.keys import LIMITER, SERVICES, TICKETS
from webapp.requests import base_url, bearer
from webapp.surfaces import V2

log = structlog.get_logger(__name__)
routes = web.RouteTableDef()

HEARTBEAT = 20.0  # seconds between pings; a phone that answers none for half of it is gone
MAX_MESSAGE = 4096  # bytes a client may send at once
SEND_SECONDS = 30.0  # a socket that takes nothing for so long is given up
CLIENT_MESSAGES = 100  # in `CLIENT_WINDOW` seconds; more closes with 4429
CLIENT_WINDOW = 5.0


_TALK = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)


class ClientMessage(Struct, frozen=True):
    action: str
    id: str | int = ""
    username: str = ""


_decode = msgspec.json.Decoder(ClientMessage).decode


@routes.get("/v2/ws")
async def listen(request: web.Request) -> web.StreamResponse:
    """Token in the address, in the header, or a one-use ticket."""

    async def enter() -> tuple[int, Listener]:
        user_id, version = await _whose(request)
        role = request.query.get("role", Place.PLAYER)
        # A word we do not know must not cost the phone its place.
        place = Place.PLAYER if role == Place.PLAYER else Place.MONITOR
        return user_id, Listener(place, base_url(request), token_version=version)

    return await _serve(request, enter)


@routes.get("/overlay/{secret}/ws")
async def listen_overlay(request: web.Request) -> web.StreamResponse:
    return await _serve(request, lambda: _by_secret(request, Place.OVERLAY))


@routes.get("/player/{secret}/ws")
async def listen_player(request: web.Request) -> web.StreamResponse:
    """The page watches as a monitor until its sound is unlocked: it must not take a place it cannot fill."""
    place = Place.MONITOR if request.query.get("role") == Place.MONITOR else Place.PLAYER
    return await _serve(request, lambda: _by_secret(request, place))


async def _whose(request: web.Request) -> tuple[int, int]:
    """The account, and the version of the token that is the proof."""
    if ticket := request.query.get("ticket"):
        found = request.app[TICKETS].redeem(ticket)
        if found is None or (await _admitted(request, found[0])).token_version != found[1]:
            raise InvalidToken
        return found
    token = bearer(request) or request.query.get("token", "")
    caller = await identify(request, token, V2.audience)
    return caller.user_id, caller.access.token_version


async def _admitted(request: web.Request, user_id: int) -> AccessState:
    """Raises `InvalidToken` for who is banned."""
    access = await request.app[SERVICES].access.of(user_id)
    if access.is_banned:
        raise InvalidToken
    return access


async def _by_secret(request: web.Request, place: Place) -> tuple[int, Listener]:
    services = request.app[SERVICES]
    kind: Kind = "overlay" if place is Place.OVERLAY else "player"
    user_id = await services.accounts.resolve_secret(kind, request.match_info["secret"])
    if user_id is None:
        raise InvalidToken
    version = (await _admitted(request, user_id)).overlay_version
    return user_id, Listener(place, base_url(request), secret_version=version)


async def _serve(
    request: web.Request, enter: Callable[[], Awaitable[tuple[int, Listener]]]
) -> web.StreamResponse:
    """A browser sees no HTTP status of a failed upgrade, so refusals are close codes."""
    # Pings are answered by us: a flood of them counts like any other.
    socket = web.WebSocketResponse(
        heartbeat=HEARTBEAT, max_msg_size=MAX_MESSAGE, compress=False, autoping=False
    )
    if not socket.can_prepare(request):
        return web.Response(status=HTTPStatus.UPGRADE_REQUIRED, headers={"Upgrade": "websocket"})
    await socket.prepare(request)
    try:
        user_id, listener = await enter()
        since = _since(request)
        async with request.app[SERVICES].studios.listening(user_id, listener, since) as studio:
            await _converse(request, socket, studio, listener)
    except AppError as error:
        await _refuse(socket, error)
    except (DatabaseError, OSError, TimeoutError):
        # The socket is open already: nothing but a close frame may be said on it.
        log.warning("socket_failed", exc_info=True)
        with contextlib.suppress(ConnectionError):
            await socket.close(code=Close.GOING_AWAY)
    return socket


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
    request: web.Request, socket: web.WebSocketResponse, studio: Studio, listener: Listener
) -> None:
    """Write what the channel offers while reading what the client says, until either ends."""
    tasks = request.app[SERVICES].tasks
    writer = tasks.spawn(_write(socket, listener), name="socket writer")
    try:
        await _read(request, socket, studio, listener)
    finally:
        writer.cancel()
        await asyncio.wait([writer])


async def _write(socket: web.WebSocketResponse, listener: Listener) -> None:
    try:
        while True:
            text = await listener.get()
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send_str(text)
    except Dismissed as reason:
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
    request: web.Request, socket: web.WebSocketResponse, studio: Studio, listener: Listener
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


async def _act(request: web.Request, studio: Studio, listener: Listener, text: str) -> None:
    try:
        wanted = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        listener.offer(encode(Error(code="invalid", message='send {"action": …} as JSON')))
        return
    try:
        await _do(request, studio, listener, wanted)
    except AppError as error:
        listener.offer(encode(Error(code=error.code, message=error.detail)))


async def _do(request: web.Request, studio: Studio, listener: Listener, wanted: ClientMessage) -> None:
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
