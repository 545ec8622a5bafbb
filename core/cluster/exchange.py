"""Asking the process that has a studio, wherever that is, and hearing what comes back."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from core.cluster import calls
from core.cluster.calls import Answer, Back, Body, Call, Heard, Moved
from core.cluster.context import Context
from core.cluster.finder import BUS_SECONDS, Finder
from core.errors import Unavailable
from storage.bus import BusError, Owner

log = structlog.get_logger(__name__)

PATIENCE = 6.0  # seconds until a caller is told that nobody has the studio
ANSWER_SECONDS = 4.0
AGAIN_SECONDS = 0.1  # before somebody who should have it is asked again
MAX_OPEN = 10_000  # calls that wait for an answer


class Elsewhere(Exception):
    """The one that was asked does not have it (any more)."""


class Exchange:
    """One a process."""

    def __init__(self, context: Context) -> None:
        self.me = context.me
        self.on_heard: Callable[[Heard], None] = lambda _heard: None
        self.on_moved: Callable[[int], None] = lambda _user_id: None
        self.on_connected: Callable[[], None] = lambda: None
        self._bus = context.bus
        self._clock = context.clock
        self._tasks = context.tasks
        self._open: dict[int, asyncio.Future[Answer]] = {}
        self._last_id = 0
        self._finder = Finder(context)

    def start(self) -> None:
        channel = calls.sockets_channel(self.me)
        work = self._bus.listen(channel, self._take, self._connected)
        _ = self._tasks.spawn(work, name="answers")
        _ = self._tasks.spawn(self._finder.run(), name="owners sought")

    def _connected(self) -> None:
        self.on_connected()

    async def ask(self, user_id: int, body: Body, kind: Any = None) -> Any:
        """Ask whoever has the studio, opened for it if need be; the answer as a `kind`."""
        _, value = await self.ask_named(user_id, body, kind, is_patient=False)
        return value

    async def ask_named(
        self, user_id: int, body: Body, kind: Any = None, *, is_patient: bool = True
    ) -> tuple[Owner, Any]:
        """As `ask`; also who answered. `is_patient`: a bus that is away is waited for, too.

        Raises what is refused there, and `Unavailable` where nobody has it in time.
        """
        until = self._clock.monotonic() + PATIENCE
        while True:
            left = max(0.0, until - self._clock.monotonic())
            owner = await self._finder.owner(user_id, left, is_patient=is_patient)
            try:
                return owner, await self.ask_worker(owner.worker, user_id, body, kind)
            except Elsewhere:
                self.forget(user_id)
            if self._clock.monotonic() >= until:
                raise Unavailable(service="live")
            await asyncio.sleep(AGAIN_SECONDS)

    async def ask_owner(self, user_id: int, body: Body, kind: Any = None) -> Any:
        """As `ask`, where a studio is open already; None: none is."""
        try:
            async with asyncio.timeout(BUS_SECONDS):
                owner = (await self._bus.owners([user_id])).get(user_id)
        except (BusError, OSError, TimeoutError):
            return None
        try:
            return await self.ask_worker(owner.worker, user_id, body, kind) if owner else None
        except Elsewhere:
            return None

    async def ask_worker(
        self,
        worker: str,
        user_id: int,
        body: Body,
        kind: Any = None,
        *,
        seconds: float = ANSWER_SECONDS,
    ) -> Any:
        """Raises `Unavailable` where it does not answer in time."""
        if len(self._open) >= MAX_OPEN:
            raise Unavailable(service="live")
        self._last_id += 1
        call_id = self._last_id
        found: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._open[call_id] = found
        try:
            async with asyncio.timeout(seconds):
                await self._send(worker, Call(self.me, call_id, user_id, body))
                answer = await found
        except (TimeoutError, BusError, OSError) as error:
            self.forget(user_id)
            raise Unavailable(service="live") from error
        finally:
            del self._open[call_id]
        if answer.is_elsewhere:
            raise Elsewhere
        return calls.value_of(answer, kind)

    async def _send(self, worker: str, call: Call) -> None:
        async with asyncio.timeout(BUS_SECONDS):
            heard_by = await self._bus.publish(calls.worker_channel(worker), calls.encode(call))
        if not heard_by:
            self.forget(call.user_id)
            raise Elsewhere

    async def tell(self, worker: str, user_id: int, body: Body) -> None:
        """Without waiting for an answer; whoever misses it asks again."""
        call = Call(self.me, 0, user_id, body)
        try:
            _ = await self._bus.publish(calls.worker_channel(worker), calls.encode(call))
        except (BusError, OSError, TimeoutError) as error:
            log.debug("call_lost", error=type(error).__name__)

    def known(self, user_id: int) -> Owner | None:
        """Who had it when that was looked up last."""
        return self._finder.known(user_id)

    def forget(self, user_id: int) -> None:
        """Look for the owner anew the next time."""
        self._finder.forget(user_id)

    def _take(self, payload: bytes) -> None:
        try:
            back: Back = calls.decode_back(payload)
        except calls.UNREADABLE as error:
            log.warning("answer_not_understood", error=str(error))
            return
        match back:
            case Answer():
                found = self._open.get(back.id)
                if found is not None and not found.done():
                    found.set_result(back)
            case Heard():
                self.on_heard(back)
            case Moved():
                self.forget(back.user_id)
                self.on_moved(back.user_id)
