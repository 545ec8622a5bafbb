"""Questions to the operator: opened by a user, answered by staff, each side told by a notice."""

from typing import Any, Protocol

import msgspec

from core import team
from core.account import require_user
from core.audit import Act
from core.clock import Clock
from core.config import Config
from core.errors import Invalid, KeyReused, NotFound, TicketClosed, TicketFull, TooManyTickets
from core.live.source import LiveStatus
from core.notices import NoticeKind, add
from core.ticket_views import TicketView, take_snapshot, view, without_money
from storage.db import Database, UnitOfWork
from storage.models import AuditEntry, Ticket, TicketMessage, TicketSide, TicketStatus, TicketTopic, User

MAX_OPEN = 3  # tickets of one user
MAX_TEXT = 3_000  # what fits into one Telegram message with some lines around it
MAX_MESSAGES = 200  # of one ticket


class LiveStates(Protocol):
    """`core.studios.Studios`."""

    async def status(self, user_id: int) -> LiveStatus: ...


class Tickets:
    def __init__(self, db: Database, config: Config, clock: Clock, lives: LiveStates) -> None:
        self._db = db
        self._config = config
        self._clock = clock
        self._lives = lives

    async def open(self, user_id: int, topic: str, text: str, by: Act) -> TicketView:
        """`topic`: `support` or `payment`. Raises `TooManyTickets`."""
        words = _checked(text)
        if topic not in list(TicketTopic):
            raise Invalid("topic: support or payment", field="topic")
        live = await self._lives.status(user_id)
        async with self._db.begin() as uow:
            user = await require_user(uow, user_id, lock=True)
            if await uow.tickets.count_open(user_id) >= MAX_OPEN:
                raise TooManyTickets(limit=MAX_OPEN)
            ticket = await uow.tickets.add(
                Ticket(
                    user_id=user_id,
                    topic=TicketTopic(topic),
                    status=TicketStatus.OPEN,
                    last_side=TicketSide.USER,
                    snapshot=await take_snapshot(uow, user, live, self._config, self._clock),
                    created_at=by.at,
                    updated_at=by.at,
                )
            )
            await self._said(uow, ticket, TicketSide.USER, words, by)
            return await _whole(uow, ticket)

    async def say(self, ticket_id: int, by: Act, text: str) -> TicketView:
        """By the user or by staff, whoever `by` is; the other side is told. Raises `TicketClosed`."""
        words = _checked(text)
        async with self._db.begin() as uow:
            ticket, side = await self._reach(uow, ticket_id, by)
            if earlier := await by.earlier(uow, "ticket.answer"):
                return await _said_before(uow, ticket, words, earlier)
            if await uow.tickets.count_messages(ticket.id) >= MAX_MESSAGES:
                raise TicketFull(limit=MAX_MESSAGES)
            ticket.last_side, ticket.updated_at = side, by.at
            await self._said(uow, ticket, side, words, by)
            if side is TicketSide.STAFF:
                by.note(uow, "ticket.answer", f"ticket:{ticket.id}")
            return await _whole(uow, ticket)

    async def close(self, ticket_id: int, by: Act) -> TicketView:
        """By either side; the user is told of what staff closed. Raises `TicketClosed`."""
        async with self._db.begin() as uow:
            ticket, side = await self._reach(uow, ticket_id, by)
            ticket.status, ticket.closed_at, ticket.updated_at = TicketStatus.CLOSED, by.at, by.at
            if side is TicketSide.STAFF:
                by.note(uow, "ticket.close", f"ticket:{ticket.id}")
                await _tell_user(uow, ticket, "closed", "")
            return await _whole(uow, ticket)

    async def list_open(self, limit: int = 50, offset: int = 0) -> tuple[list[TicketView], int]:
        """What has waited longest first; how many there are in all."""
        return await self.list_page(status=TicketStatus.OPEN, limit=limit, offset=offset)

    async def list_page(
        self,
        *,
        status: str | None = None,
        waiting_for: str | None = None,
        user_id: int | None = None,
        text: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[list[TicketView], int]:
        """`status`: `open`, `closed`; `waiting_for`: `user`, `staff`; `text`: see the repository."""
        async with self._db.read() as uow:
            rows, total = await uow.tickets.list_page(
                status=TicketStatus(status) if status else None,
                waiting_for=TicketSide(waiting_for) if waiting_for else None,
                user_id=user_id,
                text=text.strip(),
                limit=limit,
                offset=offset,
            )
            return [view(row, await require_user(uow, row.user_id)) for row in rows], total

    async def get(self, ticket_id: int) -> TicketView:
        """With its snapshot and everything that was said."""
        async with self._db.read() as uow:
            ticket = await uow.tickets.get(ticket_id)
            if ticket is None:
                raise NotFound
            return await _whole(uow, ticket)

    async def _reach(self, uow: UnitOfWork, ticket_id: int, by: Act) -> tuple[Ticket, TicketSide]:
        """The ticket, locked, and on which side `by` stands. To anybody else it does not exist."""
        ticket = await uow.tickets.get(ticket_id, lock=True)
        actor = await team.find_actor(uow, by)
        if ticket is None or actor is None or actor.is_banned:
            raise NotFound
        if actor.id == ticket.user_id:
            side = TicketSide.USER
        elif team.is_member(actor, self._config):
            side = TicketSide.STAFF
        else:
            raise NotFound
        if ticket.status is TicketStatus.CLOSED:
            raise TicketClosed
        return ticket, side

    async def _said(self, uow: UnitOfWork, ticket: Ticket, side: TicketSide, text: str, by: Act) -> None:
        is_first = not await uow.tickets.count_messages(ticket.id)
        line = await uow.tickets.add_message(
            TicketMessage(ticket_id=ticket.id, at=by.at, side=side, actor=by.actor, text=text)
        )
        if side is TicketSide.STAFF:
            await _tell_user(uow, ticket, "said", text, line.id)
            return
        user = await require_user(uow, ticket.user_id)
        for one in await team.list_members(uow, self._config):
            if one.telegram_id is not None and one.id != user.id:
                snapshot = self._shown_to(one, ticket) if is_first else {}
                await _tell_staff(uow, one.id, user, line, _about(ticket) | {"snapshot": snapshot})

    def _shown_to(self, one: User, ticket: Ticket) -> dict[str, Any]:
        return ticket.snapshot if team.is_admin(one, self._config) else without_money(ticket.snapshot)


async def _tell_user(
    uow: UnitOfWork, ticket: Ticket, event: str, text: str, line_id: int | None = None
) -> None:
    user = await require_user(uow, ticket.user_id)
    if user.telegram_id is None:
        return  # there is no chat to tell them in: they read it where they wrote
    key = f"ticket:{ticket.id}:{line_id or event}"
    about = _about(ticket)
    await add(
        uow,
        user.id,
        NoticeKind.TICKET,
        key,
        ticket.updated_at,
        **about,
        side=TicketSide.STAFF.value,
        event=event,
        text=text,
    )


async def _tell_staff(
    uow: UnitOfWork, staff_id: int, user: User, line: TicketMessage, about: dict[str, Any]
) -> None:
    event = "opened" if about["snapshot"] else "said"
    told = {**about, "side": TicketSide.USER.value, "event": event, "text": line.text}
    told["user"] = msgspec.to_builtins(team.person(user))
    await add(uow, staff_id, NoticeKind.TICKET, f"ticket:{line.ticket_id}:{line.id}", line.at, **told)


async def _whole(uow: UnitOfWork, ticket: Ticket) -> TicketView:
    lines = await uow.tickets.messages(ticket.id, MAX_MESSAGES)
    return view(ticket, await require_user(uow, ticket.user_id), lines, ticket.snapshot)


async def _said_before(uow: UnitOfWork, ticket: Ticket, words: str, earlier: AuditEntry) -> TicketView:
    found = await _whole(uow, ticket)
    said = [line.text for line in found.messages or [] if line.side == TicketSide.STAFF]
    if earlier.subject != f"ticket:{ticket.id}" or words not in said:
        raise KeyReused
    return found


def _about(ticket: Ticket) -> dict[str, Any]:
    return {"ticket_id": ticket.id, "topic": ticket.topic.value}


def _checked(text: str) -> str:
    words = text.strip()
    if not words or len(words) > MAX_TEXT:
        raise Invalid(f"text: 1 to {MAX_TEXT} characters", field="text")
    return words
