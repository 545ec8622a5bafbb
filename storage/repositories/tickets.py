"""Tickets and what was said in them."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.accounts import User
from storage.models.support import Ticket, TicketMessage, TicketSide, TicketStatus
from storage.repositories.admin import is_named


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
        text: str = "",
        limit: int,
        offset: int,
    ) -> tuple[Sequence[Ticket], int]:
        """What has waited longest first; how many there are in all. `text`: as in `_is_about`."""
        query = select(Ticket)
        if text:
            query = query.join(User, User.id == Ticket.user_id).where(_is_about(text))
        if status is not None:
            query = query.where(Ticket.status == status)
        if waiting_for is not None:
            query = query.where(Ticket.last_side != waiting_for)
        if user_id is not None:
            query = query.where(Ticket.user_id == user_id)
        total = await self._session.scalar(select(func.count()).select_from(query.subquery()))
        page = query.order_by(Ticket.updated_at, Ticket.id).limit(limit).offset(offset)
        return (await self._session.scalars(page)).all(), total or 0


def _is_about(text: str) -> ColumnElement[bool]:
    """`#3` is one ticket; else who asks, as lists of accounts find them, or part of what was said."""
    number = text.removeprefix("#")
    if number != text and number.isascii() and number.isdigit() and len(number) < 10:
        return Ticket.id == int(number)
    said = select(TicketMessage.ticket_id).where(TicketMessage.text.icontains(text, autoescape=True))
    return or_(is_named(text), Ticket.id.in_(said))
