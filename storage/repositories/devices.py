"""Devices that hold a token."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import SignedIn


class DeviceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, device: SignedIn) -> None:
        self._session.add(device)
        await self._session.flush()

    async def list_open(self, user_id: int, token_version: int, now: datetime) -> Sequence[SignedIn]:
        """Whose token still opens something, the newest first."""
        query = select(SignedIn).where(
            SignedIn.user_id == user_id,
            SignedIn.token_version == token_version,
            SignedIn.ended_at.is_(None),
            SignedIn.expires_at > now,
        )
        return (await self._session.scalars(query.order_by(SignedIn.id.desc()))).all()

    async def set_seen(self, jtis: Collection[str], at: datetime) -> None:
        await self._session.execute(
            update(SignedIn).where(SignedIn.jti.in_(jtis)).values(last_seen_at=at),
            execution_options={"synchronize_session": False},
        )

    async def delete_expired(self, before: datetime) -> int:
        gone = delete(SignedIn).where(SignedIn.expires_at < before).returning(SignedIn.id)
        return len((await self._session.scalars(gone)).all())
