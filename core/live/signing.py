"""The sign server: it knows where a room's socket is and how to be let in.

The request is our own, because TikTokLive does not check the server's certificate
and misreads how long it is asked to stay away.
"""

import hashlib
from collections import deque
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
import structlog
from msgspec import Struct

from core.clock import Clock
from core.config import Tiktok
from core.live.source import SignFailed, SignLimited, SignRefused
from core.live.wire import BadFrame, SignAnswer, decode_sign_answer
from storage.shared.least_used import LeastUsed
from storage.shared.reach import Away, Reach

log = structlog.get_logger(__name__)

TIMEOUT = aiohttp.ClientTimeout(total=15)
MAX_ANSWER = 1024 * 1024
MAX_REST = 86_400.0  # a longer one is a mistake of the server's
DEFAULT_REST = 60.0
USE_SECONDS = 60.0
REFUSED_REST = 300.0  # also a firewall's passing 403
EPOCH = 1_000_000_000  # larger numbers are a point in time, not a number of seconds
EPOCH_MS = 1_000_000_000_000

# Who has an account's session is that account: none is ever passed on.
ACCOUNT_COOKIES = ("sessionid", "sid_", "uid_tt", "sso_", "passport_")


class Signed(Struct, frozen=True):
    answer: SignAnswer
    cookies: dict[str, str]  # of this room only


class _Key:
    def __init__(self, number: int, value: str | None) -> None:
        self.number = number  # what logs call it
        self.value = value
        self.name = hashlib.blake2b((value or "").encode(), digest_size=8).hexdigest()
        self.used: deque[float] = deque(maxlen=1000)
        self.rests_until = float("-inf")
        self.trouble: SignFailed = SignLimited()

    def uses_since(self, moment: float) -> int:
        return sum(at > moment for at in self.used)


class Signer:
    def __init__(
        self,
        http: aiohttp.ClientSession,
        config: Tiktok,
        clock: Clock,
        user_agent: str,
        reach: Reach | None = None,
    ) -> None:
        """`reach`: to where all processes say which keys they used."""
        self._http = http
        self._url = f"{config.sign_url}/webcast/fetch/"
        self._proxy = config.proxy
        self._clock = clock
        self._user_agent = user_agent
        self._shared = LeastUsed(reach, "sign-key", USE_SECONDS) if reach else None
        values: list[str | None] = [key.get_secret_value() for key in config.sign_api_keys]
        self._keys = [_Key(number, value) for number, value in enumerate(values or [None], 1)]

    async def sign(self, room_id: str) -> Signed:
        """Asks with one key after the other; raises `SignFailed` when none of them helps."""
        for _ in self._keys:
            key = await self._rested_key()
            key.used.append(self._clock.monotonic())
            try:
                return await self._ask(key, room_id)
            except SignLimited as error:
                self._rest(key, error, error.retry_after or DEFAULT_REST)
            except SignRefused as error:
                self._rest(key, error, REFUSED_REST)
        raise self._trouble()

    async def _rested_key(self) -> _Key:
        now = self._clock.monotonic()
        rested = [key for key in self._keys if key.rests_until <= now]
        if not rested:
            raise self._trouble()
        if self._shared and len(rested) > 1:
            with suppress(Away):
                return rested[await self._shared.pick([key.name for key in rested])]
        return min(rested, key=lambda key: key.uses_since(now - USE_SECONDS))

    def _rest(self, key: _Key, trouble: SignFailed, seconds: float) -> None:
        key.rests_until = self._clock.monotonic() + seconds
        key.trouble = trouble
        log.warning("sign_key_rests", key=key.number, code=trouble.code, seconds=round(seconds))

    def _trouble(self) -> SignFailed:
        """What stands in the way of the key that is back first."""
        key = min(self._keys, key=lambda key: key.rests_until)
        wait = max(1.0, key.rests_until - self._clock.monotonic())
        return type(key.trouble)(key.trouble.detail, retry_after=wait)

    async def _ask(self, key: _Key, room_id: str) -> Signed:
        params = {
            "client": "ttlive-python",
            "room_id": room_id,
            "user_agent": self._user_agent,
            "platform": "web",
            "client_enter": "true",
        }
        headers = {"User-Agent": "ttboost"} | ({"X-Api-Key": key.value} if key.value else {})
        try:
            # A redirect would carry the key to somebody else.
            async with self._http.get(
                self._url,
                params=params,
                headers=headers,
                proxy=self._proxy,
                timeout=TIMEOUT,
                allow_redirects=False,
            ) as response:
                return self._read(response, await _body(response))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            log.info("sign_server_unreachable", error=type(error).__name__)
            raise SignFailed("The sign server does not answer; trying again by itself.") from error

    def _read(self, response: aiohttp.ClientResponse, body: bytes) -> Signed:
        if response.status == 429:
            raise _limited(response.headers.get, body, self._clock)
        if response.status in (401, 403):
            raise SignRefused
        if response.status != 200:
            raise SignFailed(
                f"The sign server is in trouble (HTTP {response.status}); trying again by itself."
            )
        return Signed(_complete(body), cookies_of(response.headers.get("X-Set-TT-Cookie", "")))


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_ANSWER:
            raise SignFailed("The sign server answered with something far too large; trying again by itself.")
    return bytes(body)


def _complete(body: bytes) -> SignAnswer:
    try:
        answer = decode_sign_answer(body)
    except BadFrame as error:
        raise SignFailed("The sign server sent no usable answer; trying again by itself.") from error
    address = urlsplit(answer.push_server)
    if not (answer.cursor and answer.route_params and address.scheme in ("ws", "wss") and address.hostname):
        raise SignFailed("The sign server answered, but named no connection; trying again by itself.")
    return answer


def _limited(header: Any, body: bytes, clock: Clock) -> SignLimited:
    wait = _reset_seconds(header("RateLimit-Reset"), clock) or _reset_seconds(header("Retry-After"), clock)
    try:
        label = str(msgspec.json.decode(body, type=dict[str, Any]).get("limit_label") or "")
    except (msgspec.DecodeError, UnicodeDecodeError):
        label = ""
    label = "".join(char for char in label[:64] if char.isalnum() or char in "_-. ")
    which = f" ({label})" if label else ""
    text = f"The sign server allows no more connections for the moment{which}; trying again by itself."
    return SignLimited(text, retry_after=wait or DEFAULT_REST)


def _reset_seconds(value: str | None, clock: Clock) -> float | None:
    """Seconds from now that a header means: a number of them, a point in time, or an HTTP date."""
    now = clock.now().timestamp()
    try:
        number = float(value or "")
    except ValueError:
        number = _http_date(value or "")
    if number > EPOCH_MS:
        number /= 1000
    wait = number - now if number > EPOCH else number
    return wait if 0 < wait <= MAX_REST else None


def _http_date(value: str) -> float:
    try:
        return parsedate_to_datetime(value).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return 0.0


def cookies_of(header: str) -> dict[str, str]:
    """The cookies TikTok gave the sign server for this room."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {
        name: morsel.coded_value
        for name, morsel in jar.items()
        if not name.lower().startswith(ACCOUNT_COOKIES)
    }
