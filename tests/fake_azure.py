"""Azure Speech's REST call on loopback."""

import asyncio
from dataclasses import dataclass, field
from typing import Self
from xml.etree import ElementTree as ET

from aiohttp import web

from tests.tones import tone

KEY = "0123456789abcdef0123456789abcdef"
PATH = "/cognitiveservices/v1"
CHUNK = 720


@dataclass
class FakeAzure:
    """`fault`: an HTTP status, "stall", "abort", "html" or "empty", read at each request."""

    fault: str | None = None
    audio: bytes = field(default_factory=tone)
    asked: list[str] = field(default_factory=list)  # SSML
    headers: dict[str, str] = field(default_factory=dict)
    url: str = ""
    _runner: web.AppRunner | None = None
    _stalled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post(PATH, self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stalled.set()
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        ssml = await request.text()
        ET.fromstring(ssml)  # noqa: S314 # our own client wrote it
        self.asked.append(ssml)
        self.headers = dict(request.headers)
        if request.headers.get("Ocp-Apim-Subscription-Key") != KEY:
            return web.Response(status=401)
        if self.fault and self.fault.isdigit():
            return web.Response(status=int(self.fault), headers={"Retry-After": "7"})
        if self.fault == "html":
            return web.Response(text="<html></html>", content_type="text/html")
        if self.fault == "empty":
            return web.Response(content_type="audio/mpeg")
        return await self._speak(request)

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        if self.fault == "stall":
            await self._stalled.wait()
        response = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        for start in range(0, len(self.audio), CHUNK):
            if self.fault == "abort" and start > len(self.audio) // 2 and request.transport:
                request.transport.abort()
            await response.write(self.audio[start : start + CHUNK])
        await response.write_eof()
        return response
