"""Phones that only listen, and come back when their process dies."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field

import aiohttp

from core.tasks import TaskPool
from ttboost.bench.processes import cpu_seconds, resident

IDLE_SECONDS = 10.0
AT_ONCE = 200  # connections being opened at the beginning


@dataclass(slots=True)
class Seen:
    open: int = 0
    resident: int = 0  # bytes, of the process with all of them
    cpu: float = 0.0  # cores, while nothing happens
    until_last: float = 0.0  # seconds, from the death until the last one is heard again
    p99: float = 0.0  # seconds, of one reconnect
    refused: int = 0
    took: list[float] = field(default_factory=list)


class Idle:
    """`pages`: the secrets of player pages, one a streamer."""

    def __init__(self, pages: list[str], a_second: int) -> None:
        self._pages = pages
        self._a_second = a_second
        self._seen = Seen()

    async def measure(self, address: str, other: str, pid: int) -> Seen:
        """Open all at `address`, kill `pid`, which serves it, and come back at `other`."""
        seen = self._seen
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector) as http, TaskPool() as tasks:
            slots = asyncio.Semaphore(AT_ONCE)

            async def first(page: str) -> None:
                async with slots:
                    if await self._listen(http, address, page, tasks):
                        seen.open += 1

            await asyncio.gather(*(first(page) for page in self._pages))
            cpu = cpu_seconds(pid)
            await asyncio.sleep(IDLE_SECONDS)
            seen.cpu = (cpu_seconds(pid) - cpu) / IDLE_SECONDS
            seen.resident = resident(pid)
            os.kill(pid, signal.SIGKILL)
            died = time.perf_counter()
            back = []
            for number, page in enumerate(self._pages):
                await asyncio.sleep(max(0.0, died + number / self._a_second - time.perf_counter()))
                back.append(tasks.spawn(self._come_back(http, other, page, tasks), name="phone"))
            await asyncio.gather(*back)
            seen.until_last = time.perf_counter() - died
        seen.p99 = sorted(seen.took)[int(len(seen.took) * 0.99)]
        return seen

    async def _come_back(self, http: aiohttp.ClientSession, address: str, page: str, tasks: TaskPool) -> None:
        began = time.perf_counter()
        while not await self._listen(http, address, page, tasks):
            self._seen.refused += 1
            await asyncio.sleep(1.0)
        self._seen.took.append(time.perf_counter() - began)

    async def _listen(self, http: aiohttp.ClientSession, address: str, page: str, tasks: TaskPool) -> bool:
        """Whether it has its place: its first message came."""
        url = f"{address.replace('http', 'ws', 1)}/player/{page}/ws?role=monitor"
        try:
            async with asyncio.timeout(20):
                socket = await http.ws_connect(url)
                first = await socket.receive()
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False
        if first.type is not aiohttp.WSMsgType.TEXT:
            await socket.close()
            return False
        _ = tasks.spawn(self._stay(socket), name="phone")
        return True

    async def _stay(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for _ in socket:
            pass
