"""What is forgotten with time, in batches: nobody waits long for the rows, or for the turn to write."""

from datetime import datetime
from typing import cast

from sqlalchemy import Table, and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import HistoryRow, Live, LiveViewer

_HISTORY = cast("Table", HistoryRow.__table__)


class RetentionRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def purge_history(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` rows older than `before`; how many went."""
        # Rows come in the order of time: the oldest are the first, and no index of times is needed.
        first = select(HistoryRow.id, HistoryRow.at).order_by(HistoryRow.id).limit(limit)
        found = [row.id for row in await self._session.execute(first) if row.at < before]
        if found:
            await self._session.execute(_HISTORY.delete().where(_HISTORY.c.id.in_(found)))
        return len(found)

    async def purge_viewers(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` of those who were in LIVEs that began before; how many went. Totals stay."""
        # So do LIVEs; what comes first by the primary key is a run of rows, told by where it ends.
        first = select(LiveViewer.live_id, LiveViewer.viewer_id, Live.started_at).join(
            Live, Live.id == LiveViewer.live_id
        )
        first = first.order_by(LiveViewer.live_id, LiveViewer.viewer_id).limit(limit)
        old = [row for row in await self._session.execute(first) if row.started_at < before]
        if old:
            until = and_(LiveViewer.live_id == old[-1].live_id, LiveViewer.viewer_id <= old[-1].viewer_id)
            whole = {row.live_id for row in old} - {old[-1].live_id}
            await self._session.execute(delete(LiveViewer).where(or_(LiveViewer.live_id.in_(whole), until)))
        return len(old)
