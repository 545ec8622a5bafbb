"""What goes on: LIVEs of this process, what was done by whom, how much there is of everything."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, structs

from core import team
from core.clock import Clock, iso
from core.crew import Speaker
from core.door import Door
from core.glance import Glance
from core.journal import Journal
from core.listener import Place
from core.live.source import LiveState
from core.team import Person
from storage.db import Database
from storage.models import AccountKind, User

MONEY_ACTIONS = ("wallet.", "payment.", "ledger.")  # of the audit log, which support does not see
MONEY_DETAILS = frozenset({"amount", "debt"})  # of entries, in minor units
FIGURES_SECONDS = 30.0  # as old as they may be: they count whole tables


class LiveRow(Struct, frozen=True, kw_only=True):
    user: Person
    tiktok_username: str | None
    state: str
    since: str
    room_id: str | None
    viewers: int | None
    error: str | None
    error_code: str | None
    last_frame_at: str | None
    cuts: int  # how often this LIVE's connection was lost
    listeners: dict[str, int]  # by place
    backlog_seconds: float


class AuditQuery(Struct, frozen=True, kw_only=True):
    actor: str = ""
    action: str = ""  # how it begins
    subject: str = ""
    limit: int = 50
    offset: int = 0


class AuditRow(Struct, frozen=True, kw_only=True):
    id: int
    at: str
    actor: str
    action: str
    subject: str
    details: dict[str, Any]


class Figures(Struct, frozen=True, kw_only=True):
    at: str
    users: dict[str, int]
    licenses: dict[str, int]  # keys, by status
    orders: dict[str, int]  # by status
    lives: dict[str, int]  # by state
    money: dict[str, int] | None  # in minor units, by kind of account; None: who asks sees no money


def as_told(money: Mapping[str, int]) -> dict[str, int]:
    """Accounts through which money comes in fall by what came: people read how much that was."""
    return {kind: -amount if kind in _FALLING else amount for kind, amount in money.items()}


_FALLING = frozenset({AccountKind.DEBT, AccountKind.STARS, AccountKind.ADJUSTMENTS, AccountKind.REWARDS})


class Waiting(Struct, frozen=True):
    """What somebody has still to do."""

    tickets: int  # for an answer
    notices: int  # to be sent by the bot
    oldest_notice_at: datetime | None  # of them


class Health(Struct, frozen=True, kw_only=True):
    speech_engine: str | None  # who speaks now; None: nobody
    history_lost: int  # rows that gave way because the database was stuck, since the start
    lives_failed: int
    tickets_waiting: int  # for an answer
    notices_waiting: int  # to be sent by the bot
    oldest_notice_at: str | None  # of them


class Watching:
    def __init__(self, db: Database, studios: Door, journal: Journal, speech: Speaker, clock: Clock) -> None:
        self._db = db
        self._studios = studios
        self._journal = journal
        self._speech = speech
        self._clock = clock
        self._figures: tuple[float, Figures] | None = None
        self._counting = asyncio.Lock()

    async def lives(self, text: str = "", state: str | None = None) -> list[LiveRow]:
        """Those that are heard first. `text`: part of a name."""
        open_now = await self._studios.glances()
        async with self._db.read() as uow:
            users = await uow.admin.names_of(one.user_id for one in open_now)
        rows = [_live(one, users[one.user_id]) for one in open_now if one.user_id in users]
        found = [row for row in rows if state in (None, row.state) and _is_of(row, text.strip())]
        return sorted(found, key=lambda row: (row.state != "live", row.user.id))

    async def audit(self, query: AuditQuery, *, with_money: bool) -> tuple[list[AuditRow], int]:
        async with self._db.read() as uow:
            rows, total = await uow.admin.audit(
                actor=query.actor.strip(),
                action=query.action.strip(),
                subject=query.subject.strip(),
                without=() if with_money else MONEY_ACTIONS,
                limit=query.limit,
                offset=query.offset,
            )
        return [
            AuditRow(
                id=row.id,
                at=iso(row.at),
                actor=row.actor,
                action=row.action,
                subject=row.subject,
                details=row.details,
            )
            for row in rows
        ], total

    async def figures(self, *, with_money: bool) -> Figures:
        """At most `FIGURES_SECONDS` old; LIVEs are of now."""
        figures = structs.replace(await self.totals(), lives=await self._count_lives())
        return figures if with_money else structs.replace(figures, money=None)

    async def totals(self) -> Figures:
        """What the database counts, at most `FIGURES_SECONDS` old; no LIVEs."""
        async with self._counting:
            known = self._figures
            if known is None or self._clock.monotonic() - known[0] >= FIGURES_SECONDS:
                known = self._figures = (self._clock.monotonic(), await self._count())
        return known[1]

    async def waiting(self) -> Waiting:
        async with self._db.read() as uow:
            notices, oldest = await uow.admin.notices_waiting(self._clock.now())
            return Waiting(await uow.admin.count_tickets_waiting(), notices, oldest)

    async def health(self) -> Health:
        """Of this process; raises what the database raises."""
        waiting = await self.waiting()
        oldest = waiting.oldest_notice_at
        return Health(
            speech_engine=self._speech.speaking_engine,
            history_lost=self._journal.lost,
            lives_failed=(await self._count_lives()).get(LiveState.FAILED, 0),
            tickets_waiting=waiting.tickets,
            notices_waiting=waiting.notices,
            oldest_notice_at=iso(oldest) if oldest else None,
        )

    async def _count(self) -> Figures:
        now = self._clock.now()
        async with self._db.read() as uow:
            return Figures(
                at=iso(now),
                users=await uow.admin.user_figures(now, now - timedelta(days=1), now - timedelta(days=7)),
                licenses=await uow.admin.license_figures(),
                orders=await uow.admin.order_figures(),
                lives={},
                money=await uow.admin.money_figures(),
            )

    async def _count_lives(self) -> dict[str, int]:
        states = [one.status.state.value for one in await self._studios.glances()]
        return {state: states.count(state) for state in sorted(set(states))}


def _is_of(row: LiveRow, text: str) -> bool:
    wanted, user = text.removeprefix("@").lower(), row.user
    names = (user.username, user.telegram_name, user.name, row.tiktok_username)
    return any(wanted in (name or "").lower() for name in names) or text == f"tg:{user.telegram_id}"


def _live(glance: Glance, user: User) -> LiveRow:
    status = glance.status
    return LiveRow(
        user=team.person(user),
        tiktok_username=glance.tiktok_username,
        state=status.state.value,
        since=iso(status.since),
        room_id=status.room_id,
        viewers=status.viewers,
        error=status.error,
        error_code=status.error_code,
        last_frame_at=iso(status.last_frame_at) if status.last_frame_at else None,
        cuts=glance.cuts,
        listeners={place.value: glance.count(place) for place in Place},
        backlog_seconds=round(glance.backlog.seconds, 1),
    )
