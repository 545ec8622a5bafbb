"""Accounts as they stand in the database, and the acts of their owners."""

from datetime import datetime
from typing import Any

from core.audit import Act
from storage.db import Database
from storage.models import Notice, User

AT = datetime.fromisoformat("2026-01-01T00:00:00Z")


async def person(db: Database, telegram_id: int | None, **fields: Any) -> User:
    """Reachable by Telegram where they have a chat."""
    user = User(telegram_id=telegram_id, created_at=AT, **{"is_reachable": telegram_id is not None, **fields})
    async with db.begin() as uow:
        assert await uow.accounts.add_user(user)
    return user


def act(user: User, at: datetime = AT) -> Act:
    return Act(f"user:{user.id}", at)


async def notices_of(db: Database, user: User) -> list[Notice]:
    """In the order they were written."""
    async with db.read() as uow:
        due = await uow.notices.due(datetime.max.replace(tzinfo=AT.tzinfo), 1_000)
    return [notice for notice in due if notice.user_id == user.id]


async def audited(db: Database) -> list[tuple[str, str, str]]:
    """Actor, action and subject of everything, oldest first."""
    async with db.read() as uow:
        rows = await uow.audit.list_page(limit=1_000)
    return [(row.actor, row.action, row.subject) for row in reversed(rows)]
