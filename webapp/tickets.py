"""One-use tickets for places where a token would end up in an address, a log or a browser's history."""

import hashlib
import secrets
from collections import OrderedDict

import msgspec
from msgspec import Struct

from core.clock import Clock
from core.errors import Unavailable
from storage.shared.once import Once
from storage.shared.reach import Away, Reach

LIFETIME = 30.0  # seconds
MAX_TICKETS = 10_000


class Proof(Struct, frozen=True):
    """The token a socket was asked for with: it ends with that token."""

    user_id: int
    version: int
    token_id: str


class _Ticket(Struct, frozen=True):
    proof: Proof
    audience: str


_decode = msgspec.json.Decoder(_Ticket).decode


class Tickets:
    """Bounded: beyond `MAX_TICKETS` the oldest one of this process's own is no longer good."""

    def __init__(self, clock: Clock, reach: Reach | None = None) -> None:
        """`reach`: to where every process finds them. While it is cut they are good here alone."""
        self._clock = clock
        self._shared = Once(reach, "ticket") if reach else None
        self._open: OrderedDict[str, tuple[_Ticket, float]] = OrderedDict()  # with their ends

    async def issue(self, proof: Proof, audience: str) -> str:
        ticket, issued = secrets.token_urlsafe(32), _Ticket(proof, audience)
        if not await self._is_shared(ticket, issued):
            self._open[ticket] = issued, self._clock.monotonic() + LIFETIME
            if len(self._open) > MAX_TICKETS:
                self._open.popitem(last=False)
        return ticket

    async def redeem(self, ticket: str, audience: str) -> Proof | None:
        """Whose it is, and by which token; used up, also where it was meant for something else.

        Raises `Unavailable` where it cannot be looked up now.
        """
        own, until = self._open.pop(ticket, (None, 0.0))
        found = await self._take(ticket) if own is None else own
        if found is None or found.audience != audience or (own and until < self._clock.monotonic()):
            return None
        return found.proof

    async def _is_shared(self, ticket: str, issued: _Ticket) -> bool:
        if self._shared is None:
            return False
        try:
            await self._shared.put(_hash(ticket), msgspec.json.encode(issued), LIFETIME)
        except Away:
            return False
        return True

    async def _take(self, ticket: str) -> _Ticket | None:
        if self._shared is None:
            return None
        try:
            data = await self._shared.take(_hash(ticket))
        except Away as error:
            raise Unavailable from error
        return _decode(data) if data else None


def _hash(ticket: str) -> str:
    """Who can read Redis opens nothing with it."""
    return hashlib.sha256(ticket.encode(errors="replace")).hexdigest()
