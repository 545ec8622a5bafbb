"""Sounds and triggers as rows, without audio behind them."""

from datetime import UTC, datetime
from typing import Any

from core.sounds import names
from storage.db import Database
from storage.models import Sound, User
from storage.models.live import TriggerRow

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def add_account(db: Database, username: str = "rosa", **settings: Any) -> int:
    user = User(username=username, settings=settings, created_at=NOW)
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id


async def add_sound(db: Database, account_id: int, filename: str, **fields: Any) -> None:
    row = Sound(
        user_id=account_id,
        filename=filename,
        filename_folded=names.key(filename),
        **{"media_name": f"sounds/{names.key(filename)}", "duration": 1.0, "size": 1_000} | fields,
        created_at=NOW,
    )
    async with db.begin() as uow:
        await uow.sounds.add(row)


async def add_trigger(db: Database, account_id: int, params: dict[str, Any], name: str = "") -> None:
    row = TriggerRow(
        user_id=account_id,
        event_type="gift",
        params=params,
        action=params["type"],
        name=name,
        created_at=NOW,
        updated_at=NOW,
    )
    async with db.begin() as uow:
        await uow.triggers.add(row)


def plays(filename: str) -> dict[str, Any]:
    return {"type": "play_sound", "sound_filename": filename}
