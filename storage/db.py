"""The database as the rest of the program sees it: two ways to open a unit of work."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from storage.repositories.accounts import AccountRepository
from storage.repositories.audit import AuditRepository
from storage.repositories.gifts import GiftRepository
from storage.repositories.history import HistoryRepository
from storage.repositories.journal import JournalRepository
from storage.repositories.licenses import LicenseRepository
from storage.repositories.lives import LiveRepository
from storage.repositories.sounds import SoundRepository
from storage.repositories.triggers import TriggerRepository

DatabaseError = SQLAlchemyError
"""What the database may raise; `core` catches it by this name where it must go on."""


class UnitOfWork:
    """One transaction and the repositories that share it. Nobody commits it but `Database`."""

    def __init__(self, session: AsyncSession) -> None:
        self.accounts = AccountRepository(session)
        self.audit = AuditRepository(session)
        self.gifts = GiftRepository(session)
        self.history = HistoryRepository(session)
        self.journal = JournalRepository(session)
        self.licenses = LicenseRepository(session)
        self.lives = LiveRepository(session)
        self.sounds = SoundRepository(session)
        self.triggers = TriggerRepository(session)


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_async_engine(url)
        if self.file:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        writer = self._engine
        if self.is_embedded:
            _configure_sqlite(self._engine)
            writer = self._engine.execution_options(sqlite_begin="IMMEDIATE")
        self._reading = async_sessionmaker(self._engine, expire_on_commit=False)
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
    def engine(self) -> AsyncEngine:
        """For migrations and backups only."""
        return self._engine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[UnitOfWork]:
        async with self._reading() as session:
            yield UnitOfWork(session)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[UnitOfWork]:
        """Commit when the block ends, roll back when it raises. Await nothing but the database inside."""
        async with self._writing.begin() as session:
            yield UnitOfWork(session)

    async def close(self) -> None:
        await self._engine.dispose()


def _configure_sqlite(engine: AsyncEngine) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours, below
        cursor = connection.cursor()
        for pragma in ("busy_timeout=10000", "journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred writer that reads first can fail with SQLITE_BUSY at its first
        # write, where no time-out helps; IMMEDIATE queues it at BEGIN instead.
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")
