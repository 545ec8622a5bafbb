"""A streamer's triggers in a real database, each call in a transaction of its own."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from core.clock import Clock
from core.config import Plan
from core.plan_limits import Terms
from core.triggers import service
from core.triggers.intake import Allowed, TriggerBody
from core.triggers.model import Trigger
from core.triggers.service import Checks
from storage.db import Database, UnitOfWork
from storage.models.accounts import ChangeKind, User

SOUNDS = {"rose.mp3", "lion.mp3", "chime"}
ROSE = {
    "event_type": "gift",
    "condition_key": "gift_name",
    "condition_value": "Rose",
    "action": "play_sound",
    "action_params": {"sound_filename": "rose.mp3"},
}
LION = ROSE | {"condition_value": "Lion", "action_params": {"sound_filename": "lion.mp3"}}
CLOCK = Clock()


async def has_sound(_uow: UnitOfWork, _user_id: int, filename: str) -> bool:
    return filename in SOUNDS


CHECKS = Checks(Allowed(has_voice=bool, has_image=bool, has_webhooks=True), has_sound)


class Desk:
    """One streamer's triggers, each call in a transaction of its own."""

    def __init__(self, db: Database, user_id: int) -> None:
        self.db = db
        self.user_id = user_id
        self.plan = Plan(title="Test", triggers=5)

    @property
    def terms(self) -> Terms:
        return Terms(self.plan, {"test": self.plan})

    async def save(self, **fields: Any) -> Trigger:
        body = msgspec.convert(fields, TriggerBody)
        async with self.db.begin() as uow:
            return await service.save(uow, self.user_id, body, self.terms, CLOCK, CHECKS)

    async def saved(self) -> list[Trigger]:
        async with self.db.read() as uow:
            return await service.list_all(uow, self.user_id)

    async def delete(self, trigger_id: int) -> None:
        async with self.db.begin() as uow:
            await service.delete(uow, self.user_id, trigger_id, CLOCK)

    async def delivered(self, trigger_id: int, *, is_delivered: bool) -> bool:
        async with self.db.begin() as uow:
            return await service.note_delivery(
                uow, self.user_id, trigger_id, CLOCK, is_delivered=is_delivered
            )

    async def changes(self) -> list[tuple[int, ChangeKind]]:
        async with self.db.read() as uow:
            return [(change.user_id, change.kind) for change in await uow.accounts.changes_after(0)]


async def new_user(db: Database, name: str) -> int:
    user = User(username=name, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id
