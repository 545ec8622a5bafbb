"""A server with our real pages and a stand-in for everything behind them: sockets and media of contract 4."""

import asyncio
import io
import math
import struct
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import WSMsgType, web

from core.config import Config
from core.overlay_secrets import Holder
from webapp import pages
from webapp.keys import SERVICES

SECRET = "the-secret"
RATE = 8000


def tone(seconds: float) -> bytes:
    """A WAV that every browser plays."""
    samples = (int(9000 * math.sin(n / 3)) for n in range(int(RATE * seconds)))
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return target.getvalue()


@dataclass
class Visit:
    """One socket of a page."""

    place: str
    role: str | None
    since: int | None
    ws: web.WebSocketResponse


async def until(check: Callable[[], Any], seconds: float = 30) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := check()):
            await asyncio.sleep(0.02)
    return found


class FakeAccounts:
    def holder_of(self, kind: str, secret: str) -> Holder | None:
        return Holder(7, version=1) if secret == SECRET else None


class FakeAccess:
    async def of(self, user_id: int) -> SimpleNamespace:
        return SimpleNamespace(is_banned=False, overlay_version=1)


class StandIn:
    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.received: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.asked: list[str] = []  # media names, in the order they were asked for
        self.status: dict[str, Any] = {"state": "live", "live": True, "username": "mira.live", "viewers": 132}
        self.refuse_with: int | None = None  # close code for whoever comes
        self.seconds = 0.25
        self.base = ""

    # What a test does

    def url(self, place: str, query: str = "") -> str:
        return f"{self.base}/{place}/{SECRET}{query}"

    async def visited(self, count: int = 1) -> Visit:
        await until(lambda: len(self.visits) >= count)
        return self.visits[count - 1]

    async def say(self, kind: str, **fields: Any) -> dict[str, Any]:
        """To everybody who is connected, without a number."""
        message = {"type": kind, **fields}
        for visit in self.visits:
            if not visit.ws.closed:
                await visit.ws.send_json(message)
        return message

    async def publish(self, kind: str, **fields: Any) -> dict[str, Any]:
        """With a number, kept for those who come back."""
        seq = len(self.messages) + 1
        numbered = {"seq": seq, "id": f"7-{seq:x}", "ts": "2026-01-01T00:00:00.000Z", "effects": [], **fields}
        self.messages.append({"type": kind, **numbered})
        return await self.say(kind, **numbered)

    def media(self, *names: str) -> list[str]:
        return [f"{self.base}/media/{name}" for name in names]

    async def heard_of(self, action: str, count: int = 1) -> list[dict[str, Any]]:
        def found() -> list[dict[str, Any]]:
            return [message for message in self.received if message.get("action") == action]

        await until(lambda: len(found()) >= count)
        return found()

    # What a page meets

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        since = request.query.get("since")
        visit = Visit(
            request.match_info["place"], request.query.get("role"), int(since) if since else None, ws
        )
        self.visits.append(visit)
        if self.refuse_with:
            await ws.close(code=self.refuse_with)
            return ws
        await ws.send_json(
            {"type": "status", "last_seq": len(self.messages), "paused": False, "demo": True, **self.status}
        )
        for message in self.messages if visit.since is not None else []:
            if message["seq"] > (visit.since or 0):
                await ws.send_json(message)
        async for message in ws:
            if message.type is WSMsgType.TEXT:
                await self._take(ws, message.json())
        return ws

    async def _take(self, ws: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message == {"action": "ping"}:
            await ws.send_json({"type": "pong", "ts": "2026-01-01T00:00:00.000Z"})
        else:
            self.received.append(message)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked.append(name)
        if name.startswith("stuck"):
            await asyncio.sleep(60)
        if name.startswith("missing"):
            raise web.HTTPNotFound
        if name.startswith("failing"):
            raise web.HTTPServiceUnavailable
        return web.Response(body=tone(self.seconds), content_type="audio/wav")

    def app(self) -> web.Application:
        app = web.Application()
        services = SimpleNamespace(
            accounts=FakeAccounts(),
            access=FakeAccess(),
            config=Config(),
            studios=SimpleNamespace(is_demo=False),
        )
        app[SERVICES] = cast("Any", services)
        app.router.add_get("/{place:player|overlay}/{secret}/ws", self._socket)
        app.router.add_get("/media/{name}", self._media)
        pages.setup(app)
        return app


@asynccontextmanager
async def served(stand_in: StandIn, port: int = 0) -> AsyncIterator[StandIn]:
    runner = web.AppRunner(stand_in.app(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    stand_in.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand_in
    finally:
        for visit in stand_in.visits:
            await visit.ws.close()
        await runner.cleanup()
