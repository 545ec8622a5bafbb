"""The database as a command finds it: with the schema this program works with, and made for it."""

import fcntl
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from core.audit import Act
from core.clock import Clock
from core.config import Config
from core.errors import Conflict, Unavailable
from core.secrets import FILE, Secrets, load_or_create
from storage import backup, migrations
from storage.db import Database, DatabaseError

log = structlog.get_logger(__name__)

Purpose = Literal["serve", "demo", "manage"]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works with."""

    config: Config
    db: Database
    secrets: Secrets
    clock: Clock

    def act(self) -> Act:
        """Something done now, from the command line."""
        return Act("cli", self.clock.now())


@asynccontextmanager
async def open_installation(config: Config, purpose: Purpose = "manage") -> AsyncIterator[Opened]:
    """Raises `Conflict` where the database is not one this program may work with for `purpose`."""
    secrets = load_or_create(config.data_dir)
    opened = Opened(config, Database(config.database_url), secrets, Clock())
    try:
        with nullcontext() if purpose == "manage" else hold(opened.db):
            await bring_up_to_date(opened.db, config.data_dir, opened.clock)
            await _check_marks(opened, purpose)
            yield opened
    finally:
        await opened.db.close()


@contextmanager
def hold(db: Database) -> Iterator[None]:
    """One server alone on an embedded database: two would each hear every LIVE and know nothing of the other.

    The system lets go of the lock when the process ends, however it ends.
    """
    if db.file is None:
        yield
        return
    lock = _locked(db.file)
    try:
        yield
    finally:
        os.close(lock)


def _locked(file: Path) -> int:
    lock = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        if isinstance(error, BlockingIOError):
            raise Conflict(f"another ttboost serves {file}: stop it first") from error
        raise
    return lock


async def bring_up_to_date(db: Database, data_dir: Path, clock: Clock) -> None:
    """An embedded database is upgraded, after a backup; a shared one is only checked."""
    revision = await revision_of(db)
    if revision == migrations.head():
        return
    check_known(revision)
    if not db.is_embedded:
        raise Conflict("the database is behind this version: run `ttboost db upgrade`")
    if revision is not None:
        copy = data_dir / "backups" / f"{clock.now():%Y%m%d-%H%M%S}-revision-{revision}.db"
        await backup.copy_database(db, copy)
        log.info("database_backed_up", file=str(copy))
    await migrations.upgrade(db)


async def upgrade_shared(db: Database) -> None:
    check_known(await revision_of(db))
    await migrations.upgrade(db)


async def _check_marks(opened: Opened, purpose: Purpose) -> None:
    """The secrets a database was made with and whether it is a demo stand in the database itself."""
    async with opened.db.read() as uow:
        made_with = await uow.accounts.get_meta("secrets")
        is_demo = await uow.accounts.get_meta("demo") is not None
        is_used = await uow.accounts.count_users() > 0
    url = opened.db.shown_url
    if purpose == "serve" and is_demo:
        raise Conflict(f"{url} is a demo database: serve needs one of its own")
    if purpose == "demo" and is_used and not is_demo:
        raise Conflict(f"{url} is not a demo database")
    _check_secrets(made_with or opened.secrets.fingerprint, opened)
    if made_with is None or (purpose == "demo" and not is_demo):
        await _mark(opened, purpose)


async def _mark(opened: Opened, purpose: Purpose) -> None:
    """Of processes that start at once on a new database, with secrets of their own, one goes on."""
    async with opened.db.begin() as uow:
        _check_secrets(await uow.accounts.keep_meta("secrets", opened.secrets.fingerprint), opened)
        if purpose == "demo":
            await uow.accounts.set_meta("demo", "yes")


def _check_secrets(made_with: str, opened: Opened) -> None:
    file = opened.config.data_dir / FILE
    if made_with != opened.secrets.fingerprint:
        raise Conflict(f"{file} is not what this database was made with: put the right one there")


async def revision_of(db: Database) -> str | None:
    try:
        return await migrations.current(db)
    except (DatabaseError, OSError) as error:
        raise Unavailable(f"cannot open the database: {reason(error)}") from error


def reason(error: Exception) -> str:
    """The database's own words, on one line."""
    return " ".join(str(getattr(error, "orig", None) or error).split())


def check_known(revision: str | None) -> None:
    if revision is not None and not migrations.is_known(revision):
        raise Conflict(f"the database was made by a newer ttboost (revision {revision}): upgrade the program")
