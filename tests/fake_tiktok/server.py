"""TikTok on the loopback: page, room check, gift list, sign server and webcast socket on one port."""

import asyncio
import base64
import contextlib
import gzip
import json
import random
import ssl
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

from aiohttp import web

from tests.fake_tiktok import proto
from tests.fake_tiktok.behaviour import FakeUser, Page, Sign, named
from tests.fake_tiktok.webcast import ROUTE_PARAMS, Webcast

FrameOf = Callable[[FakeUser, int], bytes | None]  # a streamer's n-th frame; None: no more

HOURS = 3600.0


class Seen(NamedTuple):
    what: str
    query: dict[str, str]
    headers: dict[str, str]


def read_recording(path: Path) -> list[bytes]:
    data = path.read_bytes()
    text = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    return [base64.b64decode(json.loads(line)["frame"]) for line in text.splitlines()[1:] if line]


def frames_of(frames: Iterable[bytes]) -> FrameOf:
    held = list(frames)
    return lambda _user, number: held[number] if number < len(held) else None


class FakeTikTok:
    """`async with FakeTikTok(frames) as fake`; `rate`: frames a second and socket, 0 as fast as it goes."""

    def __init__(
        self,
        frames: Iterable[bytes] | FrameOf = (),
        *,
        rate: float = 0.0,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.frame_of = frames if callable(frames) else frames_of(frames)
        self.rate = rate
        self.is_steady = True  # False: frames come at random, as many streamers' do
        self.users: dict[str, FakeUser] = {}
        self.rooms: dict[int, FakeUser] = {}
        self.sign = Sign.OK
        self.limited_keys: set[str] = set()
        self.refused_keys: set[str] = set()
        self.reset_seconds: float = 7.0
        self.sign_cookie = "ttwid=of-{room}; msToken=m-{room}"
        self.sign_messages: list[proto.Message] = []  # what the sign server's answer brings along
        self.ping_interval: float = 10
        self.alive_fails = False
        self.stats: Counter[str] = Counter()
        self.seen: deque[Seen] = deque(maxlen=10_000)
        self._tls = tls
        self._host = host
        self._port = port
        self.tasks: set[asyncio.Task[None]] = set()

    # Life

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/@{user}/live", self._page),
                web.get("/api-live/user/room/", self._api_room),
                web.get("/webcast/room/check_alive/", self._alive),
                web.get("/webcast/gift/list/", self._gifts),
                web.get("/webcast/fetch/", self._sign),
                web.get("/webcast/im/push/v2/", Webcast(self).socket),
                web.get("/_stats", self._show_stats),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls, backlog=2048)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        for task in self.tasks:
            task.cancel()
        for user in self.users.values():
            self.cut(user)
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self._host}:{self._port}"

    def config(self) -> dict[str, Any]:
        """The values of `live.tiktok.*` that lead here."""
        return {"web_url": self.url, "webcast_url": f"{self.url}/webcast", "sign_url": self.url}

    # What a test does to it

    def user(self, unique_id: str) -> FakeUser:
        """The streamer; made on first sight."""
        if unique_id not in self.users:
            self.users[unique_id] = named(unique_id)
        user = self.users[unique_id]
        self.rooms[user.room_id] = user
        return user

    def pause(self) -> float:
        """Seconds until a socket's next frame."""
        if not self.rate:
            return 0.0
        return 1 / self.rate if self.is_steady else random.expovariate(self.rate)

    async def send(self, user: FakeUser, frame: bytes) -> None:
        """A frame to everybody who listens to the streamer."""
        self.stats["frames"] += len(user.sockets)
        for socket in list(user.sockets):
            with contextlib.suppress(ConnectionError):  # who has just died hears no more, the others do
                await socket.send_bytes(frame)

    def cut(self, user: FakeUser) -> None:
        """The network between us is gone."""
        for request in user.transports:
            if request.transport:
                request.transport.abort()
        user.sockets.clear()
        user.transports.clear()

    def asked(self, what: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.what == what]

    def note(self, what: str, request: web.Request) -> None:
        self.stats[what] += 1
        self.seen.append(Seen(what, dict(request.query), dict(request.headers)))

    # TikTok's pages

    async def _page(self, request: web.Request) -> web.Response:
        self.note("page", request)
        user = self.user(request.match_info["user"])
        if user.page is Page.HANG:
            await asyncio.sleep(HOURS)
        if user.page is Page.ERROR:
            raise web.HTTPInternalServerError
        state = json.dumps(self._page_state(user))
        if user.page is Page.BROKEN:
            state = state[:20]
        tag = f'<script id="SIGI_STATE" type="application/json">{state}</script>'
        html = f"<html><body>{'' if user.page is Page.CAPTCHA else tag}</body></html>"
        cookie = {"Set-Cookie": f"ttwid=page-of-{len(self.users)}; Path=/"}
        return web.Response(text=html, content_type="text/html", headers=cookie)

    def _page_state(self, user: FakeUser) -> dict[str, Any]:
        if not user.is_known:
            return {}
        status = 2 if user.looked_at() else 4
        shown = {"uniqueId": user.unique_id, "roomId": str(user.room_id), "status": status}
        if user.page is Page.NO_ROOM:
            shown["roomId"] = None
        return {"LiveRoom": {"liveRoomUserInfo": {"user": shown}}}

    async def _api_room(self, request: web.Request) -> web.Response:
        self.note("api_room", request)
        user = self.user(request.query["uniqueId"])
        if user.page is Page.ERROR:
            raise web.HTTPInternalServerError
        if user.page is Page.HANG:
            await asyncio.sleep(HOURS)
        if not user.is_known:
            return web.json_response({"message": "user_not_found", "data": {}})
        shown = {"uniqueId": user.unique_id, "roomId": str(user.room_id)}
        status = 2 if user.is_live and user.looks >= user.late_looks else 4
        return web.json_response(
            {"message": "success", "data": {"user": shown, "liveRoom": {"status": status}}}
        )

    async def _alive(self, request: web.Request) -> web.Response:
        self.note("alive", request)
        if self.alive_fails:
            raise web.HTTPInternalServerError
        rooms = [int(room) for room in request.query["room_ids"].split(",")]
        return web.json_response(
            {"data": [{"alive": self._is_alive(room), "room_id": room} for room in rooms]}
        )

    def _is_alive(self, room_id: int) -> bool:
        user = self.rooms.get(room_id)
        return user is not None and user.is_live and user.room_id == room_id

    async def _gifts(self, request: web.Request) -> web.Response:
        self.note("gifts", request)
        image = {"url_list": ["https://images.invalid/rose.png"]}
        rose = {"id": 5655, "name": "Rose", "diamond_count": 1, "type": 1, "image": image}
        return web.json_response({"data": {"gifts": [rose, {"id": "no gift"}]}})

    async def _show_stats(self, _request: web.Request) -> web.Response:
        return web.json_response(self.stats)

    # Sign server

    async def _sign(self, request: web.Request) -> web.Response:
        self.note("sign", request)
        key = request.headers.get("X-Api-Key", "")
        user = self.rooms.get(int(request.query.get("room_id", 0)))
        mode = user.sign if user and user.sign else self.sign
        if key in self.limited_keys:
            mode = Sign.LIMITED
        if key in self.refused_keys:
            mode = Sign.REFUSED
        if mode is Sign.HANG:
            await asyncio.sleep(HOURS)
        if user is None or mode is not Sign.OK:
            return self._sign_failure(mode)
        server = f"{'wss' if self._tls else 'ws'}://{request.host}/webcast/im/push/v2/"
        body = proto.fetch(self.sign_messages, server=server, route_params=ROUTE_PARAMS, need_ack=False)
        headers = {"X-Set-TT-Cookie": self.sign_cookie.format(room=user.room_id), "X-Agent-Id": "fake"}
        return web.Response(body=body, content_type="application/protobuf", headers=headers)

    def _sign_failure(self, mode: Sign) -> web.Response:
        if mode is Sign.LIMITED:
            reset = str(int(time.time() + self.reset_seconds))
            answer = {"message": "Too many connections", "limit_label": "rate_limit_account_minute"}
            headers = {"RateLimit-Remaining": "7", "RateLimit-Reset": reset}
            return web.json_response(answer, status=429, headers=headers)
        if mode is Sign.REFUSED:
            return web.json_response({"message": "bad key"}, status=401)
        if mode is Sign.HTML:
            return web.Response(text="<html>Be right back</html>", content_type="text/html")
        if mode is Sign.STUB:
            return web.Response(body=proto.fetch([], cursor=""), content_type="application/protobuf")
        if mode is Sign.HUGE:
            return web.Response(body=b"\x0a" * 5_000_000, content_type="application/protobuf")
        return web.Response(status=200 if mode is Sign.NOTHING else 500)
