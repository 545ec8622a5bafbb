"""Composition of what several processes need: who they are, and who of them has which streamers."""

import os
import secrets
import socket
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from core.access import Access
from core.accounts import Accounts
from core.cluster.context import Context
from core.cluster.exchange import Exchange
from core.cluster.far import FarStudios
from core.cluster.handover import Handover
from core.cluster.held import HeldStudios
from core.cluster.leases import Leases
from core.cluster.outbox import Outbox
from core.cluster.speech_notes import SpeechNotes
from core.cluster.worker import Worker
from core.config import Config
from core.crew import Crew
from core.door import Door
from core.errors import Invalid
from core.live.budgets import Budgets
from core.live.listening import Listeners
from core.live.source import LiveSource
from core.live.supervision import Supervise
from core.sounds.service import Sounds
from core.studios import Studios
from core.tasks import TaskPool
from storage.bus import Bus
from storage.redis_link import open_redis
from ttboost.database import Opened

ALL_ROLES = ("web", "bot", "live", "jobs")


@asynccontextmanager
async def open_bus(opened: Opened, roles: Collection[str]) -> AsyncIterator[Bus | None]:
    """None where one process does everything. Raises `Invalid` for roles that could not find each other."""
    config = opened.config
    is_shared = not opened.db.is_embedded and not config.bus.url.startswith("memory:")
    if set(roles) != set(ALL_ROLES):
        require_shared(config, is_embedded=opened.db.is_embedded)
    if not is_shared:
        yield None
        return
    async with open_redis(config.bus.url) as redis:
        yield Bus(redis) if redis else None


def require_shared(config: Config, *, is_embedded: bool) -> None:
    if is_embedded:
        raise Invalid(
            "--roles: several processes need a shared database: set database.url to postgresql+asyncpg://…",
            field="database.url",
        )
    if config.bus.url.startswith("memory:"):
        raise Invalid(
            "--roles: several processes need a bus to find each other: set bus.url to redis://…",
            field="bus.url",
        )


@dataclass(frozen=True, slots=True)
class Parts:
    """What studios are made of."""

    tasks: TaskPool
    access: Access
    accounts: Accounts
    sounds: Sounds
    crew: Crew
    way: tuple[LiveSource, Budgets]


@dataclass(frozen=True, slots=True)
class Houses:
    """Where studios are: what edges ask, and those of this process."""

    door: Door
    local: Studios | None
    worker: Worker | None = None
    far: FarStudios | None = None
    notes: SpeechNotes | None = None

    @asynccontextmanager
    async def running(self, drain_seconds: float) -> AsyncIterator[None]:
        """Given away at the end, as far as there is anybody to take them, and closed."""
        if self.far is not None and self.notes is not None:
            self.far.start(self.notes)
        if self.worker is not None:
            self.worker.start()
        try:
            yield
        finally:
            if self.worker is not None:
                await self.worker.drain(drain_seconds)
            if self.local is not None:
                self.local.close()


def build_houses(
    opened: Opened, bus: Bus | None, roles: Collection[str], parts: Parts, *, is_demo: bool
) -> Houses:
    live = opened.config.live
    if bus is None:
        studios = Studios(opened.config, opened.db, *_inside(opened, parts))
        studios.is_demo = is_demo or (live.source == "replay" and live.replay.path is None)
        return Houses(studios, studios)
    context = Context(_name(), bus, opened.db, opened.clock, parts.tasks)
    exchange = Exchange(context)
    far = FarStudios(context, exchange, parts.access, parts.accounts)
    notes = SpeechNotes(context)
    if "live" not in roles:
        return Houses(far, None, far=far, notes=notes)
    held = HeldStudios(opened.config, opened.db, *_inside(opened, parts))
    return Houses(far, held, _worker(context, exchange, held, parts, notes), far, notes)


def _inside(opened: Opened, parts: Parts) -> tuple[Accounts, Access, Sounds, Crew, Supervise]:
    listeners = Listeners(*parts.way, opened.clock, parts.tasks)
    return parts.accounts, parts.access, parts.sounds, parts.crew, listeners


def _worker(
    context: Context, exchange: Exchange, studios: HeldStudios, parts: Parts, notes: SpeechNotes
) -> Worker:
    leases = Leases(context)
    outbox = Outbox(context.bus, leases.token)
    outbox.before = notes.flush
    studios.share(leases, outbox, context.bus, parts.way)
    handover = Handover(context, exchange, leases, outbox, studios, parts.crew.journal)
    return Worker(context, leases, outbox, studios, handover)


def _name() -> str:
    """Tells an operator where it runs; never the same twice."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(4)}"
