"""A database moved into another: SQLite into the server's and back, or into another file."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from core.audit import Act
from core.money import ledger
from core.money.ledger import Movement
from core.money.verify import prove
from storage import backup, migrations
from storage.copying import Differs, InUse, NotEmpty, copying
from storage.db import Database
from storage.media import MediaStore
from storage.models import AccountKind, EntryKind, Gift, User
from tests.conftest import IS_POSTGRES, execute, named

BY = Act("system", datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC))


async def fill(db: Database) -> None:
    """Money that moved, texts of all scripts, and a user who left with the highest id."""
    async with db.begin() as uow:
        user, gone = (
            User(telegram_id=number, created_at=BY.at, settings={"voice": "Кот 🐈", "n": [1.5, None]})
            for number in (7, 8)
        )
        await uow.accounts.add_user(user)
        await uow.accounts.add_user(gone)
        for name in ("ä", "Z", "a", "Б"):
            await uow.accounts.set_meta(name, name)
        money_in = Movement(kind=EntryKind.TOP_UP, key="stars:1", by=BY)
        await ledger.credit(uow, user.id, 500, AccountKind.STARS, money_in)
        aside = Movement(kind=EntryKind.HOLD, key="order:1", subject="ORD-1", by=BY)
        await ledger.hold(uow, user.id, 200, aside)
    async with db.engine.begin() as connection:
        gifts = [{"gift_id": 2**40 + n, "name": f"g{n}", "diamond_count": n} for n in range(1_203)]
        await connection.execute(insert(Gift), [gift | extra_columns() for gift in gifts])
        await connection.execute(text("DELETE FROM users WHERE telegram_id = 8"))


def extra_columns() -> dict[str, object]:
    return {
        column.name: BY.at if "_at" in column.name else ""
        for column in Gift.__table__.columns
        if not column.nullable and column.name not in ("gift_id", "name", "diamond_count")
    }


@pytest.fixture
async def embedded(embedded_url: str) -> AsyncIterator[Database]:
    database = Database(embedded_url)
    await fill(database)
    yield database
    await database.close()


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[Database]:
    """On the server under test, or a file; without tables."""
    if not IS_POSTGRES:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'target.db'}")
        yield database
        await database.close()
        return
    name = f"ttboost_test_{uuid4().hex[:12]}"
    await execute(f"CREATE DATABASE {name}")
    database = Database(named(name))
    yield database
    await database.close()
    await execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def copied(embedded: Database, target: Database) -> Database:
    async with copying(embedded, target):
        pass
    return target


async def test_every_row_arrives(embedded: Database, copied: Database):
    async with embedded.snapshot() as old, copied.snapshot() as new:
        assert await old.accounts.get_meta("Б") == await new.accounts.get_meta("Б") == "Б"
        assert (await prove(old)).anchor == (await prove(new)).anchor
        assert (await prove(new)).broken == []
    async with copied.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(Gift)) == 1_203


async def test_what_is_copied_is_guarded(copied: Database):
    with pytest.raises(DBAPIError):
        async with copied.engine.begin() as connection:
            await connection.execute(text("UPDATE ledger_entries SET amount = 1"))


async def test_money_goes_on_where_it_was_left(copied: Database):
    async with copied.begin() as uow:
        money_in = Movement(kind=EntryKind.TOP_UP, key="stars:2", by=BY)
        await ledger.credit(uow, 1, 100, AccountKind.STARS, money_in)

    async with copied.snapshot() as uow:
        assert (await prove(uow)).broken == []


async def test_the_id_of_who_left_never_comes_back(copied: Database):
    user = User(telegram_id=9, created_at=BY.at)
    async with copied.begin() as uow:
        await uow.accounts.add_user(user)

    assert user.id == 3


async def test_there_and_back_is_the_same(embedded: Database, copied: Database, tmp_path: Path):
    back = Database(f"sqlite+aiosqlite:///{tmp_path / 'back.db'}")
    await copied.engine.dispose()
    async with copying(copied, back) as again:
        rows = again.rows

    async with embedded.snapshot() as old, back.snapshot() as new:
        assert (await prove(old)).anchor == (await prove(new)).anchor
    assert rows["gifts"] == 1_203
    await back.close()


async def test_one_that_holds_rows_is_refused_and_untouched(embedded: Database, copied: Database):
    async with copied.begin() as uow:
        await uow.accounts.set_meta("mine", "kept")
    await copied.engine.dispose()

    with pytest.raises(NotEmpty):
        async with copying(embedded, copied):
            pass

    async with copied.read() as uow:
        assert await uow.accounts.get_meta("mine") == "kept"


async def test_it_is_replaced_when_told(embedded: Database, copied: Database):
    async with copied.begin() as uow:
        await uow.accounts.set_meta("mine", "gone")
    await copied.engine.dispose()

    async with copying(embedded, copied, replace=True):
        pass

    async with copied.snapshot() as uow:
        assert await uow.accounts.get_meta("mine") is None
        assert (await prove(uow)).broken == []


async def test_nothing_is_left_of_a_copy_that_fails(embedded: Database, target: Database):
    with pytest.raises(ZeroDivisionError):
        async with copying(embedded, target):
            raise ZeroDivisionError

    assert await migrations.current(target) is None


async def test_what_is_written_meanwhile_is_not_in_it(embedded: Database, target: Database):
    async with copying(embedded, target) as copy:
        async with embedded.begin() as uow:
            await uow.accounts.set_meta("late", "x")
        assert await copy.uow.accounts.get_meta("late") is None

    async with target.read() as uow:
        assert await uow.accounts.get_meta("late") is None


@pytest.mark.skipif(not IS_POSTGRES, reason="who else works with an embedded database is not told")
async def test_one_that_others_work_with_is_refused(embedded: Database, target: Database):
    other = Database(target.url)
    async with other.engine.connect():
        with pytest.raises(InUse):
            async with copying(embedded, target):
                pass
    await other.close()


@pytest.mark.skipif(not IS_POSTGRES, reason="an embedded database has no roles")
async def test_others_are_seen_by_a_role_that_may_not_look_at_them(embedded: Database, target: Database):
    other = Database(target.url)
    whole = f'ALTER DATABASE "{other.engine.url.database}" SET role ='
    async with other.engine.connect() as connection:
        # Of Postgres' own roles one that sees no more than any; whoever connects from now on is it.
        for statement in ("GRANT ALL ON SCHEMA public TO", whole):
            await connection.execute(text(f"{statement} pg_signal_backend"))
        await connection.commit()
        with pytest.raises(InUse):
            async with copying(embedded, target):
                pass
    await other.close()


async def test_of_two_who_upgrade_at_once_one_does(target: Database):
    other = Database(target.url)

    await asyncio.gather(migrations.upgrade(target), migrations.upgrade(other))

    assert await migrations.current(target) == migrations.head()
    await other.close()


async def test_a_row_that_refers_to_nothing_is_refused(embedded: Database, target: Database):
    with closing(sqlite3.connect(embedded.file)) as connection, connection:
        connection.execute("DELETE FROM users")  # references are looked at only where one asks for it

    with pytest.raises((Differs, DBAPIError)):
        async with copying(embedded, target):
            pass

    assert await migrations.current(target) is None


async def test_a_backup_is_put_in_place_of_either_kind(embedded: Database, target: Database, tmp_path: Path):
    """Taken of what is tested, restored into another of its kind."""
    media, secrets_file = MediaStore(f"file:{tmp_path / 'media'}"), tmp_path / "secrets.toml"
    secrets_file.write_text("master = 1")
    await media.put("sounds/one.mp3", b"ring")
    async with copying(embedded, target):
        pass
    await backup.write(target, media, secrets_file, tmp_path / "backup.tar")
    await target.engine.dispose()
    secrets_file.write_text("master = 2")

    with pytest.raises(NotEmpty):
        await backup.restore_shared(tmp_path / "backup.tar", target, media, secrets_file, replace=False)
    assert secrets_file.read_text() == "master = 2"
    count = await backup.restore_shared(tmp_path / "backup.tar", target, media, secrets_file, replace=True)

    assert (count, secrets_file.read_text()) == (1, "master = 1")
    async with target.snapshot() as uow:
        assert (await prove(uow)).anchor.entries == 2
        assert (await prove(uow)).broken == []
