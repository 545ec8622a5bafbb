"""Where TikTok's short links lead: our own request, redirect by redirect, never off tiktok.com."""

import asyncio
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
import structlog

from core.errors import ShortLinkUnanswered, VideoNotFound
from core.orders.links import VideoLink, is_tiktok_page, video_of
from core.triggers.webhooks import public_socket

log = structlog.get_logger(__name__)

SECONDS = 8.0  # for all hops together, waiting in line included
AT_ONCE = 8
MAX_HOPS = 5
_AGENT = "Mozilla/5.0 (compatible; TTBoost/1)"
_REDIRECTS = {301, 302, 303, 307, 308}
_NOT_NOW = {429, *range(500, 600)}


class Resolver(Protocol):
    async def resolve(self, url: str) -> VideoLink:
        """The video a short link leads to. Raises `VideoNotFound`, `ShortLinkUnanswered`."""
        ...


class ShortLinks:
    """`via` stands for every host of TikTok's: the `Host` header tells which."""

    def __init__(self, *, via: str | None = None, proxy: str | None = None) -> None:
        self._via = via
        self._proxy = proxy
        self._socket_factory = None if via or proxy else public_socket
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def resolve(self, url: str) -> VideoLink:
        try:
            async with asyncio.timeout(SECONDS), self._slots, self._session() as session:
                return await self._follow(session, url)
        except ValueError as error:  # no address at all
            raise VideoNotFound(field="video_url") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.info("short_link_unresolved", error=type(error).__name__)
            raise ShortLinkUnanswered from error

    async def _follow(self, session: aiohttp.ClientSession, url: str) -> VideoLink:
        for _ in range(MAX_HOPS):
            url = await self._next(session, url)
            if video := video_of(url):
                return video
            if not is_tiktok_page(url):
                break
        raise VideoNotFound(field="video_url")

    async def _next(self, session: aiohttp.ClientSession, url: str) -> str:
        """Only the head of the answer is read."""
        address, headers = self._address(url)
        async with session.get(
            address, headers=headers, allow_redirects=False, proxy=self._proxy
        ) as response:
            if response.status in _NOT_NOW:
                raise ShortLinkUnanswered
            if response.status not in _REDIRECTS:
                raise VideoNotFound(field="video_url")
            return urljoin(url, response.headers.get("Location", ""))

    def _address(self, url: str) -> tuple[str, dict[str, str]]:
        if self._via is None:
            return url, {}
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._via}{parts.path}{query}", {"Host": parts.netloc}

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True, socket_factory=self._socket_factory),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": _AGENT},
        )
