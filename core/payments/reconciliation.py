"""Telegram's list of transactions against ours, by charge id."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from msgspec import Struct

from core import alerts
from core.clock import Clock
from core.config import Config
from core.errors import Unavailable
from core.payments import inbox
from core.payments.gateway import Gateway, Transaction
from core.payments.told import STARS, Told, as_raw
from storage.db import Database, UnitOfWork
from storage.models import PaymentEventKind

log = structlog.get_logger(__name__)

PAGE = 100  # the most Telegram gives
MOST_PAGES = 1_000  # of one run; the next one goes on
OVERLAP = 1_000  # lines read again, so that one that came late is seen
PATIENCE = timedelta(hours=1)  # until a payment of ours must be in the list
MOST_DIFFERENCES = 100
RESULT = "stars_reconciled"  # key of `meta`


class Found(Struct):
    """What one run has come across."""

    began_at: datetime
    account: str = ""
    transactions: int = 0
    received: int = 0  # payments nobody had told us of
    refunds: int = 0  # the same
    differences: list[str] = []


class Reconciled(Struct, frozen=True):
    at: datetime
    transactions: int  # lines read
    received: int
    refunds: int
    differences: list[str]  # what a person has to look at; charge ids


async def read_all(db: Database, gateway: Gateway, config: Config, clock: Clock) -> Found:
    """Put what we do not know into the inbox. Raises `Unavailable`; what was read by then is kept."""
    found = Found(clock.now(), gateway.account)
    key = f"stars_offset:{gateway.account}"
    async with db.read() as uow:
        read_to = int(await uow.accounts.get_meta(key) or 0)
    offset = max(0, read_to - OVERLAP)
    for _ in range(MOST_PAGES):
        page = await gateway.transactions(offset, PAGE)
        offset += page.size
        async with db.begin() as uow:
            await _take(uow, page.transactions, found, config, clock.now())
            await uow.accounts.set_meta(key, str(max(offset, read_to)))
        if page.size < PAGE:
            return found
    raise Unavailable(f"more than {MOST_PAGES * PAGE} transactions: the next run goes on")


async def conclude(db: Database, found: Found, config: Config, clock: Clock) -> Reconciled:
    """Once the inbox is done: what does not fit is told to the admins, the result is kept."""
    async with db.begin() as uow:
        missing = await uow.payments.unconfirmed(found.began_at - PATIENCE, MOST_DIFFERENCES)
        differences = [*found.differences, *(f"{row.charge_id}: not in Telegram's list" for row in missing)]
        result = Reconciled(
            clock.now(), found.transactions, found.received, found.refunds, differences[:MOST_DIFFERENCES]
        )
        await uow.accounts.set_meta(RESULT, msgspec.json.encode(result).decode())
        for difference in result.differences:
            await _alert(uow, config, difference, result.at)
    if found.received or found.refunds or differences:
        log.warning("stars_differed", received=found.received, refunds=found.refunds, other=len(differences))
    return result


async def last(uow: UnitOfWork) -> Reconciled | None:
    kept = await uow.accounts.get_meta(RESULT)
    return msgspec.json.decode(kept, type=Reconciled) if kept else None


async def _take(
    uow: UnitOfWork, transactions: Sequence[Transaction], found: Found, config: Config, now: datetime
) -> None:
    found.transactions += len(transactions)
    for kind in PaymentEventKind:
        lines = [one for one in transactions if one.is_refund is (kind is PaymentEventKind.REFUND)]
        known = await uow.payments.known_charges(kind, [one.charge_id for one in lines])
        for line in lines:
            if kind is PaymentEventKind.PAYMENT:
                await _compare(uow, line, found, now)
            elif await _is_refunded(uow, line):
                continue
            if line.charge_id not in known:
                await _receive(uow, kind, line, found, config)


async def _compare(uow: UnitOfWork, line: Transaction, found: Found, now: datetime) -> None:
    payment = await uow.payments.by_charge(line.charge_id)
    if payment is None:
        return
    if payment.stars != line.stars:
        found.differences.append(f"{line.charge_id}: {payment.stars} Stars here, {line.stars} at Telegram")
    if payment.confirmed_at is None:
        payment.confirmed_at = now


async def _is_refunded(uow: UnitOfWork, line: Transaction) -> bool:
    payment = await uow.payments.by_charge(line.charge_id)
    return payment is not None and payment.refunded_at is not None


async def _receive(
    uow: UnitOfWork, kind: PaymentEventKind, line: Transaction, found: Found, config: Config
) -> None:
    told = Told(kind, line.charge_id, line.telegram_id, line.payload, STARS, line.stars)
    if not await inbox.put(uow, as_raw(told), config, found.began_at):
        return
    if kind is PaymentEventKind.PAYMENT:
        found.received += 1
    else:
        found.refunds += 1


async def _alert(uow: UnitOfWork, config: Config, difference: str, at: datetime) -> None:
    key = f"stars:{difference}"[:128]
    await alerts.tell_admins(
        uow, config.telegram.admin_ids, key, at, about="stars_differ", problem=difference
    )
