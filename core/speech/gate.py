"""The line in front of an engine: so many at once, accounts in turn, awaited texts before the others."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(eq=False, slots=True)
class _Ticket:
    called: asyncio.Future[None]
    is_urgent: Callable[[], bool]


class Gate:
    """Unbounded by itself: who asks (`core.speech.service`) bounds how many texts are under way."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._lines: OrderedDict[int, list[_Ticket]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, account_id: int, is_urgent: Callable[[], bool]) -> AsyncIterator[None]:
        await self._enter(account_id, is_urgent)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, account_id: int, is_urgent: Callable[[], bool]) -> None:
        if self._free:
            self._free -= 1
            return
        ticket = _Ticket(asyncio.get_running_loop().create_future(), is_urgent)
        self._lines.setdefault(account_id, []).append(ticket)
        try:
            await ticket.called
        except asyncio.CancelledError:
            if ticket.called.done() and not ticket.called.cancelled():
                self._leave()  # called and cancelled at the same moment: the place goes to the next one
            else:
                self._drop(account_id, ticket)
            raise

    def _leave(self) -> None:
        ticket = self._next()
        if ticket:
            ticket.called.set_result(None)
        else:
            self._free += 1

    def _next(self) -> _Ticket | None:
        """The first awaited text of the account whose turn it is; without one, its oldest."""
        for wanted in (True, False):
            for account_id, line in self._lines.items():
                # Cancelled ones have yet to wake up and leave the line by themselves.
                here = (one for one in line if not one.called.done())
                ticket = next((one for one in here if one.is_urgent() or not wanted), None)
                if ticket:
                    self._drop(account_id, ticket)
                    if account_id in self._lines:
                        self._lines.move_to_end(account_id)
                    return ticket
        return None

    def _drop(self, account_id: int, ticket: _Ticket) -> None:
        line = self._lines[account_id]
        line.remove(ticket)
        if not line:
            del self._lines[account_id]
