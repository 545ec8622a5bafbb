"""Triggers and counters."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.live import Counter, TriggerRow


class TriggerRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_all(self, user_id: int) -> Sequence[TriggerRow]:
        """Oldest first."""
        query = select(TriggerRow).where(TriggerRow.user_id == user_id).order_by(TriggerRow.id)
        return (await self._session.scalars(query)).all()

    async def get(self, user_id: int, trigger_id: int, *, lock: bool = False) -> TriggerRow | None:
        """None also for somebody else's. `lock`: nobody else changes it until this transaction ends."""
        query = select(TriggerRow).where(TriggerRow.user_id == user_id, TriggerRow.id == trigger_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def add(self, row: TriggerRow) -> None:
        self._session.add(row)
        await self._session.flush()

    async def delete(self, row: TriggerRow) -> None:
        await self._session.delete(row)

    async def load_counters(self, user_id: int) -> dict[str, int]:
        rows = await self._session.execute(
            select(Counter.name, Counter.value).where(Counter.user_id == user_id)
        )
        return {row.name: row.value for row in rows}

    async def add_counters(self, user_id: int, deltas: Mapping[str, int]) -> None:
        """Raise (or lower) counters; one that is not there yet starts at 0."""
        # In one order, so that two writers on Postgres cannot wait for each other.
        rows = [{"user_id": user_id, "name": name, "value": deltas[name]} for name in sorted(deltas)]
        if rows:
            await self._session.execute(self._upsert(rows))

    def _upsert(self, rows: list[dict[str, Any]]) -> Any:
        dialect = self._session.get_bind().dialect.name
        insert = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(Counter).values(rows)
        return insert.on_conflict_do_update(
            index_elements=[Counter.user_id, Counter.name],
            set_={"value": Counter.value + insert.excluded.value},
        )
