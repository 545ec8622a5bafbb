"""Finding a streamer's room, through TikTokLive's web client: the one file that imports it.

Only its anonymous page and API routes are used. It is pinned: see tests/core/live/test_pin.py.
"""

import asyncio
import logging
import ssl
import warnings
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from core.config import Tiktok
from core.live.source import LookupFailed, Offline, Room, UnknownStreamer

SECONDS = 15.0
AT_ONCE = 16  # questions; httpx slows down badly when hundreds wait for a connection
OFFLINE = 4  # `status` of a room; 2: on air


class GiftKind(Struct, frozen=True):
    gift_id: int
    name: str
    diamond_count: int
    image: str | None


class TikTokLookup:
    def __init__(self, config: Tiktok, tls: ssl.SSLContext, charge: Callable[[], None]) -> None:
        """`charge` is called for every question beyond the one that was paid for."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # its websocket library warns of itself
            from TikTokLive.client.web.web_client import TikTokWebClient
            from TikTokLive.client.web.web_settings import WebDefaults
        # Both log whole addresses with the handles in them.
        for name in ("TikTokLive", "httpx"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # Globals of its process; read at every call.
        WebDefaults.tiktok_app_url = config.web_url
        WebDefaults.tiktok_webcast_url = config.webcast_url
        WebDefaults.tiktok_sign_url = config.sign_url
        self._charge = charge
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._web = TikTokWebClient(
            web_proxy=config.proxy,
            httpx_kwargs={"verify": tls, "timeout": SECONDS, "trust_env": False},
        )
        # One client asks for all streamers: what one page sets must not be shown to the next.
        self._web.httpx_client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @property
    def user_agent(self) -> str:
        """The browser this process passes for; the same for the whole way into a room."""
        return str(self._web.headers["User-Agent"])

    async def close(self) -> None:
        # Its own close() fails without an optional package.
        await self._web.httpx_client.aclose()
        await self._web.signer.client.aclose()

    async def find_room(self, unique_id: str) -> Room:
        from TikTokLive.client.errors import UserNotFoundError, UserOfflineError

        handle = quote(unique_id, safe="")
        try:
            room_id = _room_id(await self._asked(self._web.fetch_room_id_from_html, handle))
        except UserOfflineError as error:
            raise Offline from error
        except (LookupFailed, UserNotFoundError):
            room_id = ""  # also a captcha, or a page stripped of its data
        if room_id:
            return Room(room_id, unique_id)
        self._charge()
        return await self._find_by_api(unique_id, handle)

    async def _find_by_api(self, unique_id: str, handle: str) -> Room:
        from TikTokLive.client.errors import UserNotFoundError

        route = self._web.fetch_room_id_from_api
        try:
            answer = await self._asked(route.fetch_user_room_data, self._web, handle)
        except UserNotFoundError as error:
            raise UnknownStreamer from error
        user, live_room = _part(answer, "data", "user"), _part(answer, "data", "liveRoom")
        if not user:
            raise LookupFailed
        room_id = _room_id(user.get("roomId"))
        if live_room.get("status") == OFFLINE or not room_id:
            raise Offline(room_id=room_id or None)
        if "status" not in live_room and not await self.alive([room_id]):
            raise Offline(room_id=room_id)
        return Room(room_id, unique_id)

    async def alive(self, room_ids: list[str]) -> set[str]:
        """Which of the rooms are on air, in one question."""
        answers = await self._asked(self._web.fetch_is_live.fetch_is_live_room_ids, *room_ids)
        if len(answers) != len(room_ids):
            raise LookupFailed
        return {room_id for room_id, is_alive in zip(room_ids, answers, strict=True) if is_alive}

    async def gifts(self) -> list[GiftKind]:
        """TikTok's list of gifts, empty where it cannot be had."""
        try:
            answer = await self._asked(self._web.fetch_gift_list)
        except LookupFailed:
            return []
        gifts = answer.get("gifts") if isinstance(answer, dict) else None
        return [gift for one in gifts or [] if (gift := _gift(one))]

    async def _asked(self, route: Callable[..., Any], *args: object) -> Any:
        """One question. The routes trust what they get, so anything may come out of them."""
        import httpx
        from TikTokLive.client.errors import UserNotFoundError, UserOfflineError

        try:
            async with self._at_once, asyncio.timeout(SECONDS):
                return await route(*args)
        except (UserNotFoundError, UserOfflineError):
            raise
        except (RuntimeError, LookupError, TypeError, ValueError, AttributeError, OSError) as error:
            raise LookupFailed from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LookupFailed from error


def _room_id(value: object) -> str:
    text = str(value or "").strip()
    return text if text.isdecimal() and text.strip("0") else ""


def _part(answer: Any, *path: str) -> dict[str, Any]:
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer if isinstance(answer, dict) else {}


def _gift(one: Any) -> GiftKind | None:
    try:
        image = (_part(one, "image").get("url_list") or [None])[0]
        return GiftKind(int(one["id"]), str(one["name"]), int(one["diamond_count"]), image)
    except (KeyError, TypeError, ValueError):
        return None
