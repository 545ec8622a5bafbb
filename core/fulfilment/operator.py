"""The operator's own service: signed requests to one address, answered with the order's id."""

import asyncio
from typing import Any

import aiohttp
import msgspec
import structlog

from core.clock import Clock, iso
from core.config import OperatorFulfilment
from core.errors import Invalid
from core.fulfilment import signing
from core.fulfilment.provider import Answer, Job, Refused, Unreachable
from core.triggers.webhooks import NOT_PUBLIC, public_socket

log = structlog.get_logger(__name__)

MAX_ANSWER = 16 * 1024
MAX_RETRY_AFTER = 3600.0

_AGENT = "TTBoost-Fulfilment/1"
_GONE = {404, 410}
_LATER = {408, 425, 429}


class _Echo(msgspec.Struct):
    order_id: str


class Operator:
    """Public addresses only unless `allow_private`; the address that was checked is the one connected to."""

    def __init__(self, config: OperatorFulfilment, clock: Clock) -> None:
        """Raises `Invalid` naming the key that is missing."""
        for name, value in (("url", config.url), ("secret", config.secret)):
            if not value:
                key = f"fulfilment.operator.{name}"
                raise Invalid(f"configuration: {key}: needed where orders.provider is operator", field=key)
        self._url = str(config.url)
        if not config.allow_private and not self._url.startswith("https://"):
            key = "fulfilment.operator.url"
            raise Invalid(f"configuration: {key}: https, unless allow_private is set", field=key)
        self.key = signing.key_of(config.secret.get_secret_value() if config.secret else "")
        self._seconds = config.timeout_seconds
        self._socket_factory = None if config.allow_private else public_socket
        self._clock = clock

    async def submit(self, job: Job) -> Answer:
        status = await self._send("order.submit", job)
        if status in _GONE:
            raise Refused(f"answered {status}")
        return Answer.STARTED

    async def cancel(self, job: Job) -> Answer:
        """An order the operator does not know is one they do not deliver."""
        status = await self._send("order.cancel", job)
        return Answer.STOPPED if status in _GONE else Answer.ASKED

    async def _send(self, kind: str, job: Job) -> int:
        """The same id each time it is said: the receiver can tell a repeat."""
        message_id = f"{job.order_id}:{kind}"
        now = self._clock.now()
        body = msgspec.json.encode({"type": kind, "timestamp": iso(now), "data": job})
        timestamp = str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signing.sign(self.key, message_id, timestamp, body),
        }
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._session() as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return await _read(answer, job.order_id)
        except aiohttp.ClientConnectorError as error:
            is_private = NOT_PUBLIC in str(error.os_error)  # refused by ourselves
            raise Unreachable(NOT_PUBLIC if is_private else type(error).__name__) from error
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(type(error).__name__) from error

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            force_close=True, use_dns_cache=False, socket_factory=self._socket_factory
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _read(answer: aiohttp.ClientResponse, order_id: str) -> int:
    """Only what names the order was said by the operator's service and not by something in between."""
    if answer.status in _GONE:
        return answer.status
    if 400 <= answer.status < 500 and answer.status not in _LATER:
        raise Refused(f"answered {answer.status}")
    if not 200 <= answer.status < 300:
        raise Unreachable(f"answered {answer.status}", _retry_after(answer))
    raw = await answer.content.read(MAX_ANSWER + 1)
    while len(raw) <= MAX_ANSWER and (more := await answer.content.read(MAX_ANSWER + 1 - len(raw))):
        raw += more
    if len(raw) > MAX_ANSWER or _echoed(raw) != order_id:
        raise Unreachable("no answer of the operator's")
    return answer.status


def _echoed(raw: bytes) -> str | None:
    try:
        return msgspec.json.decode(raw, type=_Echo).order_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _retry_after(answer: aiohttp.ClientResponse) -> float | None:
    text: Any = answer.headers.get("Retry-After", "")
    return min(float(text), MAX_RETRY_AFTER) if text.isascii() and text.isdigit() else None
