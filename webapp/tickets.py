"""One-use tickets for places where a token would end up in an address, a log or a browser's history."""

import secrets
from collections import OrderedDict

from msgspec import Struct

from core.clock import Clock

LIFETIME = 30.0  # seconds
MAX_TICKETS = 10_000


class _Ticket(Struct, frozen=True):
    user_id: int
    version: int  # of the token it was asked for with: it ends with that token
    audience: str
    until: float


class Tickets:
    """Bounded: beyond `MAX_TICKETS` the oldest one is no longer good."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: OrderedDict[str, _Ticket] = OrderedDict()

    def issue(self, user_id: int, version: int, audience: str = "ws") -> str:
        ticket = secrets.token_urlsafe(32)
        self._open[ticket] = _Ticket(user_id, version, audience, self._clock.monotonic() + LIFETIME)
        if len(self._open) > MAX_TICKETS:
            self._open.popitem(last=False)
        return ticket

    def redeem(self, ticket: str, audience: str = "ws") -> tuple[int, int] | None:
        """Whose it is, and their token's version; used up, also where it was meant for something else."""
        found = self._open.pop(ticket, None)
        if found is None or found.audience != audience or found.until < self._clock.monotonic():
            return None
        return found.user_id, found.version
