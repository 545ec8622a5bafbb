import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from storage import backup
from storage.backup import BadBackup, InUse
from storage.db import Database
from storage.media import MediaStore


@pytest.fixture
def database_url(embedded_url: str) -> str:
    return embedded_url


@pytest.fixture
def secrets_file(tmp_path: Path) -> Path:
    file = tmp_path / "secrets.toml"
    file.write_text("master = 1")
    return file


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(f"file:{tmp_path / 'media'}")


@pytest.fixture
async def file(db: Database, media: MediaStore, secrets_file: Path, tmp_path: Path) -> Path:
    """A backup with a mark in the database, a sound and some speech."""
    async with db.begin() as uow:
        await uow.accounts.set_meta("mark", "kept")
    await media.put("sounds/one.mp3", b"ring")
    await media.put("speech/espeak/two.mp3", b"said")
    await backup.write(db, media, secrets_file, tmp_path / "backup.tar")
    return tmp_path / "backup.tar"


def mark_in(database: Path) -> str | None:
    with closing(sqlite3.connect(database)) as connection:
        row = connection.execute("SELECT value FROM meta WHERE key = 'mark'").fetchone()
    return row[0] if row else None


async def test_a_backup_is_restored_whole(file: Path, tmp_path: Path):
    other = MediaStore(f"file:{tmp_path / 'other' / 'media'}")

    count = await backup.restore(
        file, tmp_path / "other" / "new.db", other, tmp_path / "other" / "secrets.toml"
    )

    assert count == 1
    assert mark_in(tmp_path / "other" / "new.db") == "kept"
    assert await other.get("sounds/one.mp3") == b"ring"
    assert (tmp_path / "other" / "secrets.toml").read_text() == "master = 1"


async def test_speech_is_left_out(file: Path):
    with tarfile.open(file) as archive:
        assert sorted(archive.getnames()) == ["media/sounds/one.mp3", "secrets.toml", "ttboost.db"]


async def test_only_the_owner_can_read_a_backup(file: Path):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_nothing_else_is_left_behind(file: Path, tmp_path: Path):
    names = {one.name for one in tmp_path.iterdir()}

    assert names - {"test.db-wal", "test.db-shm"} == {"backup.tar", "media", "secrets.toml", "test.db"}


async def test_a_backup_taken_while_others_write_is_consistent(
    db: Database, media: MediaStore, secrets_file: Path, tmp_path: Path
):
    async def write(number: int) -> None:
        async with db.begin() as uow:
            await uow.accounts.set_meta(f"left{number}", "x")
            await uow.accounts.set_meta(f"right{number}", "x")

    writers = [write(number) for number in range(40)]
    await asyncio.gather(backup.write(db, media, secrets_file, tmp_path / "live.tar"), *writers)

    await backup.restore(tmp_path / "live.tar", tmp_path / "copy.db", media, secrets_file)
    with closing(sqlite3.connect(tmp_path / "copy.db")) as connection:
        count = "SELECT count(*) FROM meta WHERE key LIKE ?"
        left = connection.execute(count, ("left%",)).fetchone()
        assert left == connection.execute(count, ("right%",)).fetchone()


async def test_a_database_that_is_open_is_not_replaced(
    file: Path, db: Database, media: MediaStore, secrets_file: Path, tmp_path: Path
):
    async with db.begin() as uow:
        await uow.accounts.set_meta("mark", "newer")

    with pytest.raises(InUse):
        await backup.restore(file, tmp_path / "test.db", media, secrets_file)

    assert mark_in(tmp_path / "test.db") == "newer"


async def test_a_closed_one_is(
    file: Path, db: Database, media: MediaStore, secrets_file: Path, tmp_path: Path
):
    async with db.begin() as uow:
        await uow.accounts.set_meta("mark", "newer")
    await db.close()

    await backup.restore(file, tmp_path / "test.db", media, secrets_file)

    assert mark_in(tmp_path / "test.db") == "kept"


async def test_a_damaged_database_can_be_replaced(
    file: Path, db: Database, media: MediaStore, secrets_file: Path, tmp_path: Path
):
    await db.close()
    (tmp_path / "test.db").write_bytes(b"not a database" * 100)

    await backup.restore(file, tmp_path / "test.db", media, secrets_file)

    assert mark_in(tmp_path / "test.db") == "kept"


@pytest.mark.parametrize("content", [b"", b"nothing of ours", b"\0" * 20_480])
async def test_another_file_is_refused(media: MediaStore, secrets_file: Path, tmp_path: Path, content: bytes):
    (tmp_path / "other.tar").write_bytes(content)

    with pytest.raises(BadBackup):
        await backup.restore(tmp_path / "other.tar", tmp_path / "new.db", media, secrets_file)

    assert not (tmp_path / "new.db").exists()


async def test_a_cut_off_backup_changes_nothing(
    file: Path, media: MediaStore, secrets_file: Path, tmp_path: Path
):
    secrets_file.write_text("untouched")
    file.write_bytes(file.read_bytes()[:30_000])

    with pytest.raises(BadBackup):
        await backup.restore(file, tmp_path / "new.db", media, secrets_file)

    assert not (tmp_path / "new.db").exists()
    assert secrets_file.read_text() == "untouched"


WRITER = """
import asyncio, sys
from storage.db import Database

async def main():
    db = Database(sys.argv[1])
    for number in range(100_000):
        async with db.begin() as uow:
            await uow.accounts.set_meta(f"left{number}", "x")
            await uow.accounts.set_meta(f"right{number}", "x")
        print(number, flush=True)

asyncio.run(main())
"""


async def test_a_killed_process_loses_nothing_it_committed(database_url: str, tmp_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, database_url], stdout=subprocess.PIPE, text=True
    ) as writer:
        told = [int(writer.stdout.readline()) for _ in range(50)]
        writer.send_signal(signal.SIGKILL)

    with closing(sqlite3.connect(tmp_path / "test.db")) as connection:
        kept = {key for (key,) in connection.execute("SELECT key FROM meta")}
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert {f"left{number}" for number in told} <= kept
    assert {key.replace("left", "right") for key in kept if key.startswith("left")} <= kept
