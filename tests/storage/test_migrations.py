from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, event, text

from storage import migrations
from storage.db import Database
from storage.migrations.check import differences, main
from storage.models import Base


@pytest.fixture
async def empty(tmp_path: Path):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    yield database
    await database.close()


async def test_an_empty_database_has_no_revision(empty: Database):
    assert await migrations.current(empty) is None


async def test_upgrade_brings_a_database_to_the_head(empty: Database):
    await migrations.upgrade(empty)

    assert await migrations.current(empty) == migrations.head()


async def test_upgrading_twice_changes_nothing(empty: Database):
    await migrations.upgrade(empty)
    await migrations.upgrade(empty)

    assert await migrations.current(empty) == migrations.head()


async def test_all_steps_are_one_transaction(empty: Database):
    commits: list[object] = []
    event.listen(empty.engine.sync_engine, "commit", commits.append)

    await migrations.upgrade(empty)

    assert len(commits) == 1


async def test_foreign_keys_hold_after_an_upgrade(empty: Database):
    await migrations.upgrade(empty)

    async with empty.engine.connect() as connection:
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


async def test_migrations_are_in_step_with_the_models(empty: Database):
    assert await differences(empty) == []


async def test_they_are_in_step_on_the_server_under_test_too(db: Database):
    assert await differences(db) == []


async def test_a_column_without_a_migration_is_told(empty: Database):
    await migrations.upgrade(empty)
    users = Base.metadata.tables["users"]
    extra = Column("forgotten", Integer)
    users.append_column(extra)

    found = await differences(empty)
    users._columns.remove(extra)

    assert [(kind, table, column.name) for kind, _, table, column in found] == [
        ("add_column", "users", "forgotten")
    ]


def test_the_check_passes():
    assert main() == 0


@pytest.mark.parametrize("table", ["users", "triggers", "licenses"])
async def test_ids_of_deleted_rows_are_never_reused(empty: Database, table: str):
    await migrations.upgrade(empty)

    async with empty.engine.connect() as connection:
        made = await connection.scalar(
            text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table}
        )

    assert "AUTOINCREMENT" in made


def test_an_unknown_revision_is_told_from_a_known_one():
    assert migrations.is_known(migrations.head())
    assert not migrations.is_known("9999")
