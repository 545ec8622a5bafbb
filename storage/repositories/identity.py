"""Tickets and link requests. Each is taken once: whoever deletes the row has it."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models.identity import LinkRequest, SignInTicket


class IdentityRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    # Tickets

    def add_ticket(self, ticket: SignInTicket) -> None:
        self._session.add(ticket)

    async def take_ticket(self, ticket_hash: str) -> SignInTicket | None:
        gone = delete(SignInTicket).where(SignInTicket.ticket_hash == ticket_hash).returning(SignInTicket)
        return (await self._session.scalars(gone)).one_or_none()

    async def count_tickets(self, user_id: int) -> int:
        query = select(func.count()).select_from(SignInTicket).where(SignInTicket.user_id == user_id)
        return await self._session.scalar(query) or 0

    async def delete_tickets(self, before: datetime) -> None:
        await self._session.execute(delete(SignInTicket).where(SignInTicket.expires_at <= before))

    # Link requests

    async def add_request(self, request: LinkRequest) -> LinkRequest:
        """In the place of the one the chat had."""
        await self._session.execute(delete(LinkRequest).where(LinkRequest.telegram_id == request.telegram_id))
        self._session.add(request)
        await self._session.flush()
        return request

    async def take_request(self, telegram_id: int, request_id: int) -> LinkRequest | None:
        """None also for another chat's."""
        mine = (LinkRequest.id == request_id, LinkRequest.telegram_id == telegram_id)
        gone = delete(LinkRequest).where(*mine).returning(LinkRequest)
        return (await self._session.scalars(gone)).one_or_none()
