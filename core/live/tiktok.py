"""The way into TikTok: look-up, signature and socket put together as a `LiveSource`."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from core.clock import Clock
from core.config import Live
from core.errors import Invalid
from core.live.budgets import Budgets
from core.live.signing import Signer
from core.live.source import Room
from core.live.tiktok_lookup import GiftKind, TikTokLookup
from core.live.tiktok_socket import TikTokConnection, open_http, open_socket
from core.live.wire import SignAnswer
from core.tasks import TaskPool
from storage.shared.reach import Reach


class TikTokSource:
    """Built once for all streamers: `async with TikTokSource(…) as source`."""

    pause_after_end = 30.0  # the page names an ended LIVE for a while

    def __init__(
        self,
        config: Live,
        budgets: Budgets,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
        reach: Reach | None = None,
    ) -> None:
        if config.tiktok.proxy and not config.tiktok.proxy.startswith(("http://", "https://")):
            raise Invalid("live.tiktok.proxy: only http:// and https:// proxies", field="live.tiktok.proxy")
        self._config = config
        self._budgets = budgets
        self._clock = clock
        self._reach = reach
        self._tls = tls or ssl.create_default_context()
        self._tasks = TaskPool()

    async def __aenter__(self) -> Self:
        tiktok = self._config.tiktok
        self._lookup = TikTokLookup(tiktok, self._tls, self._budgets.lookups.charge)
        self._http = open_http(self._tls)
        self._signer = Signer(self._http, tiktok, self._clock, self._lookup.user_agent, self._reach)
        self._lookout = self._tasks.spawn(self._budgets.lookout.run(self.alive), name="live-lookout")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tasks.close()
        await self._http.close()
        await self._lookup.close()

    async def find_room(self, unique_id: str) -> Room:
        return await self._lookup.find_room(unique_id)

    async def alive(self, room_ids: list[str]) -> set[str]:
        return await self._lookup.alive(room_ids)

    async def gifts(self) -> list[GiftKind]:
        return await self._lookup.gifts()

    @asynccontextmanager
    async def connect(self, room: Room, *, reconnecting: bool) -> AsyncIterator[TikTokConnection]:
        connection, answer = await self._open(room)
        try:
            await connection.enter(answer, reconnecting=reconnecting)
            del answer  # the next line waits for hours
            yield connection
        finally:
            await connection.close()

    async def _open(self, room: Room) -> tuple[TikTokConnection, SignAnswer]:
        signed = await self._signer.sign(room.room_id)
        socket = await open_socket(
            self._http,
            signed,
            room,
            user_agent=self._lookup.user_agent,
            proxy=self._config.tiktok.proxy,
        )
        connection = TikTokConnection(socket, room, self._tasks, silence=self._config.silence_seconds)
        return connection, signed.answer
