import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.clock import Clock
from core.config import Config
from core.errors import Conflict, Unavailable
from storage import migrations
from storage.db import Database
from storage.models import User
from ttboost.database import open_installation


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path / "data")


def set_revision(config: Config, revision: str) -> None:
    with closing(sqlite3.connect(config.data_dir / "ttboost.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        connection.commit()


async def test_a_first_run_makes_database_and_secrets(config: Config):
    async with open_installation(config) as opened:
        assert await migrations.current(opened.db) == migrations.head()

    assert sorted(file.name for file in config.data_dir.iterdir()) == ["secrets.toml", "ttboost.db"]
    assert config.data_dir.stat().st_mode & 0o077 == 0


async def test_a_second_run_makes_no_backup(config: Config):
    async with open_installation(config):
        pass
    async with open_installation(config):
        pass

    assert not (config.data_dir / "backups").exists()


async def test_what_is_behind_is_backed_up_before_it_is_upgraded(
    config: Config, monkeypatch: pytest.MonkeyPatch
):
    async with open_installation(config):
        pass
    ran: list[Path] = []

    async def upgrade(_db: Database) -> None:
        ran.extend((config.data_dir / "backups").iterdir())

    monkeypatch.setattr(migrations, "head", lambda: "0999")
    monkeypatch.setattr(migrations, "upgrade", upgrade)
    async with open_installation(config):
        pass

    [copy] = ran
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT count(*) FROM users").fetchone() == (0,)


async def test_a_database_of_a_newer_program_is_refused(config: Config):
    async with open_installation(config):
        pass
    set_revision(config, "9999")

    with pytest.raises(Conflict, match="newer ttboost"):
        async with open_installation(config):
            pass


async def test_a_file_that_is_no_database_is_refused(config: Config):
    config.data_dir.mkdir()
    (config.data_dir / "ttboost.db").write_bytes(b"something else" * 500)

    with pytest.raises(Unavailable, match="cannot open the database: file is not a database"):
        async with open_installation(config):
            pass


async def test_serve_refuses_a_demo_database(config: Config):
    async with open_installation(config, "demo"):
        pass
    async with open_installation(config, "demo"):
        pass

    with pytest.raises(Conflict, match="demo database"):
        async with open_installation(config, "serve"):
            pass


async def test_demo_leaves_a_real_database_alone(config: Config):
    async with open_installation(config, "serve") as opened, opened.db.begin() as uow:
        await uow.accounts.add_user(User(username="streamer123", created_at=Clock().now()))

    with pytest.raises(Conflict, match="not a demo database"):
        async with open_installation(config, "demo"):
            pass


async def test_secrets_of_another_database_are_refused(config: Config):
    async with open_installation(config):
        pass
    (config.data_dir / "secrets.toml").unlink()

    with pytest.raises(Conflict, match=r"secrets\.toml is not what this database was made with"):
        async with open_installation(config):
            pass
