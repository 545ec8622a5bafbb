"""`ttboost db …`"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, example, group, told_plainly, with_installation

if TYPE_CHECKING:
    from core.config import Config
    from ttboost.database import Opened

app = group("The database.")

File = Annotated[Path, typer.Argument(metavar="FILE")]


@app.command(epilog=example("db upgrade --config config.toml"))
def upgrade(config: ConfigFile = None) -> None:
    """Bring the schema up to date. An embedded database does so by itself."""
    from core.config import load
    from storage import migrations

    with told_plainly():
        asyncio.run(_upgrade(load(config)))
    typer.echo(migrations.head())


async def _upgrade(config: "Config") -> None:
    from core.clock import Clock
    from storage.db import Database
    from ttboost.database import bring_up_to_date, upgrade_shared

    db = Database(config.database_url)
    try:
        await (bring_up_to_date(db, config.data_dir, Clock()) if db.is_embedded else upgrade_shared(db))
    finally:
        await db.close()


@app.command(epilog=example("db backup ttboost-backup.tar"))
def backup(file: File, config: ConfigFile = None) -> None:
    """Write database, media and secrets into one file, also while the server runs. Keep it safe."""
    typer.echo(with_installation(config, lambda opened: _backup(opened, file)))


async def _backup(opened: "Opened", file: Path) -> str:
    from core.errors import Conflict
    from storage import backup as backups
    from ttboost.wiring import open_media

    if not opened.db.is_embedded:
        raise Conflict("a Postgres database is backed up with pg_dump, media with the bucket's own means")
    secrets_file = opened.config.data_dir / "secrets.toml"
    count = await backups.write(opened.db, open_media(opened.config), secrets_file, file)
    return f"{file}: database, secrets and {count} media files"


@app.command(epilog=example("db restore ttboost-backup.tar"))
def restore(
    file: File,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace the data that is there.")] = False,
    config: ConfigFile = None,
) -> None:
    """Put a backup in place. The server must not run."""
    from core.config import load
    from core.errors import Conflict

    loaded = load(config)
    target = _file_of(loaded)
    if target.exists() and not force:
        raise Conflict(f"{target} exists: give --force to replace it")
    with told_plainly():
        typer.echo(asyncio.run(_restore(loaded, file, target)))


def _file_of(config: "Config") -> Path:
    from sqlalchemy import make_url

    from core.errors import Conflict

    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise Conflict("only an embedded database can be restored: use pg_restore")
    return Path(url.database)


async def _restore(config: "Config", file: Path, target: Path) -> str:
    from core.errors import Conflict, Invalid
    from storage import backup as backups
    from ttboost.wiring import open_media

    try:
        count = await backups.restore(file, target, open_media(config), config.data_dir / "secrets.toml")
    except backups.InUse as error:
        raise Conflict(str(error)) from error
    except (backups.BadBackup, OSError) as error:
        raise Invalid(str(error), field="file") from error
    return f"{target}: restored with {count} media files"
