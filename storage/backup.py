"""Copies of a database and its media, taken while the program runs.

The database in them is always an embedded one, whatever it was: it can be put in place of either kind.
"""

import asyncio
import io
import os
import secrets
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import IO, TYPE_CHECKING

from storage import migrations
from storage.copying import InUse, copying
from storage.db import Database

if TYPE_CHECKING:
    from storage.media import MediaStore  # heavy, and not needed to back up a database alone

DATABASE = "ttboost.db"
SECRETS = "secrets.toml"
MEDIA = "media/"
REMADE = ("speech/",)  # speech is a cache


class BadBackup(Exception):
    """The file is no backup of ours, or a damaged one."""


async def copy_database(database: Database, target: Path) -> None:
    """A consistent copy; writers go on meanwhile. The file appears whole or not at all."""
    source = database.engine.url.database
    if not database.is_embedded or not source:
        raise ValueError("only an embedded database can be copied")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    await asyncio.to_thread(_replace, target, lambda draft: _copy(Path(source), draft))


async def write(database: Database, media: "MediaStore", secrets_file: Path, target: Path) -> int:
    """Everything a new machine needs, into one file only its owner can read. Returns how many media files."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        copy = Path(folder) / DATABASE
        await (copy_database(database, copy) if database.is_embedded else _copy_shared(database, copy))
        # After the database, so that whatever it names is among the media.
        names = [one.name for one in await media.list() if not one.name.startswith(REMADE)]
        draft = Path(folder) / "backup.tar"
        with tarfile.open(draft, "w") as archive:
            draft.chmod(0o600)
            archive.add(copy, DATABASE)
            archive.add(secrets_file, SECRETS)
            for name in names:
                _add(archive, MEDIA + name, await media.get(name))
        draft.replace(target)
    return len(names)


async def restore(source: Path, database_file: Path, media: "MediaStore", secrets_file: Path) -> int:
    """Put a backup in place of what is there. Raises `InUse`, `BadBackup`."""
    await asyncio.to_thread(_check_unused, database_file)

    async def place(made: Path) -> None:
        await asyncio.to_thread(made.replace, database_file)

    database_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return await _restored(source, database_file.parent, place, media, secrets_file)


async def restore_shared(
    source: Path, database: Database, media: "MediaStore", secrets_file: Path, *, replace: bool
) -> int:
    """The same into a server's. Raises `NotEmpty` too, unless what is there shall be replaced."""

    async def place(made: Path) -> None:
        old = Database(f"sqlite+aiosqlite:///{made}")
        try:
            await migrations.upgrade(old)
            async with copying(old, database, replace=replace):
                pass
        finally:
            await old.close()

    secrets_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return await _restored(source, secrets_file.parent, place, media, secrets_file)


async def _restored(
    source: Path,
    near: Path,
    place: Callable[[Path], Awaitable[None]],
    media: "MediaStore",
    secrets_file: Path,
) -> int:
    try:
        with (
            tarfile.open(source) as archive,
            tempfile.TemporaryDirectory(dir=near, prefix=".restore-") as folder,
        ):
            names = [name for name in archive.getnames() if name.startswith(MEDIA)]
            database = Path(folder) / DATABASE
            await asyncio.to_thread(_extract, archive, DATABASE, database)
            await asyncio.to_thread(_check, database)
            _extract(archive, SECRETS, Path(folder) / SECRETS)  # whole, before anything is replaced
            for name in names:
                await media.put(name.removeprefix(MEDIA), _open(archive, name).read())
            await place(database)
            _replace(secrets_file, lambda draft: _extract(archive, SECRETS, draft))
    except (tarfile.TarError, KeyError, sqlite3.DatabaseError, EOFError) as error:
        raise BadBackup(f"{source} is no backup, or damaged") from error
    return len(names)


async def _copy_shared(database: Database, target: Path) -> None:
    copy = Database(f"sqlite+aiosqlite:///{target}")
    try:
        async with copying(database, copy):
            pass
    finally:
        await copy.close()


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=10)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _check_unused(file: Path) -> None:
    """Leaving the write-ahead log is only possible alone; it also empties the log into the file."""
    if not file.exists():
        return
    with closing(sqlite3.connect(file, timeout=1)) as connection:
        try:
            connection.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError as error:
            raise InUse(f"{file} is in use: stop ttboost first") from error
        except sqlite3.DatabaseError:
            return  # damaged: the best reason to restore


def _check(database: Path) -> None:
    """Raises `sqlite3.DatabaseError` where it is none."""
    with closing(sqlite3.connect(database)) as connection:
        (answer,) = connection.execute("PRAGMA quick_check").fetchone()
    if answer != "ok":
        raise sqlite3.DatabaseError(answer)


def _replace(target: Path, make: Callable[[Path], None]) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        make(draft)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _extract(archive: tarfile.TarFile, name: str, target: Path) -> None:
    with _open(archive, name) as member, target.open("wb") as out:
        shutil.copyfileobj(member, out)
        out.flush()
        os.fsync(out.fileno())
    target.chmod(0o600)


def _open(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.extractfile(name)
    if member is None:
        raise BadBackup(f"{name} is no file")
    return member


def _add(archive: tarfile.TarFile, name: str, data: bytes | None) -> None:
    """`data` None: deleted since it was listed."""
    if data is None:
        return
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
