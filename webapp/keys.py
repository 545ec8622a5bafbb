"""What handlers find on the application and on a request."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from aiohttp import web

from core.access import AccessState
from core.services import Services
from webapp.limits import Limiter, Quota
from webapp.readiness import Readiness
from webapp.tickets import Tickets
from webapp.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token came with the request, checked."""

    user_id: int
    access: AccessState


SERVICES = web.AppKey("services", Services)
LIMITER = web.AppKey("limiter", Limiter)
TICKETS = web.AppKey("tickets", Tickets)
TOKENS = web.AppKey("tokens", Tokens)
PROXIES = web.AppKey("proxies", tuple[IPv4Network | IPv6Network, ...])
DOCUMENT = web.AppKey("document", dict[str, Any])  # OpenAPI
READINESS = web.AppKey("readiness", Readiness)
REFERENCE: web.AppKey[Callable[[], str]] = web.AppKey("reference")  # the same as a page

REQUEST_ID = web.RequestKey("request_id", str)
CALLER = web.RequestKey("caller", Caller)
QUOTA = web.RequestKey("quota", Quota)
PREPARED = web.RequestKey("prepared", web.StreamResponse)  # its headers are out, or about to go
