"""What handlers find on the application and on a request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from aiohttp import web
from structlog.typing import FilteringBoundLogger

from core.access import AccessState
from core.services import Services
from webapp.entrance import Entrance
from webapp.limits import Limiter, Quota
from webapp.metrics import Metrics
from webapp.readiness import Readiness
from webapp.tickets import Tickets
from webapp.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token came with the request, checked."""

    user_id: int
    access: AccessState
    token_id: str = ""


@dataclass(frozen=True, slots=True)
class Updates:
    """Where Telegram's updates go that come by webhook, and what proves that they are Telegram's."""

    secret: bytes
    take: Callable[[dict[str, Any]], Awaitable[None]]  # returns when the update may be confirmed


SERVICES = web.AppKey("services", Services)
LIMITER = web.AppKey("limiter", Limiter)
METRICS = web.AppKey("metrics", Metrics)
ENTRANCE = web.AppKey("entrance", Entrance)
TICKETS = web.AppKey("tickets", Tickets)
TOKENS = web.AppKey("tokens", Tokens)
PROXIES = web.AppKey("proxies", tuple[IPv4Network | IPv6Network, ...])
DOCUMENT = web.AppKey("document", dict[str, Any])  # OpenAPI
READINESS = web.AppKey("readiness", Readiness)
REQUEST_LOG: web.AppKey[FilteringBoundLogger] = web.AppKey("request_log")
REFERENCE: web.AppKey[Callable[[], str]] = web.AppKey("reference")  # the same as a page
UPDATES = web.AppKey("updates", Updates)  # where the bot takes them by webhook

REQUEST_ID = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", Caller)
QUOTA = web.RequestKey("quota", Quota)
PREPARED = web.RequestKey("prepared", web.StreamResponse)  # its headers are out, or about to go
IS_LET_IN = web.RequestKey("is_let_in", bool)  # its socket has a place
