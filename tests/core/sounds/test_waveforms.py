"""Sounds that were uploaded before there were pictures get theirs, through the real worker."""

import pytest

from core.sounds import waveforms
from core.sounds.workshop import SoundWorkshop
from storage.media import MediaStore
from tests.core.sounds.files import encoded, tone
from tests.core.sounds.rows import add_account, add_sound


@pytest.fixture
def media(tmp_path):
    return MediaStore(f"file:{tmp_path / 'media'}")


async def peaks_of(db, account):
    async with db.read() as uow:
        return {row.filename: row.peaks for row in await uow.sounds.list_all(account)}


async def test_each_is_measured_once(db, media):
    account = await add_account(db)
    await media.put("sounds/old", encoded("mp3", "mp3", signal=tone(1.0)))
    await media.put("sounds/broken", b"no sound at all")
    await add_sound(db, account, "old")
    await add_sound(db, account, "broken")
    await add_sound(db, account, "lost")
    await add_sound(db, account, "measured", peaks=[1, 2])

    assert await waveforms.measure(db, media, SoundWorkshop()) == 3

    found = await peaks_of(db, account)
    assert (len(found["old"]), max(found["old"])) == (64, 100)
    assert (found["broken"], found["lost"], found["measured"]) == ([], [], [1, 2])
    assert await waveforms.measure(db, media, SoundWorkshop()) == 0
