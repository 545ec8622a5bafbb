"""An installation's database and media into others, proven before they count."""

import asyncio
from datetime import datetime

from core.clock import Clock
from core.errors import Conflict
from core.money.verify import verify
from storage import migrations
from storage.backup import REMADE
from storage.copying import Differs, InUse, NotEmpty, copying
from storage.db import Database
from storage.media import MediaStore
from ttboost.database import check_known, revision_of

KINDS = ("sqlite+aiosqlite://", "postgresql+asyncpg://")


async def copy(source_url: str, target_url: str) -> str:
    """Raises `Conflict`, and leaves the target as it was."""
    source, target = Database(_checked(source_url)), Database(_checked(target_url))
    try:
        began, rows = await transfer(source, target)
    finally:
        await source.close()
        await target.close()
    as_of = f"{began:%Y-%m-%dT%H:%M:%SZ}"
    return f"{target.shown_url}: {rows} rows as of {as_of}, verified; what was written since is not in it"


def _checked(url: str) -> str:
    if not url.startswith(KINDS):
        raise Conflict(
            "a database is sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME"
        )
    return url


async def transfer(source: Database, target: Database) -> tuple[datetime, int]:
    """As of when, and how many rows. Raises `Conflict`."""
    await _check_source(source)
    check_known(await revision_of(target))
    began = Clock().now()
    try:
        async with copying(source, target) as copied:
            broken = await verify(copied.uow)
            if broken:
                raise Conflict(f"the ledger does not hold ({broken[0]}): see `ttboost wallet verify`")
            return began, sum(copied.rows.values())
    except (NotEmpty, InUse, Differs) as error:
        raise Conflict(str(error)) from error


async def _check_source(source: Database) -> None:
    if source.file and not await asyncio.to_thread(source.file.exists):
        raise Conflict(f"{source.file} is not there")
    if await revision_of(source) != migrations.head():
        raise Conflict("the source is not of this version: run `ttboost db upgrade` on it first")


async def copy_media(source: MediaStore, target: MediaStore) -> int:
    """What is there already in its size is left alone, so that it can be said again. Speech is made anew."""
    copied = 0
    for one in await source.list():
        found = await target.head(one.name)
        if one.name.startswith(REMADE) or (found and found.size == one.size):
            continue
        await target.put_stream(one.name, source.stream(one.name))
        copied += 1
    return copied
