import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.clock import Clock
from core.config import Config
from core.errors import Conflict, Unavailable
from storage import migrations
from storage.db import Database
from storage.models import User
from ttboost.database import Purpose, hold, open_installation


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


@pytest.mark.parametrize("purpose", ["serve", "demo"])
async def test_a_second_server_on_one_database_is_refused(config: Config, purpose: Purpose):
    async with open_installation(config, purpose):
        with pytest.raises(Conflict, match=r"another ttboost serves .*ttboost\.db: stop it first"):
            async with open_installation(config, purpose):
                pass


async def test_a_server_may_follow_another(config: Config):
    async with open_installation(config, "serve"):
        pass
    async with open_installation(config, "serve") as opened:
        assert opened.db.is_embedded


async def test_commands_work_beside_a_server(config: Config):
    async with (
        open_installation(config, "serve"),
        open_installation(config) as beside,
        beside.db.begin() as uow,
    ):
        await uow.accounts.set_meta("beside", "yes")


async def test_a_killed_server_leaves_nothing_locked(config: Config):
    url = config.database_url
    script = f"""
from storage.db import Database
from ttboost.database import hold
with hold(Database({url!r})):
    print("held", flush=True)
    input()
"""
    with subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"held\n"
        with pytest.raises(Conflict), hold(Database(url)):
            pass
        server.kill()
        server.wait(10)

    with hold(Database(url)):
        pass


def test_a_database_in_memory_needs_no_lock():
    db = Database("sqlite+aiosqlite:///:memory:")

    with hold(db), hold(db):
        assert db.file is None
