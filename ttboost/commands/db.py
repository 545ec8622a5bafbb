"""`ttboost db …`"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, example, group, told_plainly, with_installation

if TYPE_CHECKING:
    from core.config import Config
    from storage.db import Database
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
    from storage import backup as backups
    from ttboost.wiring import open_media

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

    loaded = load(config)
    with told_plainly():
        typer.echo(asyncio.run(_restore(loaded, file, replace=force)))


async def _restore(config: "Config", file: Path, *, replace: bool) -> str:
    from core.errors import Conflict, Invalid
    from storage import backup as backups
    from storage.copying import Differs, InUse, NotEmpty
    from storage.db import Database

    db = Database(config.database_url)
    try:
        count = await _put_in_place(config, db, file, replace=replace)
    except NotEmpty as error:
        raise Conflict(f"{error}: give --force to replace it") from error
    except InUse as error:
        raise Conflict(str(error)) from error
    except (backups.BadBackup, Differs, OSError) as error:
        raise Invalid(str(error), field="file") from error
    finally:
        await db.close()
    return f"{db.file or db.shown_url}: restored with {count} media files"


async def _put_in_place(config: "Config", db: "Database", file: Path, *, replace: bool) -> int:
    from storage import backup as backups
    from storage.copying import NotEmpty
    from ttboost.wiring import open_media

    media, secrets_file = open_media(config), config.data_dir / "secrets.toml"
    if not db.file:
        return await backups.restore_shared(file, db, media, secrets_file, replace=replace)
    if db.file.exists() and not replace:
        raise NotEmpty(f"{db.file} exists")
    return await backups.restore(file, db.file, media, secrets_file)


@app.command(
    epilog=example(
        "db copy --from sqlite+aiosqlite:///data/ttboost.db --to postgresql+asyncpg://host/ttboost"
    )
)
def copy(
    source: Annotated[str, typer.Option("--from", metavar="URL", help="A running one may go on.")],
    target: Annotated[str, typer.Option("--to", metavar="URL", help="An empty one, nobody's.")],
    media: Annotated[
        str | None,
        typer.Option(
            "--media", metavar="URL", help="Copy the configured media there too: s3://bucket/prefix."
        ),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Copy a whole database into an empty one, SQLite or PostgreSQL, and verify every row and the ledger."""
    from core.config import load
    from ttboost import moving

    loaded = load(config)
    with told_plainly():
        typer.echo(asyncio.run(moving.copy(source, target)))
        if media:
            typer.echo(f"{media}: {asyncio.run(_copy_media(loaded, media))} media files copied")


async def _copy_media(config: "Config", url: str) -> int:
    from ttboost import moving
    from ttboost.wiring import open_media

    target = config.model_copy(update={"media": config.media.model_copy(update={"url": url})})
    return await moving.copy_media(open_media(config), open_media(target))
