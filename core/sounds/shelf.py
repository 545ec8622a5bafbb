"""All an account can play, as its owner looks at it: with pictures, and with what plays each."""

from collections import defaultdict
from datetime import datetime

from msgspec import Struct

from core import account_settings
from core.account import require_user
from core.sounds import builtin, names
from core.triggers import service as triggers
from core.triggers.model import PlaySound, Trigger
from storage.db import UnitOfWork
from storage.models import Sound


class ShelfSound(Struct, frozen=True):
    filename: str
    media_name: str
    duration: float  # seconds
    peaks: list[int]  # 0 to 100; empty: not measured
    triggers: list[Trigger]  # that play it
    is_default: bool  # of gifts no trigger plays a sound for
    id: int = 0  # 0: built in
    size: int = 0  # bytes; 0: built in
    created_at: datetime | None = None  # None: built in

    @property
    def is_used(self) -> bool:
        return self.is_default or bool(self.triggers)


class Shelf(Struct, frozen=True):
    sounds: list[ShelfSound]  # the newest first
    total: int  # that fit what was looked for
    owned: int
    used: int  # bytes
    builtin: list[ShelfSound]

    @property
    def default(self) -> ShelfSound | None:
        """Of gifts no trigger plays a sound for, where it is among these."""
        return next((sound for sound in (*self.sounds, *self.builtin) if sound.is_default), None)


class _Uses(Struct, frozen=True):
    """By the key of a sound's name."""

    triggers: dict[str, list[Trigger]]
    default: str


async def look(uow: UnitOfWork, account_id: int, text: str = "", *, limit: int, offset: int = 0) -> Shelf:
    """`text`: a part of the name."""
    rows = await uow.sounds.list_all(account_id)
    uses = await _uses(uow, account_id)
    wanted = names.key(text)
    found = [row for row in rows if wanted in row.filename_folded]
    found.sort(key=lambda row: row.id, reverse=True)
    own = {row.filename_folded for row in rows}
    return Shelf(
        [_own(row, uses) for row in found[offset : offset + limit]],
        len(found),
        len(rows),
        sum(row.size for row in rows),
        [_built_in(name, uses) for name in builtin.BUILTIN if names.key(name) not in own],
    )


async def _uses(uow: UnitOfWork, account_id: int) -> _Uses:
    playing: dict[str, list[Trigger]] = defaultdict(list)
    for trigger in await triggers.list_all(uow, account_id):
        if isinstance(trigger.params, PlaySound):
            playing[names.key(trigger.params.sound_filename)].append(trigger)
    settings = account_settings.of_user(await require_user(uow, account_id))
    return _Uses(playing, names.key(settings.default_gift_sound or ""))


def _own(row: Sound, uses: _Uses) -> ShelfSound:
    return ShelfSound(
        filename=row.filename,
        media_name=row.media_name,
        duration=row.duration,
        peaks=row.peaks or [],
        triggers=uses.triggers.get(row.filename_folded, []),
        is_default=uses.default == row.filename_folded,
        id=row.id,
        size=row.size,
        created_at=row.created_at,
    )


def _built_in(name: str, uses: _Uses) -> ShelfSound:
    sound = builtin.BUILTIN[name]
    return ShelfSound(
        filename=name,
        media_name=sound.media_name,
        duration=sound.duration,
        peaks=builtin.PEAKS[name],
        triggers=uses.triggers.get(names.key(name), []),
        is_default=uses.default == names.key(name),
    )
