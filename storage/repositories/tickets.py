"""Tickets and what was said in them."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.support import Ticket, TicketMessage, TicketSide, TicketStatus


class TicketRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, ticket_id: int, *, lock: bool = False) -> Ticket | None:
        query = select(Ticket).where(Ticket.id == ticket_id)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return (await self._session.scalars(query)).one_or_none()

    async def add(self, ticket: Ticket) -> Ticket:
        self._session.add(ticket)
        await self._session.flush()
        return ticket

    async def add_message(self, message: TicketMessage) -> TicketMessage:
        self._session.add(message)
        await self._session.flush()
        return message

    async def messages(self, ticket_id: int, limit: int) -> Sequence[TicketMessage]:
        """The newest, in the order they were said."""
        query = select(TicketMessage).where(TicketMessage.ticket_id == ticket_id)
        newest = (await self._session.scalars(query.order_by(TicketMessage.id.desc()).limit(limit))).all()
        return newest[::-1]

    async def count_messages(self, ticket_id: int) -> int:
        query = select(func.count()).select_from(TicketMessage).where(TicketMessage.ticket_id == ticket_id)
        return await self._session.scalar(query) or 0

    async def count_open(self, user_id: int) -> int:
        query = select(func.count()).select_from(Ticket)
        query = query.where(Ticket.user_id == user_id, Ticket.status == TicketStatus.OPEN)
        return await self._session.scalar(query) or 0

    async def list_page(
        self,
        *,
        status: TicketStatus | None,
        waiting_for: TicketSide | None = None,
        user_id: int | None = None,
        limit: int,
        offset: int,
    ) -> tuple[Sequence[Ticket], int]:
        """What has waited longest first; how many there are in all."""
        query = select(Ticket)
        if status is not None:
            query = query.where(Ticket.status == status)
        if waiting_for is not None:
            query = query.where(Ticket.last_side != waiting_for)
        if user_id is not None:
            query = query.where(Ticket.user_id == user_id)
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        page = query.order_by(Ticket.updated_at, Ticket.id).limit(limit).offset(offset)
        return (await self._session.scalars(page)).all(), total or 0
