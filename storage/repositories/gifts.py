"""TikTok's gifts, shared by all streamers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Gift
from storage.repositories.upserts import insert_into


class GiftRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_all(self) -> Sequence[Gift]:
        """Cheapest first: a few thousand at most, since TikTok makes them."""
        query = select(Gift).order_by(Gift.diamond_count, func.lower(Gift.name), Gift.gift_id)
        return (await self._session.scalars(query)).all()

    async def save(self, gifts: Iterable[Mapping[str, Any]], at: datetime) -> None:
        """Add or update by `gift_id`. A known image outlives an empty one."""
        rows = [{**gift, "updated_at": at} for gift in gifts]
        if not rows:
            return
        statement = insert_into(self._session, Gift)
        new = statement.excluded
        changes = {
            "name": new.name,
            "diamond_count": new.diamond_count,
            "image": func.coalesce(func.nullif(new.image, ""), Gift.image),
            "updated_at": new.updated_at,
        }
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["gift_id"], set_=changes), rows
        )
