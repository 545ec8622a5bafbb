"""The ledger verified by the clock or by hand: the result is kept, and admins hear of what does not hold."""

from datetime import datetime

import msgspec
import structlog
from msgspec import Struct

from core import notices
from core.clock import Clock
from core.money import verify
from core.notices import NoticeKind
from storage.db import Database, UnitOfWork

log = structlog.get_logger(__name__)

LAST = "ledger_verified"
TOLD = 5  # broken things in one notice


class Verified(Struct, frozen=True):
    """How the last verification ended."""

    at: datetime
    entries: int
    accounts: int
    broken: int


async def run(db: Database, clock: Clock) -> verify.Proof:
    """Verify now and keep what came out."""
    async with db.snapshot() as uow:
        proof = await verify.prove(uow)
    async with db.begin() as uow:
        await _keep(uow, proof, clock.now())
    return proof


async def verify_and_alert(db: Database, clock: Clock, admin_ids: list[int]) -> str:
    """The job; `admin_ids` as in `telegram.admin_ids`. Who is told is told once a day."""
    proof = await run(db, clock)
    if not proof.broken:
        log.info("ledger_verified", entries=proof.anchor.entries, head=proof.anchor.hash)
        return str(proof)
    told = [str(one) for one in proof.broken[:TOLD]]
    log.error("ledger_broken", count=len(proof.broken), first=told)
    now = clock.now()
    async with db.begin() as uow:
        for admin in await uow.accounts.list_admins(admin_ids):
            await notices.add(
                uow,
                admin.id,
                NoticeKind.ALERT,
                f"ledger:{now:%Y-%m-%d}",
                now,
                about="ledger",
                count=len(proof.broken),
                first=told,
            )
    return str(proof)


async def last(uow: UnitOfWork) -> Verified | None:
    """None: never verified."""
    noted = await uow.accounts.get_meta(LAST)
    return msgspec.json.decode(noted, type=Verified) if noted else None


async def _keep(uow: UnitOfWork, proof: verify.Proof, at: datetime) -> None:
    result = Verified(at, proof.anchor.entries, proof.accounts, len(proof.broken))
    await uow.accounts.set_meta(LAST, msgspec.json.encode(result).decode())
    if not proof.broken:
        await uow.accounts.set_meta(verify.ANCHOR, msgspec.json.encode(proof.anchor).decode())
