"""The database as the rest of the program sees it: two ways to open a unit of work."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.pool import QueuePool

from storage.engines import make_engine, take_time
from storage.models import ChangeKind
from storage.repositories.accounts import AccountRepository
from storage.repositories.admin import AdminRepository
from storage.repositories.audit import AuditRepository
from storage.repositories.broadcasts import BroadcastRepository
from storage.repositories.devices import DeviceRepository
from storage.repositories.gifts import GiftRepository
from storage.repositories.history import HistoryRepository
from storage.repositories.identity import IdentityRepository
from storage.repositories.joining import JoiningRepository
from storage.repositories.journal import JournalRepository
from storage.repositories.lasting import LastingRepository
from storage.repositories.leases import LeaseRepository
from storage.repositories.leaving import ExportRepository, LeavingRepository
from storage.repositories.ledger import LedgerRepository
from storage.repositories.licenses import LicenseRepository
from storage.repositories.lives import LiveRepository
from storage.repositories.notices import NoticeRepository
from storage.repositories.orders import OrderRepository
from storage.repositories.payments import PaymentRepository
from storage.repositories.referrals import ReferralRepository
from storage.repositories.retention import RetentionRepository
from storage.repositories.sales import SaleRepository
from storage.repositories.sounds import SoundRepository
from storage.repositories.standing import StandingRepository
from storage.repositories.telegram import TelegramRepository
from storage.repositories.tickets import TicketRepository
from storage.repositories.triggers import TriggerRepository
from storage.writers import Writers, WritersBusy

DatabaseError = SQLAlchemyError
"""What the database may raise; `core` catches it by this name where it must go on."""

DatabaseBusy = WritersBusy
"""Among them, what an embedded one raises where too many write."""


class OnDone(Protocol):
    """Hears how long each unit of work took; must return at once."""

    def __call__(self, seconds: float, /, *, writes: bool) -> None: ...


def _unheeded(_seconds: float, /, *, writes: bool) -> None:
    """Nobody counts."""


class UnitOfWork:
    """One transaction and the repositories that share it. Nobody commits it but `Database`."""

    def __init__(self, session: AsyncSession) -> None:
        self.accounts = AccountRepository(session)
        self.admin = AdminRepository(session)
        self.audit = AuditRepository(session)
        self.broadcasts = BroadcastRepository(session)
        self.devices = DeviceRepository(session)
        self.gifts = GiftRepository(session)
        self.history = HistoryRepository(session)
        self.identity = IdentityRepository(session)
        self.joining = JoiningRepository(session)
        self.journal = JournalRepository(session)
        self.export = ExportRepository(session)
        self.lasting = LastingRepository(session)
        self.leaving = LeavingRepository(session)
        self.leases = LeaseRepository(session)
        self.ledger = LedgerRepository(session)
        self.licenses = LicenseRepository(session)
        self.lives = LiveRepository(session)
        self.notices = NoticeRepository(session)
        self.payments = PaymentRepository(session)
        self.referrals = ReferralRepository(session)
        self.retention = RetentionRepository(session)
        self.sales = SaleRepository(session)
        self.orders = OrderRepository(session)
        self.sounds = SoundRepository(session)
        self.standing = StandingRepository(session)
        self.tickets = TicketRepository(session)
        self.telegram = TelegramRepository(session)
        self.triggers = TriggerRepository(session)


class Database:
    """`writers`: who waits for whom where the database is embedded; others do that themselves."""

    def __init__(self, url: str, writers: Writers | None = None) -> None:
        self.url = url
        self._writers = writers or Writers()
        self._engine = make_engine(url)
        if self.file:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        reader = writer = self._engine
        if self.is_embedded:
            writer = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        else:  # READ COMMITTED sees as much, and costs two more ways to the server: BEGIN and ROLLBACK
            reader = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.on_done: OnDone = _unheeded
        self._watchers: list[Callable[[int, ChangeKind], None]] = []
        self._reading = async_sessionmaker(reader, expire_on_commit=False)
        self._writing = async_sessionmaker(writer, expire_on_commit=False)

    @property
    def is_embedded(self) -> bool:
        return self._engine.dialect.name == "sqlite"

    @property
    def file(self) -> Path | None:
        """Of an embedded database, unless it is in memory."""
        name = self._engine.url.database if self.is_embedded else None
        return Path(name) if name and name != ":memory:" else None

    @property
    def shown_url(self) -> str:
        """Without its password."""
        return self._engine.url.render_as_string()

    @property
    def connections(self) -> tuple[int, int]:
        """In use, and how many there may be; no bound: 0."""
        pool = self._engine.pool
        if not isinstance(pool, QueuePool):
            return 0, 0
        return pool.checkedout(), pool.size() + pool._max_overflow  # noqa: SLF001 - told nowhere else

    @property
    def engine(self) -> AsyncEngine:
        """For migrations and backups only."""
        return self._engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        with self._timed(writes=False):
            async with self._reading() as session:
                yield UnitOfWork(session)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[UnitOfWork]:
        """As `read`, and all that is read is of one moment, however long the reading takes."""
        async with self._reading() as session:
            if not self.is_embedded:  # SQLite reads like this anyway
                options = {"isolation_level": "REPEATABLE READ"}
                await take_time(await session.connection(execution_options=options))
            yield UnitOfWork(session)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        """Commit when the block ends, roll back when it raises. Await nothing but the database inside.

        Raises `DatabaseBusy` where the turn to write does not come.
        """
        with self._timed(writes=True):
            async with self._written() as uow:
                yield uow
        for user_id, kind in dict.fromkeys(uow.accounts.noted):
            for watcher in self._watchers:
                watcher(user_id, kind)

    @asynccontextmanager
    async def _written(self) -> AsyncIterator[UnitOfWork]:
        async with (
            self._writers.turn() if self.is_embedded else nullcontext(),
            self._writing.begin() as session,
        ):
            yield UnitOfWork(session)

    @contextmanager
    def _timed(self, *, writes: bool) -> Iterator[None]:
        """The wait for a connection, and for the turn to write, is part of it."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.on_done(time.perf_counter() - began, writes=writes)

    def watch(self, watcher: Callable[[int, ChangeKind], None]) -> None:
        """Called with what this process changed, as soon as it is committed; must return at once."""
        self._watchers.append(watcher)

    async def close(self) -> None:
        await self._engine.dispose()
