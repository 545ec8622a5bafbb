"""What one streamer has: an id of every kind that stands in an address, a body or a query."""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct, convert, structs
from sqlalchemy import Column, Table, select

from core.audit import Act
from core.plan_limits import terms_of
from core.services import Services
from core.triggers import service as triggers
from core.triggers.intake import TriggerBody
from storage.db import Database
from storage.models import Base, Live, SignedIn
from tests.history_kit import by, keep, row
from tests.webapp.audio import beep
from tests.webapp.fakes import START

MARK = "zq7ann"
"""Stands in every text of hers: found in somebody else's answer, it has leaked."""


class Estate(Struct, frozen=True, kw_only=True):
    user_id: int
    trigger: int
    event: str
    device: int
    live_id: int
    entry_id: int
    filename: str
    order_id: str
    charge_id: str
    license_id: int
    ticket_id: int
    broadcast_id: int


NOBODYS = Estate(
    user_id=900_001,
    trigger=900_001,
    event="m900001",
    device=900_001,
    live_id=900_001,
    entry_id=900_001,
    filename="none-900001.mp3",
    order_id="ORD-20260101-ZZZZZZ",
    charge_id="c900001",
    license_id=900_001,
    ticket_id=900_001,
    broadcast_id=900_001,
)
"""Ids of the same shapes that name nothing."""


async def settle(services: Services, world: dict[str, Any]) -> Estate:
    """Give Ann of the `world` the rest of what can be had."""
    user_id = world["ann"]
    sound = await services.sounds.upload(user_id, f"{MARK}.wav", _once(beep()), 10_000_000)
    await keep(services.db, row(7, "chat", user_id, user=by(MARK, MARK), text=MARK))
    async with services.db.begin() as uow:
        body = {
            "event_type": "chat",
            "action": "play_sound",
            "action_params": {"sound_filename": sound.filename},
            "name": MARK,
        }
        saved = await triggers.save(
            uow,
            user_id,
            convert(body, TriggerBody),
            terms_of(services.config, "standard"),
            services.clock,
            services.trigger_checks,
        )
        live = Live(user_id=user_id, unique_id=MARK, room_id="7001", started_at=START)
        device = SignedIn(
            user_id=user_id,
            jti=MARK,
            audience="mobile",
            device=MARK,
            token_version=1,
            created_at=START,
            expires_at=START.replace(year=START.year + 1),
        )
        uow.accounts._session.add_all([live, device])
    await services.accounts.update_settings(user_id, {"blocked_words": [MARK]})
    await services.tickets.open(user_id, "support", MARK, Act(f"user:{user_id}", START))
    return Estate(
        user_id=user_id,
        trigger=saved.id,
        event="m7",
        device=device.id,
        live_id=live.id,
        entry_id=await _entry_of(services.db, user_id),
        filename=sound.filename,
        order_id=world["order"],
        charge_id=world["charge"],
        license_id=world["license"],
        ticket_id=world["ticket"],
        broadcast_id=world["draft"],
    )


def as_dict(estate: Estate) -> dict[str, Any]:
    return structs.asdict(estate)


async def dump(db: Database) -> dict[str, list[str]]:
    """All rows of all tables, but for the numbers that are set aside for whoever tries something out."""
    async with db.read() as uow:
        session = uow.accounts._session
        return {
            table.name: sorted(map(repr, (await session.execute(select(*_kept(table)))).all()))
            for table in Base.metadata.sorted_tables
        }


def _kept(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name != "seq_reserved"]


async def _entry_of(db: Database, user_id: int) -> int:
    async with db.read() as uow:
        return (await uow.ledger.entries_of(user_id, limit=1))[0].id


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
