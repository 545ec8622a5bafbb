"""Webhooks of triggers: signed (Standard Webhooks), to public addresses only, never waited for.

Each account has a lane of its own, so that a receiver that hangs delays nobody
else's. Nothing is retried: a gift's light that blinks a minute late is worse
than none.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
import socket
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import structlog

from core.clock import Clock, iso
from core.live.events import NOBODY, EventType, Fact
from core.tasks import TaskPool
from core.triggers.addresses import is_public
from core.triggers.model import CallWebhook, Trigger

log = structlog.get_logger(__name__)

MAX_WAITING = 20  # deliveries of one account; more are left out
MAX_AT_ONCE = 32  # of all accounts
MAX_BODY = 64 * 1024
TIMEOUT_SECONDS = 10.0

NOT_PUBLIC = "not a public address"  # why a connection was refused here

_AGENT = "TTBoost-Webhooks/1"

Admit = Callable[[int], Awaitable[bool]]
Outcome = Callable[[int, int, bool], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Delivery:
    user_id: int
    trigger_id: int
    url: str
    payload: dict[str, Any]


class WebhookSender:
    """`admit` says whether an account may send one more; `note` hears of each delivery: user, trigger, done.

    `allow_private` is for receivers beside the program itself.
    """

    def __init__(
        self,
        tasks: TaskPool,
        clock: Clock,
        key: bytes,
        *,
        admit: Admit,
        note: Outcome,
        allow_private: bool = False,
    ) -> None:
        self._tasks = tasks
        self._clock = clock
        self._key = key
        self._admit = admit
        self._note = note
        self._socket_factory = None if allow_private else public_socket
        self._lanes: dict[int, deque[Delivery]] = {}
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)

    def call(self, user_id: int, trigger: Trigger, fact: Fact) -> None:
        """Send on what happened, in the background. What an account has too much of waiting is left out."""
        if not isinstance(trigger.params, CallWebhook):
            return
        content = payload(trigger, fact, iso(self._clock.now()))
        delivery = Delivery(user_id, trigger.id, trigger.params.url, content)
        lane = self._lanes.get(user_id)
        if lane is None:
            self._lanes[user_id] = deque([delivery])
            _ = self._tasks.spawn(self._empty(user_id), name="webhooks", user_id=user_id)
        elif len(lane) < MAX_WAITING:
            lane.append(delivery)

    async def _empty(self, user_id: int) -> None:
        lane = self._lanes[user_id]
        try:
            while lane:
                delivery = lane.popleft()
                if await self._admit(user_id):
                    async with self._slots:
                        is_delivered = await self.send(delivery)
                    await self._note(user_id, delivery.trigger_id, is_delivered)
        finally:
            del self._lanes[user_id]

    async def send(self, delivery: Delivery) -> bool:
        """Whether the receiver took it: an answer of 2xx, in time, from a public address."""
        body = msgspec.json.encode(delivery.payload)
        if len(body) > MAX_BODY:
            return False
        headers = self._headers(delivery.user_id, body)
        try:
            async with (
                asyncio.timeout(TIMEOUT_SECONDS),
                self._session() as session,
                session.post(delivery.url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return 200 <= answer.status < 300  # the body, which may be endless, is never read
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            log.debug("webhook_failed", trigger_id=delivery.trigger_id, error=type(error).__name__)
            return False

    def _session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            force_close=True, use_dns_cache=False, socket_factory=self._socket_factory
        )
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    def _headers(self, user_id: int, body: bytes) -> dict[str, str]:
        message_id = f"msg_{secrets.token_hex(12)}"
        timestamp = str(int(self._clock.now().timestamp()))
        return {
            "Content-Type": "application/json",
            "User-Agent": _AGENT,
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(signing_key(self._key, user_id), message_id, timestamp, body),
        }


def payload(trigger: Trigger, fact: Fact, at: str) -> dict[str, Any]:
    """What a receiver is told, free of anything it could not see in the LIVE itself."""
    event: dict[str, Any] = {"type": fact.type.value}
    if fact.viewer != NOBODY:
        event["user"] = {"username": fact.viewer.unique_id, "nickname": fact.viewer.name}
    match fact.type:
        case EventType.CHAT | EventType.VIEWER_FIRST_MESSAGE:
            event["message"] = fact.text
        case EventType.GIFT:
            event |= {"gift_id": fact.gift_id, "gift_name": fact.gift_name, "count": fact.count}
            event |= {"diamonds": fact.diamonds, "total_diamonds": fact.total_diamonds}
        case EventType.LIKE:
            event |= {"count": fact.count, "total": fact.total}
        case EventType.VIEWER_COUNT:
            event["total"] = fact.total
        case _:
            pass
    data = {"trigger": {"id": trigger.id, "name": trigger.name}, "event": event}
    return {"type": "trigger.fired", "timestamp": at, "data": data}


def signing_key(key: bytes, user_id: int) -> bytes:
    """An account's own, made from the installation's."""
    return hmac.digest(key, f"webhook:{user_id}".encode(), hashlib.sha256)


def shown_key(key: bytes, user_id: int) -> str:
    """As Standard Webhooks wants it shown to the streamer, for the receiver to check signatures with."""
    return "whsec_" + base64.b64encode(signing_key(key, user_id)).decode()


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def public_socket(info: tuple[Any, ...]) -> socket.socket:
    """A socket for the very address that is about to be connected to: no name can resolve anew in between."""
    family, kind, protocol, _, address = info
    if not is_public(address[0]):
        raise OSError(NOT_PUBLIC)
    return socket.socket(family, kind, protocol)
