"""A receiver of webhooks on this machine, and a sender that notes what became of each."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from core.live.events import Fact
from core.tasks import TaskPool
from core.triggers.model import CallWebhook
from core.triggers.webhooks import Delivery, WebhookSender
from tests.core.triggers.making import trigger
from tests.fakes import MovedClock

KEY = b"k" * 32
USER = 5


class Receiver:
    """Answers as told and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None
        self.hold: asyncio.Event | None = None
        self.got: list[web.Request] = []
        self.bodies: list[bytes] = []
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.server = TestServer(app)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.got.append(request)
        self.bodies.append(await request.read())
        if self.hold:
            await self.hold.wait()
        return web.Response(status=self.status, headers=self.headers, body=self.body)

    def url(self, path: str = "/hook") -> str:
        return str(self.server.make_url(path))


class Post:
    """A sender, and what was noted of its deliveries."""

    def __init__(self, tasks: TaskPool, *, allow_private: bool = True) -> None:
        self.noted: list[tuple[int, int, bool]] = []
        self.is_open = True
        self.sender = WebhookSender(
            tasks, MovedClock(), KEY, admit=self.admit, note=self.note, allow_private=allow_private
        )

    async def admit(self, _user_id: int) -> bool:
        return self.is_open

    async def note(self, user_id: int, trigger_id: int, is_delivered: bool) -> None:
        self.noted.append((user_id, trigger_id, is_delivered))

    def call(self, url: str, fact: Fact, *, number: int = 1, user: int = USER) -> None:
        self.sender.call(user, trigger(number, fact.type, params=CallWebhook(url), name="Hook"), fact)

    async def noted_count(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.noted) < count:
                await asyncio.sleep(0.005)

    async def lanes_empty(self) -> None:
        async with asyncio.timeout(30):
            while self.sender._lanes:
                await asyncio.sleep(0.005)

    async def send(self, url: str, content: dict[str, Any] | None = None) -> bool:
        return await self.sender.send(Delivery(USER, 1, url, content or {}))
