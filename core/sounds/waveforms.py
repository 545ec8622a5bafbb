"""Pictures of sounds that were uploaded before uploads drew their own."""

import structlog

from core.errors import UnsupportedSound
from core.sounds.workshop import SoundWorkshop
from storage.db import Database
from storage.media import MediaStore
from storage.models import Sound

log = structlog.get_logger(__name__)

AT_ONCE = 200  # in one run: each costs a process of its own
_MORE = 1.0  # seconds an mp3 may be longer than what it was made of


async def measure(db: Database, media: MediaStore, workshop: SoundWorkshop) -> int:
    """Of at most `AT_ONCE` sounds, one after the other; how many."""
    async with db.read() as uow:
        rows = await uow.sounds.without_peaks(AT_ONCE)
    for row in rows:
        peaks = await _peaks(row, media, workshop)
        async with db.begin() as uow:
            await uow.sounds.set_peaks(row.id, peaks)
    return len(rows)


async def _peaks(row: Sound, media: MediaStore, workshop: SoundWorkshop) -> list[int]:
    """None at all of what cannot be read: it is not tried again."""
    mp3 = await media.get(row.media_name)
    try:
        return await workshop.measure(mp3, max_seconds=row.duration + _MORE) if mp3 else []
    except UnsupportedSound as error:
        log.warning("sound_not_measured", reason=str(error.details.get("reason")))
        return []
