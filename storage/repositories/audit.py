"""What somebody with power did."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import AuditEntry


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, actor: str, action: str, subject: str, at: datetime, **details: Any) -> None:
        self._session.add(AuditEntry(actor=actor, action=action, subject=subject, at=at, details=details))

    async def list_since(self, actor: str, action: str, since: datetime) -> Sequence[AuditEntry]:
        query = select(AuditEntry).where(
            AuditEntry.at > since, AuditEntry.actor == actor, AuditEntry.action == action
        )
        return (await self._session.scalars(query)).all()

    async def list_page(
        self, *, subject: str | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[AuditEntry]:
        """Newest first."""
        query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit).offset(offset)
        if subject:
            query = query.where(AuditEntry.subject == subject)
        return (await self._session.scalars(query)).all()
