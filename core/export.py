"""All that is kept about an account, as a file for its owner: the tables as JSON, and the sounds."""

import asyncio
import tempfile
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

import msgspec

from core.clock import Clock, iso
from core.errors import Unavailable
from storage.db import Database
from storage.media import MediaStore

MAX_ROWS = 20_000  # of one table; the newest
MAX_AT_ONCE = 2
PATIENCE = 20.0  # seconds somebody waits for their turn


class Export:
    def __init__(self, db: Database, media: MediaStore, clock: Clock) -> None:
        self._db = db
        self._media = media
        self._clock = clock
        self._turns = asyncio.Semaphore(MAX_AT_ONCE)

    @asynccontextmanager
    async def archive(self, user_id: int) -> AsyncIterator[Path]:
        """A zip file, gone afterwards. Raises `Unavailable` while too many others are being made."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._turns.acquire()
        except TimeoutError as error:
            raise Unavailable(service="export") from error
        try:
            with tempfile.TemporaryDirectory(prefix="ttboost-export-") as folder:
                yield await self._write(user_id, Path(folder) / "ttboost.zip")
        finally:
            self._turns.release()

    async def _write(self, user_id: int, path: Path) -> Path:
        async with self._db.read() as uow:
            tables = await uow.export.rows(user_id, MAX_ROWS)
        cut = [name for name, rows in tables.items() if len(rows) == MAX_ROWS]
        made = {"made_at": iso(self._clock.now()), "newest_only": cut, "tables": tables}
        await asyncio.to_thread(_add, path, "data.json", _json(made))
        for sound in tables["sounds"]:
            if data := await self._media.get(sound["media_name"]):
                await asyncio.to_thread(_add, path, f"sounds/{sound['id']}-{_plain(_named(sound))}", data)
        return path


def _named(sound: dict[str, Any]) -> str:
    """As it is kept, whatever it was when it was uploaded."""
    return str(PurePath(sound["filename"]).with_suffix(PurePath(sound["media_name"]).suffix))


def _json(value: Any) -> bytes:
    encoded = msgspec.json.encode(value, enc_hook=_plain_value)
    return msgspec.json.format(encoded, indent=1)


def _plain_value(value: Any) -> Any:
    return iso(value) if isinstance(value, datetime) else str(value)


def _plain(filename: str) -> str:
    """No path of any system in it."""
    return (
        "".join(char if char.isalnum() or char in " ._-" else "_" for char in filename).lstrip(".") or "sound"
    )


def _add(path: Path, name: str, data: bytes) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
