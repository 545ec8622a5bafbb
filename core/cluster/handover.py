"""Giving a streamer to another worker while their LIVE goes on: no message lost, none twice.

The other one connects to the room first and keeps what comes; then this one stops, says what it knows, and
the lease changes hands. Where the connection cannot be had in time, the other one comes back to the room as
after any cut.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import msgspec
import structlog

from core.carried import CarriedStudio, carry, resume
from core.cluster.calls import UNREADABLE, Given, Prepare
from core.cluster.context import Context
from core.cluster.exchange import Elsewhere, Exchange
from core.cluster.held import HeldStudios, unwired, wired
from core.cluster.leases import Leases, share
from core.cluster.outbox import Outbox
from core.errors import AppError
from core.journal import Journal
from core.live.events import Frame
from core.live.source import ConnectionLost, LiveConnection, LiveTrouble, Room
from core.studio import Studio
from core.tasks import TaskPool
from storage.bus import BusError
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

AT_ONCE = 10
MOST_A_ROUND = 50  # streamers a worker that has too many gives away at once
SLACK = 1.1  # so much more than its share a worker keeps: others come and go
PREPARE_SECONDS = 4.0
GIVE_SECONDS = 5.0
KEPT_SECONDS = 30.0  # a prepared connection nobody asked for is closed, and carried state forgotten
MAX_FRAMES = 2_000  # of a prepared connection; beyond them it is given up


class Handover:
    """One a worker: both sides."""

    def __init__(
        self,
        context: Context,
        exchange: Exchange,
        leases: Leases,
        outbox: Outbox,
        studios: HeldStudios,
        journal: Journal,
    ) -> None:
        self.on_given: Callable[[int], None] = lambda _user_id: None
        self._exchange = exchange
        self._leases = leases
        self._outbox = outbox
        self._studios = studios
        self._journal = journal
        self._bus = context.bus
        self._clock = context.clock
        self._tasks = context.tasks
        self._prepared: dict[int, Prepared] = {}

    # Giving

    def too_many(self, loads: Mapping[str, int]) -> list[int]:
        """Whom to give away, so that every worker has its share; those whose LIVE does not run first."""
        held = self._leases.held
        if len(loads) < 2:
            return []
        fair = share(sum(loads.values()), len(loads))
        surplus = len(held) - fair
        if len(held) <= fair * SLACK + 1 or surplus <= 0:
            return []
        return sorted(held, key=self._is_live)[: min(surplus, MOST_A_ROUND)]

    async def give_some(self, user_ids: list[int], others: dict[str, int]) -> None:
        """Each to whoever has least."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def give(user_id: int, to: str) -> None:
            async with slots:
                try:
                    await self._give(user_id, to)
                except (AppError, Elsewhere, DatabaseError, BusError, OSError) as error:
                    # Whoever the lease belongs to finds it and goes on from what the bus remembers.
                    log.warning("handover_torn", user_id=user_id, to=to, error=type(error).__name__)

        loads = dict(others)
        async with asyncio.TaskGroup() as group:
            for user_id in user_ids:
                if loads:
                    to = min(loads, key=loads.__getitem__)
                    loads[to] += 1
                    _ = group.create_task(give(user_id, to))

    async def give_all(self, others: Callable[[], dict[str, int]], seconds: float) -> None:
        """Within `seconds`. Who is not LIVE goes at once; a LIVE may end by itself while there is time."""
        until = self._clock.monotonic() + seconds
        while self._leases.held and others():
            quiet = [user_id for user_id in self._leases.held if not self._is_live(user_id)]
            left = until - self._clock.monotonic()
            some = quiet or (list(self._leases.held) if left <= self._needed() else [])
            if left <= 0:
                return
            if some:
                await self._give_within(some, others(), left)
            await asyncio.sleep(min(0.5, max(0.0, until - self._clock.monotonic())))

    async def _give_within(self, user_ids: list[int], others: dict[str, int], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.give_some(user_ids, others)
        except TimeoutError:
            log.warning("handover_not_finished", left=len(self._leases.held))

    def _needed(self) -> float:
        """Seconds it takes to hand over the LIVEs that run."""
        return 2.0 + PREPARE_SECONDS * (1 + len(self._leases.held) / AT_ONCE)

    async def _give(self, user_id: int, to: str) -> None:
        studio = self._studios.find(user_id)
        if studio is None:
            await self._leases.release([user_id], is_needed=True)
            return
        room_id = studio.stage.tally.room_id if studio.stage.tally else None
        unique_id = studio.stage.setup.settings.tiktok_username
        try:
            await self._exchange.ask_worker(
                to, user_id, Prepare(room_id, unique_id), seconds=PREPARE_SECONDS + 1
            )
        except (AppError, Elsewhere):
            log.info("handover_not_prepared", user_id=user_id, to=to)
            if not self._leases.is_leaving:
                return  # there is no hurry
        await self._pass_on(user_id, studio, to)

    async def _pass_on(self, user_id: int, studio: Studio, to: str) -> None:
        await self._outbox.flush()
        if self._studios.find(user_id) is not studio:
            return  # lost since, or given away already
        tally, carried = studio.stage.tally, carry(studio, self._clock.monotonic())
        try:
            token = await self._let_go(user_id, to)
            await self._journal.hand_over(tally)
            if token is None:
                return
            name = f"state:{user_id}:{secrets.token_hex(8)}"
            await self._bus.put(name, _wired(carried), KEPT_SECONDS)
            await self._exchange.ask_worker(to, user_id, Given(token, name), seconds=GIVE_SECONDS)
        finally:
            self.on_given(user_id)

    async def _let_go(self, user_id: int, to: str) -> int | None:
        """From here on nothing is said from here, whatever becomes of it: the studio may come back anew."""
        try:
            async with asyncio.timeout(GIVE_SECONDS):
                return await self._leases.give(user_id, to)
        finally:
            self._studios.part(user_id)

    def _is_live(self, user_id: int) -> bool:
        studio = self._studios.find(user_id)
        return studio is not None and studio.is_live_since is not None

    # Taking

    async def prepare(self, user_id: int, wanted: Prepare) -> None:
        """Connect to the room that is about to be ours. Raises `LiveTrouble`."""
        if wanted.room_id is None or wanted.unique_id is None:
            return
        await self._close_prepared(user_id)
        prepared = Prepared(self._studios.connect(Room(wanted.room_id, wanted.unique_id), PREPARE_SECONDS))
        async with asyncio.timeout(PREPARE_SECONDS):
            await prepared.open(self._tasks)
        self._prepared[user_id] = prepared
        _ = self._tasks.spawn(self._forget(user_id, prepared), name="prepared LIVE")

    async def receive(self, user_id: int, given: Given) -> None:
        """The streamer is ours: go on."""
        raw = await self._bus.take(given.state) if given.state else None
        carried = _unwired(raw) if raw else None
        if carried is None:  # our next rounds find it, and in the database whether their LIVE is listened to
            self._leases.ask()
            return
        if not self._leases.take(user_id, given.token):
            return
        studio = await self._opened(user_id)
        prepared = self._prepared.get(user_id)
        resume(studio, carried, prepared.hand_out() if prepared else None, self._clock.monotonic())
        await self._leases.say()

    async def _opened(self, user_id: int) -> Studio:
        """Where that fails, our next rounds find it again."""
        studio = None
        try:
            studio = await self._studios.open(user_id)
            return studio
        finally:
            if studio is None:
                self._leases.drop(user_id)

    async def _forget(self, user_id: int, prepared: "Prepared") -> None:
        await asyncio.sleep(KEPT_SECONDS)
        if self._prepared.get(user_id) is prepared:
            await self._close_prepared(user_id)

    async def _close_prepared(self, user_id: int) -> None:
        prepared = self._prepared.pop(user_id, None)
        if prepared and not prepared.is_taken:
            await prepared.close()


class Prepared:
    """A connection that is read before anybody wants what comes; nothing of it is lost."""

    raw: Callable[[bytes], None] | None = None

    def __init__(self, connecting: AbstractAsyncContextManager[LiveConnection]) -> None:
        self.skipped = 0
        self.is_taken = False  # by whoever goes on; they close it
        self._connecting = connecting
        self._stack = AsyncExitStack()
        self._frames: deque[Frame] = deque()
        self._has_more = asyncio.Event()
        self._trouble: LiveTrouble | None = None
        self._is_over = False
        self._connection: LiveConnection
        self._reader: asyncio.Task[None] | None = None

    async def open(self, tasks: TaskPool) -> None:
        self._connection = await self._stack.enter_async_context(self._connecting)
        self._reader = tasks.spawn(self._read(), name="prepared frames")

    async def close(self) -> None:
        if self._reader:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        await self._stack.aclose()

    @asynccontextmanager
    async def hand_out(self) -> AsyncIterator[LiveConnection]:
        self.is_taken = True
        try:
            yield self
        finally:
            await self.close()

    def __aiter__(self) -> "Prepared":
        return self

    async def __anext__(self) -> Frame:
        while not self._frames:
            if self._trouble:
                raise self._trouble
            if self._is_over:
                raise StopAsyncIteration
            self._has_more.clear()
            await self._has_more.wait()
        return self._frames.popleft()

    async def _read(self) -> None:
        try:
            async for frame in self._connection:
                if len(self._frames) >= MAX_FRAMES:
                    raise ConnectionLost
                self._frames.append(frame)
                self.skipped = self._connection.skipped
                self._has_more.set()
        except LiveTrouble as error:
            self._trouble = error
        finally:
            self._is_over = True
            self._has_more.set()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CarriedStudio).decode


def _wired(carried: CarriedStudio) -> bytes:
    told = [msgspec.structs.replace(one, text=wired(one.text)) for one in carried.told]
    return _encode(msgspec.structs.replace(carried, told=told))


def _unwired(raw: bytes) -> CarriedStudio | None:
    try:
        carried = _decode(raw)
    except UNREADABLE as error:
        log.warning("carried_state_not_understood", error=str(error))
        return None
    told = [msgspec.structs.replace(one, text=unwired(one.text)) for one in carried.told]
    return msgspec.structs.replace(carried, told=told)
