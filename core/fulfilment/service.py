"""The side of orders that works by itself: errands, expiry, the demo's numbers, the operator's messages."""

import asyncio
from collections.abc import Callable, Mapping

import structlog

from core.audit import Act
from core.clock import Clock
from core.errors import AppError, NotFound
from core.fulfilment import callbacks, errands, signing, simulated
from core.fulfilment.errands import Claimed
from core.fulfilment.operator import Operator
from core.fulfilment.provider import Provider
from core.fulfilment.signing import Signed
from core.orders import lifecycle, states
from core.orders.lifecycle import Ending
from storage.db import Database, DatabaseError
from storage.models import OrderStatus

log = structlog.get_logger(__name__)

POLL_SECONDS = 2.0
EXPIRE_SECONDS = 60.0
EXPIRE_AT_ONCE = 100
ERRAND_SECONDS = 45.0  # shorter than the lease


class Fulfilment:
    """`after` is called after every change has committed; it must return at once."""

    def __init__(
        self, db: Database, clock: Clock, providers: Mapping[str, Provider], *, after: Callable[[], None]
    ) -> None:
        self._db = db
        self._clock = clock
        self._providers = providers
        self._after = after
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be an errand."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        expire_at = self._clock.monotonic()
        while True:
            try:
                count = await self.work()
                if states.SIMULATED in self._providers:
                    await self.simulate()
                if self._clock.monotonic() >= expire_at:
                    expire_at = self._clock.monotonic() + EXPIRE_SECONDS
                    await self.expire()
            except (AppError, DatabaseError, OSError) as error:
                log.warning("fulfilment_trouble", error=type(error).__name__)
                count = 0
            if count < errands.BATCH:
                await self._pause()

    async def work(self) -> int:
        """Carry out the errands that are due, some at a time; how many."""
        claimed = await errands.claim(self._db, self._clock)
        await asyncio.gather(*(self._carry_out(one) for one in claimed))
        if claimed:
            self._after()
        return len(claimed)

    async def expire(self) -> int:
        """End what nobody has said anything about for too long; how many."""
        now = self._clock.now()
        async with self._db.read() as uow:
            expired = await uow.orders.expired(now, EXPIRE_AT_ONCE)
        for order_id in expired:
            await self._expire(order_id)
        async with self._db.begin() as uow:
            await uow.orders.delete_events(now - callbacks.KEPT)
        return len(expired)

    async def simulate(self) -> None:
        """Move the demo's orders along."""
        async with self._db.read() as uow:
            rows, _ = await uow.orders.queue(states.SIMULATED, EXPIRE_AT_ONCE)
        for row in rows:
            if row.status is OrderStatus.PROCESSING and simulated.report_at(row, self._clock.now()):
                await self._simulate(row.id)

    async def receive(self, message: Signed) -> callbacks.Outcome:
        """From the operator's service. Raises `InvalidSignature`, `Invalid`, or `NotFound` without one."""
        operator = self._providers.get(states.OPERATOR)
        if not isinstance(operator, Operator):
            raise NotFound
        now = self._clock.now()
        signing.check(operator.key, message, now.timestamp())
        told = callbacks.read(message.body)
        async with self._db.begin() as uow:
            outcome = await callbacks.take(uow, message, told, Act("operator", now))
        self._after()
        return outcome

    async def _carry_out(self, errand: Claimed) -> None:
        try:
            async with asyncio.timeout(ERRAND_SECONDS):
                await errands.carry_out(self._db, self._clock, self._providers, errand)
        except Exception:  # one order's trouble is not the others'; its lease runs out
            log.exception("errand_failed", order_id=errand.job.order_id)

    async def _expire(self, order_id: int) -> None:
        by = Act("system", self._clock.now())
        async with self._db.begin() as uow:
            order = await lifecycle.lock(uow, order_id)
            if order is None or states.has_ended(order) or order.expires_at > by.at:
                return
            await lifecycle.end(uow, order, Ending(cause="expired"), by)
        log.info("order_expired", order_id=order.number)
        self._after()

    async def _simulate(self, order_id: int) -> None:
        by = Act("system", self._clock.now())
        async with self._db.begin() as uow:
            order = await lifecycle.lock(uow, order_id)
            if order is None or states.has_ended(order) or not (told := simulated.report_at(order, by.at)):
                return
            is_news = await lifecycle.report(uow, order, told, by)
            if simulated.is_over(order):
                await lifecycle.end(uow, order, Ending(cause="finished", source=states.SIMULATED), by)
        if is_news:
            self._after()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(POLL_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return
        self._woken.clear()
