"""A read-aloud service on loopback that speaks edge-tts's protocol and can be told to misbehave."""

import asyncio
import json
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Self
from xml.etree import ElementTree as ET

from aiohttp import WSMsgType, web
from edge_tts.constants import TRUSTED_CLIENT_TOKEN
from edge_tts.drm import generate_sec_ms_gec_v2

from tests.tones import tone

PATH = "/consumer/speech/synthesize/readaloud"
SSML = "{http://www.w3.org/2001/10/synthesis}"
CHUNK = 720


@dataclass(frozen=True)
class Asked:
    """What one request said, out of its SSML."""

    text: str
    voice: str
    rate: str
    pitch: str


@dataclass
class FakeEdge:
    """`fault` is one of the names in `_rejection` and `_speak`, read at each request; None: all is well."""

    fault: str | None = None
    clock_offset: float = 0.0  # its clock against ours
    pause: float = 0.0  # seconds between chunks
    audio: bytes = field(default_factory=tone)
    asked: list[Asked] = field(default_factory=list)
    handshakes: int = 0
    open_now: int = 0
    most_at_once: int = 0
    url: str = ""
    _runner: web.AppRunner | None = None
    _stalled: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        app = web.Application()
        app.router.add_get(f"{PATH}/edge/v1", self._talk)
        self._stalled = asyncio.Event()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{PATH}"

    async def stop(self) -> None:
        self._stalled.set()
        if self._runner:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].split("/")[0])

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        self.handshakes += 1
        if self.fault == "hang":
            await self._stalled.wait()
            return web.Response(status=503)
        if status := self._rejection(request):
            date = "no date" if self.fault == "403-without-date" else formatdate(self._now(), usegmt=True)
            return web.Response(status=status, headers={"Date": date})
        socket = web.WebSocketResponse(compress=True)
        await socket.prepare(request)
        self.open_now += 1
        self.most_at_once = max(self.most_at_once, self.open_now)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and "Path:ssml" in message.data:
                    await self._answer(request, socket, message.data)
        finally:
            self.open_now -= 1
        return socket

    def _now(self) -> float:
        return time.time() + self.clock_offset

    def _rejection(self, request: web.Request) -> int | None:
        if self.fault and self.fault[:3].isdigit():
            return int(self.fault[:3])
        query = request.query
        is_genuine = (
            query.get("TrustedClientToken") == TRUSTED_CLIENT_TOKEN
            and query.get("Sec-MS-GEC")
            in {generate_sec_ms_gec_v2(self._now() + off) for off in (-300, 0, 300)}
            and re.match(r"2-\d+\.", query.get("Sec-MS-GEC-Version", ""))
            and request.headers.get("Origin", "").startswith("chrome-extension://")
            and "muid=" in request.headers.get("Cookie", "")
        )
        return None if is_genuine else 403

    async def _answer(self, request: web.Request, socket: web.WebSocketResponse, message: str) -> None:
        head, _, ssml = message.partition("\r\n\r\n")
        request_id = re.findall(r"X-RequestId:(\w+)", head)[0]
        asked = _read(ssml)
        self.asked.append(asked)

        async def say(path: str, body: object) -> None:
            await socket.send_str(f"X-RequestId:{request_id}\r\nPath:{path}\r\n\r\n{json.dumps(body)}")

        await say("turn.start", {"context": {"serviceTag": "loopback"}})
        await say("response", {"context": {"serviceTag": "loopback"}})
        if self.fault == "stall":
            await self._stalled.wait()
            return
        if self.fault == "surprise":
            await say("surprise", {})
        if self.fault == "no-headers":
            await socket.send_str("good day")
        if self.fault == "empty-metadata":
            await say("audio.metadata", {"Metadata": None})
        if self.fault == "short-binary":
            await socket.send_bytes(b"\xff")
        if self.fault != "no-audio" and re.search(r"\w", asked.text):
            await say("audio.metadata", {"Metadata": [_boundary(asked.text, len(self.audio))]})
            if not await self._speak(request, socket, request_id):
                return
        await say("turn.end", {})

    async def _speak(self, request: web.Request, socket: web.WebSocketResponse, request_id: str) -> bool:
        """False: the connection is no more."""
        head = f"X-RequestId:{request_id}\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n".encode()
        breaks: dict[str | None, Callable[[], Awaitable[object]]] = {
            "close-half-way": socket.close,
            "abort-half-way": lambda: _abort(request),
            "stall-half-way": self._stalled.wait,
        }
        for start in range(0, len(self.audio), CHUNK):
            if self.fault in breaks and start > len(self.audio) // 2:
                await breaks[self.fault]()
                return False
            await socket.send_bytes(len(head).to_bytes(2, "big") + head + self.audio[start : start + CHUNK])
            await asyncio.sleep(self.pause)
        end = f"X-RequestId:{request_id}\r\nPath:audio\r\n".encode()
        await socket.send_bytes(len(end).to_bytes(2, "big") + end)
        return True


async def _abort(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()


def _read(ssml: str) -> Asked:
    root = ET.fromstring(ssml)  # noqa: S314 # our own client wrote it
    voice = root.find(f"{SSML}voice")
    prosody = root.find(f"{SSML}voice/{SSML}prosody")
    if voice is None or prosody is None or len(list(root.iter())) != 3:
        raise ValueError(f"unexpected SSML: {ssml}")
    return Asked(
        "".join(prosody.itertext()), voice.attrib["name"], prosody.attrib["rate"], prosody.attrib["pitch"]
    )


def _boundary(text: str, size: int) -> dict[str, object]:
    ticks = size * 8 * 10_000_000 // 48_000
    told = {"Text": text, "Length": len(text), "BoundaryType": "SentenceBoundary"}
    return {"Type": "SentenceBoundary", "Data": {"Offset": 0, "Duration": ticks, "text": told}}
