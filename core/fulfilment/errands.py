"""The outbox to whoever delivers: claim an errand, say it, keep what was answered.

An errand may be said twice where a process dies between the two; it has its effect once, because providers
know an order by its id and an order only moves forward.
"""

import random
import secrets
from collections.abc import Mapping
from datetime import timedelta

import structlog
from msgspec import Struct

from core.audit import Act
from core.clock import Clock
from core.fulfilment.provider import Answer, Job, Provider, Refused, Unreachable, job_of
from core.orders import lifecycle, states
from core.orders.lifecycle import Ending
from storage.db import Database, UnitOfWork
from storage.models import ErrandKind, Order, OrderStatus

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)  # longer than any provider is waited for
BATCH = 8
LONGEST_PAUSE = 600.0
GIVE_UP = timedelta(days=3)  # to tell whoever delivers that an order has ended
MISSING_PAUSE = 300.0


class Claimed(Struct, frozen=True):
    id: int
    lease: str
    kind: ErrandKind
    order_id: int
    job: Job
    provider: str
    attempts: int
    is_wanted: bool  # False: the order has moved on, there is nothing left to say


async def claim(db: Database, clock: Clock) -> list[Claimed]:
    """Those due that nobody else is at, leased."""
    async with db.begin() as uow:
        claimed = []
        now = clock.now()
        for errand in await uow.orders.due_errands(now, BATCH):
            lease, attempts = secrets.token_hex(8), errand.attempts + 1
            order = await uow.orders.get(errand.order_id)
            if order is None or not await uow.orders.lease_errand(errand, lease, now + LEASE):
                continue
            is_wanted = _is_wanted(order, errand.kind) and now - errand.created_at < _until(order)
            claimed.append(
                Claimed(
                    errand.id,
                    lease,
                    errand.kind,
                    order.id,
                    job_of(order),
                    order.provider,
                    attempts,
                    is_wanted,
                )
            )
    return claimed


async def carry_out(db: Database, clock: Clock, providers: Mapping[str, Provider], errand: Claimed) -> None:
    """Say it and keep the answer, or put it off."""
    try:
        await _finish(db, clock, errand, await _say(providers, errand))
    except Refused as error:
        log.warning("fulfilment_refused", order_id=errand.job.order_id, kind=errand.kind, reason=str(error))
        await _finish(db, clock, errand, "refused")
    except Unreachable as error:
        log.warning("fulfilment_unreachable", order_id=errand.job.order_id, reason=str(error))
        await _postpone(db, clock, errand, error)


async def _say(providers: Mapping[str, Provider], errand: Claimed) -> str:
    if not errand.is_wanted:
        return "not wanted"
    provider = providers.get(errand.provider)
    if provider is None:
        raise Unreachable("not configured", MISSING_PAUSE)
    ask = provider.submit if errand.kind is ErrandKind.SUBMIT else provider.cancel
    return await ask(errand.job)


async def _finish(db: Database, clock: Clock, errand: Claimed, outcome: str) -> None:
    """The answer and what follows from it, in one transaction. Whoever has lost the lease changes nothing."""
    by = Act("system", clock.now())
    async with db.begin() as uow:
        order = await lifecycle.lock(uow, errand.order_id)
        if order is None or not await uow.orders.finish_errand(errand.id, errand.lease, by.at, outcome):
            return
        if errand.kind is ErrandKind.SUBMIT:
            was_told = outcome == Answer.STARTED or errand.attempts > 1
            await _submitted(uow, order, outcome, by, was_told=was_told)
        else:
            await _cancelled(uow, order, outcome, by)


async def _submitted(uow: UnitOfWork, order: Order, outcome: str, by: Act, *, was_told: bool) -> None:
    """`was_told`: whoever delivers knows of it, or may."""
    if states.has_ended(order) and was_told:
        await lifecycle.call_off(uow, order, by.at)  # it ended while it was being said
    if order.status is not OrderStatus.PENDING:
        return
    if outcome == Answer.STARTED:
        await lifecycle.begin(uow, order, order.provider, by)
    elif outcome == "refused":
        await lifecycle.end(uow, order, Ending(cause="refused", source=order.provider), by)


async def _cancelled(uow: UnitOfWork, order: Order, outcome: str, by: Act) -> None:
    if states.has_ended(order):
        return
    if outcome == Answer.STOPPED:
        await lifecycle.end(uow, order, Ending(cause="cancelled", source=order.provider), by)
    elif outcome == "refused":
        await lifecycle.refuse_cancel(uow, order, "", by)


async def _postpone(db: Database, clock: Clock, errand: Claimed, error: Unreachable) -> None:
    pause = min(LONGEST_PAUSE, 2.0 ** min(errand.attempts, 10)) * random.uniform(0.5, 1.0)
    until = clock.now() + timedelta(seconds=max(pause, error.retry_after or 0.0))
    async with db.begin() as uow:
        await uow.orders.postpone_errand(errand.id, errand.lease, until, str(error)[:32])


def _is_wanted(order: Order, kind: ErrandKind) -> bool:
    """A cancellation is also wanted where the order has ended here: whoever delivers may not know."""
    if kind is ErrandKind.SUBMIT:
        return order.status is OrderStatus.PENDING
    return order.provider == states.OPERATOR or not states.has_ended(order)


def _until(order: Order) -> timedelta:
    """How long it is worth saying: as long as the order lives, and some days after."""
    return GIVE_UP + timedelta(seconds=order.patience_seconds)
