"""The operator's service on a real socket: takes orders, or fails in the way it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from core.config import OperatorFulfilment
from core.fulfilment import signing
from core.fulfilment.signing import Signed

SECRET = "whsec_b3BlcmF0b3Itc2VjcmV0LW9mLXRlc3Rz"
KEY = signing.key_of(SECRET)


BODIES = {
    "other": b'{"order_id": "ORD-20260101-ANOTHR"}',
    "html": b"<html>Welcome to the Wi-Fi</html>",
    "endless": b'{"order_id": "' + b"x" * 100_000,
    "deep": b"[" * 16_000,
}


class FakeOperator:
    """`mode` says how requests are answered. A request with a wrong signature is never taken."""

    def __init__(self) -> None:
        self.mode = "echo"
        self.taken: list[tuple[str, str]] = []  # kind and order
        self.ids: list[str] = []
        self.elsewhere = 0  # requests that followed a redirect

    @asynccontextmanager
    async def serving(self, *, timeout_seconds: float = 1.0) -> AsyncIterator[OperatorFulfilment]:
        app = web.Application()
        app.router.add_post("/orders", self._take)
        app.router.add_route("*", "/elsewhere", self._followed)
        async with TestServer(app) as server:
            yield OperatorFulfilment(
                url=str(server.make_url("/orders")),
                secret=SECRET,
                allow_private=True,
                timeout_seconds=timeout_seconds,
            )

    async def _followed(self, _request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.Response(status=500)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        head = request.headers
        message = Signed(head["webhook-id"], head["webhook-timestamp"], head["webhook-signature"], body)
        signing.check(KEY, message, float(head["webhook-timestamp"]))
        said = msgspec.json.decode(body)
        self.ids.append(message.id)
        self.taken.append((said["type"], said["data"]["order_id"]))
        return await self._answer(request, said["data"]["order_id"])

    async def _answer(self, request: web.Request, order_id: str) -> web.StreamResponse:
        match self.mode:
            case "echo":
                return web.json_response({"order_id": order_id}, status=202)
            case "hang":
                await asyncio.sleep(5)
                return web.Response()
            case "half":
                return await _half(request, order_id)
            case "cut":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case mode if mode in BODIES:
                return web.Response(body=BODIES[mode])
            case status:
                headers = {"Retry-After": "120", "Location": "/elsewhere"}
                return web.Response(status=int(status), headers=headers)


async def _half(request: web.Request, order_id: str) -> web.StreamResponse:
    """The beginning of a right answer, and a cut line."""
    response = web.StreamResponse(headers={"Content-Length": "100"})
    await response.prepare(request)
    await response.write(f'{{"order_id": "{order_id}"'.encode())
    assert request.transport is not None
    request.transport.close()
    return response


def callback(told: dict[str, object], message_id: str, at: float, *, key: bytes = KEY) -> Signed:
    """What the operator sends us, signed."""
    body = msgspec.json.encode(told)
    timestamp = str(int(at))
    return Signed(message_id, timestamp, signing.sign(key, message_id, timestamp, body), body)
