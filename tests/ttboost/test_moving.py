"""`ttboost db copy`, as somebody types it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.media import MediaStore
from ttboost import moving


@pytest.fixture
def target(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"


@pytest.fixture
def source(tmp_path: Path, ttboost) -> str:
    ttboost("wallet", "credit", "tg:77", "12.5", "--reason", "welcome")
    return f"sqlite+aiosqlite:///{tmp_path / 'data' / 'ttboost.db'}"


def test_what_was_copied_as_of_when_is_told(ttboost, source: str, target: str):
    code, out, err = ttboost("db", "copy", "--from", source, "--to", target)

    assert (code, err) == (0, "")
    assert out.startswith(f"{target}: ")
    assert " rows as of 20" in out
    assert out.endswith("verified; what was written since is not in it")


def test_a_second_time_it_is_refused(ttboost, source: str, target: str):
    ttboost("db", "copy", "--from", source, "--to", target)

    code, out, err = ttboost("db", "copy", "--from", source, "--to", target)

    assert (code, out) == (1, "")
    assert err.startswith("error: the target is not empty: ")


def test_a_source_that_is_not_there_is_not_made(ttboost, target: str, tmp_path: Path):
    missing = tmp_path / "missing.db"

    code, _, err = ttboost("db", "copy", "--from", f"sqlite+aiosqlite:///{missing}", "--to", target)

    assert (code, err) == (1, f"error: {missing} is not there")
    assert not missing.exists()


@pytest.mark.parametrize("url", ["postgres://host/name", "data/ttboost.db", ""])
def test_what_is_no_database_of_ours_is_refused(ttboost, source: str, url: str):
    code, _, err = ttboost("db", "copy", "--from", source, "--to", url)

    assert code == 1
    assert err.startswith("error: a database is sqlite+aiosqlite:///FILE or postgresql+asyncpg://")


def test_a_ledger_that_does_not_hold_is_not_copied(ttboost, source: str, target: str, tmp_path: Path):
    with closing(sqlite3.connect(tmp_path / "data" / "ttboost.db")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE ledger_entries SET amount = amount + 1")

    code, _, err = ttboost("db", "copy", "--from", source, "--to", target)

    assert code == 1
    assert err.startswith("error: the ledger does not hold (")


def test_a_server_that_does_not_answer_is_one_line(ttboost, source: str):
    code, _, err = ttboost(
        "db", "copy", "--from", source, "--to", "postgresql+asyncpg://u:pl4nted@127.0.0.1:9/n"
    )

    assert code == 1
    assert err.startswith("error: cannot open the database: ")
    assert "pl4nted" not in err


def test_media_come_along_without_speech(ttboost, source: str, target: str, tmp_path: Path):
    (tmp_path / "data" / "media" / "speech").mkdir(parents=True)
    (tmp_path / "data" / "media" / "ring.mp3").write_bytes(b"ring")
    (tmp_path / "data" / "media" / "speech" / "said.mp3").write_bytes(b"said")

    code, out, _ = ttboost(
        "db", "copy", "--from", source, "--to", target, "--media", f"file:{tmp_path / 'new'}"
    )

    assert code == 0
    assert out.endswith("1 media files copied")
    assert [one.name for one in (tmp_path / "new").rglob("*.mp3")] == ["ring.mp3"]


async def test_media_that_are_there_are_not_copied_again(tmp_path: Path):
    old, new = MediaStore(f"file:{tmp_path / 'old'}"), MediaStore(f"file:{tmp_path / 'new'}")
    await old.put("sounds/one.mp3", b"ring")

    assert await moving.copy_media(old, new) == 1
    assert await moving.copy_media(old, new) == 0
