"""The webcast socket of the fake TikTok: lets in who is signed, plays frames, misbehaves as told."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from aiohttp import WSMsgType, web

from tests.fake_tiktok import proto
from tests.fake_tiktok.behaviour import FakeUser, Play

ROUTE_PARAMS = {"imprp": "fake imprp+/=&x", "wrss": "w"}  # the blank is TikTok's


class Station(Protocol):
    """What the socket needs of the fake around it."""

    frame_of: Callable[[FakeUser, int], bytes | None]
    ping_interval: float
    rooms: dict[int, FakeUser]
    stats: Counter[str]
    tasks: set[asyncio.Task[None]]

    def note(self, what: str, request: web.Request) -> None: ...
    def pause(self) -> float: ...


class Webcast:
    def __init__(self, fake: Station) -> None:
        self._fake = fake

    async def socket(self, request: web.Request) -> web.StreamResponse:
        self._fake.note("socket", request)
        user = self._fake.rooms.get(int(request.query["room_id"]))
        if refusal := self._handshake_refusal(request, user):
            return web.Response(status=refusal[0], headers={"Handshake-Msg": refusal[1]})
        assert user is not None
        # TikTok answers no pings.
        socket = web.WebSocketResponse(protocols=("echo-protocol",), autoping=False, compress=False)
        socket.headers["Handshake-Options"] = f"ping-interval={self._fake.ping_interval}"
        await socket.prepare(request)
        user.sockets.append(socket)
        user.transports.append(request)
        try:
            await self._listen(request, socket, user)
        finally:
            if socket in user.sockets:
                user.sockets.remove(socket)
                user.transports.remove(request)
        return socket

    def _handshake_refusal(self, request: web.Request, user: FakeUser | None) -> tuple[int, str] | None:
        wanted = ROUTE_PARAMS | {"compress": "gzip", "cursor": "c1", "internal_ext": "internal_src:fake|t:c1"}
        query = request.query
        if any(query.get(name) != value for name, value in wanted.items()):
            return 400, "signed parameters are damaged"
        if "echo-protocol" not in request.headers.get("Sec-WebSocket-Protocol", ""):
            return 400, "no subprotocol"
        if user is None or f"ttwid=of-{user.room_id}" not in request.headers.get("Cookie", ""):
            return 200, "illegal secret key"
        return (200, "device blocked") if user.play is Play.BLOCKED else None

    async def _listen(self, request: web.Request, socket: web.WebSocketResponse, user: FakeUser) -> None:
        playing: asyncio.Task[None] | None = None
        async for message in socket:
            if message.type is not WSMsgType.BINARY:
                continue
            said = dict(proto.fields(message.data))
            kind = bytes(said.get(7, b"")).decode()
            self._fake.stats[kind] += 1
            if kind == "im_enter_room" and playing is None:
                await socket.send_bytes(proto.push("im_enter_room_resp"))
                playing = asyncio.create_task(self._play(request, socket, user))
                self._fake.tasks.add(playing)
                playing.add_done_callback(self._fake.tasks.discard)
            elif kind == "hb" and user.play is not Play.SILENT:
                await socket.send_bytes(proto.push("hb"))
        if playing:
            playing.cancel()

    async def _play(self, request: web.Request, socket: web.WebSocketResponse, user: FakeUser) -> None:
        number = 0
        while not socket.closed:
            if number == user.after and await self._misbehave(request, socket, user):
                return
            frame = self._fake.frame_of(user, number)
            if frame is None:
                return
            await socket.send_bytes(frame)
            self._fake.stats["frames"] += 1
            number += 1
            await asyncio.sleep(self._fake.pause())

    async def _misbehave(self, request: web.Request, socket: web.WebSocketResponse, user: FakeUser) -> bool:
        """True: nothing comes after it."""
        if user.play is Play.CUT and request.transport:
            # The head of a frame of 1,000 bytes, and a tenth of it.
            request.transport.write(b"\x82\x7e\x03\xe8" + os.urandom(100))
            await asyncio.sleep(0.01)
            request.transport.abort()
        elif user.play is Play.CLOSE:
            await socket.close(code=1001)
        elif user.play is Play.END:
            user.is_live = False
            await socket.send_bytes(proto.frame([proto.stream_end(user.room_id)], log_id=99))
        elif user.play is Play.GARBAGE:
            whole = proto.frame([proto.chat(1, "cut off")], log_id=98)
            for noise in (b"", os.urandom(300), whole[: len(whole) // 2], b"\x1f\x8b" * 50):
                await socket.send_bytes(noise)
            return False
        return user.play in (Play.CUT, Play.CLOSE, Play.END, Play.SILENT)
