"""Uploads from the first byte to the row, with a real database, media store and worker."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from core.clock import Clock
from core.config import Sounds as SoundsConfig
from core.errors import (
    FileTooLarge,
    Full,
    QuotaExceeded,
    SoundExists,
    SoundInUse,
    SoundNotFound,
    UnsupportedSound,
)
from core.live.events import EventType
from core.sounds.builtin import BUILTIN
from core.sounds.service import Sounds
from core.sounds.workshop import SoundWorkshop
from core.triggers.model import PlaySound, Trigger
from storage.db import Database
from storage.media import MediaStore
from storage.models import ChangeKind, User
from tests.core.sounds.files import decoded, in_chunks, mp3, tone, wav

QUOTA = 1_000_000


class LaterClock(Clock):
    def now(self) -> datetime:
        return super().now() + timedelta(hours=2)


class Triggers:
    """Those of one account, by the sound they play."""

    def __init__(self) -> None:
        self.playing: dict[str, list[Trigger]] = {}

    async def using(self, uow, account_id, filename):
        return self.playing.get(filename, [])


@pytest.fixture
def triggers() -> Triggers:
    return Triggers()


@pytest.fixture
def media(tmp_path) -> MediaStore:
    return MediaStore(f"file:{tmp_path / 'media'}")


def service(db, media, triggers, clock=None) -> Sounds:
    return Sounds(db, media, SoundWorkshop(), SoundsConfig(), b"k" * 32, triggers.using, clock or Clock())


@pytest.fixture
def sounds(db, media, triggers) -> Sounds:
    return service(db, media, triggers)


async def new_account(db: Database, username: str) -> int:
    user = User(username=username, created_at=datetime.now(UTC))
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id


@pytest.fixture
async def account(db) -> int:
    return await new_account(db, "rosa")


async def stored(media: MediaStore) -> list[str]:
    return [info.name for info in await media.list("sounds")]


async def changes(db: Database) -> list[tuple[int, ChangeKind]]:
    async with db.read() as uow:
        return [(change.user_id, change.kind) for change in await uow.accounts.changes_after(0)]


async def cut_off(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionResetError("gone")


async def test_an_upload_is_listed_found_and_heard(sounds, db, media, account):
    view = await sounds.upload(account, "rose_sound.mp3", in_chunks(mp3()), QUOTA)

    assert view.filename == "rose_sound.mp3"
    assert view.duration == pytest.approx(1.0, abs=0.01)
    listed = await sounds.list(account, QUOTA)
    assert listed.sounds == [view]
    assert (listed.used, listed.quota) == (view.size, QUOTA)
    async with db.read() as uow:
        found = await sounds.find(uow, account, "Rose_Sound.MP3")
    assert (found.filename, found.media_name, found.duration) == ("rose_sound.mp3", view.url, view.duration)
    audio = await media.get(view.url)
    assert len(audio) == view.size
    assert len(decoded(audio))
    assert await changes(db) == [(account, ChangeKind.SETUP)]


async def test_a_wav_keeps_its_name_and_is_served_as_mp3(sounds, account):
    view = await sounds.upload(account, "Звонок.wav", in_chunks(wav(tone())), QUOTA)

    assert view.filename == "Звонок.wav"
    assert view.url.endswith(".mp3")


async def test_a_path_is_only_a_name(sounds, account, media, tmp_path):
    view = await sounds.upload(account, "../../../escape.mp3", in_chunks(mp3()), QUOTA)

    assert view.filename == "escape.mp3"
    assert await stored(media) == [view.url]
    assert not list(tmp_path.rglob("*escape*"))


async def test_media_names_tell_nothing_and_differ_for_equal_audio(sounds, db, account):
    other = await new_account(db, "other")
    mine = await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)
    again = await sounds.upload(account, "b.mp3", in_chunks(mp3()), QUOTA)
    theirs = await sounds.upload(other, "a.mp3", in_chunks(mp3()), QUOTA)

    assert len({mine.url, again.url, theirs.url}) == 3
    assert all(len(view.url) == len("sounds/.mp3") + 64 for view in (mine, again, theirs))


async def test_accounts_do_not_see_each_others_sounds(sounds, db, account):
    other = await new_account(db, "other")
    await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)

    async with db.read() as uow:
        assert await sounds.find(uow, other, "a.mp3") is None
    assert (await sounds.list(other, QUOTA)).sounds == []
    with pytest.raises(SoundNotFound):
        await sounds.delete(other, "a.mp3")


async def test_the_same_name_in_other_letters_is_refused_before_the_upload_is_read(sounds, account):
    await sounds.upload(account, "Роза.mp3", in_chunks(mp3()), QUOTA)

    with pytest.raises(SoundExists):
        await sounds.upload(account, "роза.MP3", cut_off(b""), QUOTA)


async def test_of_two_uploads_of_one_name_at_once_one_stays(sounds, account, media):
    results = await asyncio.gather(
        *(sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA) for _ in range(3)),
        return_exceptions=True,
    )

    assert sorted(type(result).__name__ for result in results) == ["SoundExists", "SoundExists", "SoundView"]
    assert await stored(media) == [view.url for view in (await sounds.list(account, QUOTA)).sounds]


async def test_uploads_at_once_do_not_pass_the_quota_together(sounds, account, media):
    results = await asyncio.gather(
        *(sounds.upload(account, f"{n}.mp3", in_chunks(mp3()), 40_000) for n in range(4)),
        return_exceptions=True,
    )

    assert [type(result) for result in results].count(QuotaExceeded) == 2
    listed = await sounds.list(account, 40_000)
    assert listed.used <= 40_000
    assert sorted(await stored(media)) == sorted(view.url for view in listed.sounds)


async def test_a_quota_already_used_up_is_told_before_the_upload_is_read(sounds, account):
    view = await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)

    with pytest.raises(QuotaExceeded) as raised:
        await sounds.upload(account, "b.mp3", cut_off(b""), view.size)
    assert raised.value.details == {"used": view.size, "quota": view.size}


@pytest.mark.parametrize(
    ("chunks", "refusal"),
    [
        (in_chunks(b"<html>"), UnsupportedSound),
        (in_chunks(b"\0" * 10_000_001), FileTooLarge),
        (cut_off(mp3()[:5_000]), ConnectionResetError),
    ],
    ids=["no sound", "too large", "cut off"],
)
async def test_a_failed_upload_leaves_nothing(sounds, account, media, db, chunks, refusal):
    with pytest.raises(refusal):
        await sounds.upload(account, "a.mp3", chunks, QUOTA)

    assert (await sounds.list(account, QUOTA)).sounds == []
    assert await stored(media) == []
    assert await changes(db) == []


async def test_a_full_disk_leaves_neither_audio_nor_row(db, account, triggers, small_disk):
    media = MediaStore(f"file:{small_disk}")
    await media.put("tts/filler", b"x" * 240_000)
    sounds = service(db, media, triggers)

    with pytest.raises(Full):
        await sounds.upload(account, "a.mp3", in_chunks(mp3(tone(5.0))), QUOTA)

    assert (await sounds.list(account, QUOTA)).sounds == []
    assert await stored(media) == []


async def test_a_database_that_fails_takes_the_audio_with_it(sounds, media):
    nobody = 4_711

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await sounds.upload(nobody, "a.mp3", in_chunks(mp3()), QUOTA)

    assert await stored(media) == []


async def test_a_deleted_sound_is_gone_from_everywhere(sounds, db, account, media):
    await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)

    await sounds.delete(account, "A.mp3")

    assert (await sounds.list(account, QUOTA)).used == 0
    assert await stored(media) == []
    assert await changes(db) == [(account, ChangeKind.SETUP)] * 2
    await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)


async def test_what_is_not_there_cannot_be_deleted(sounds, account):
    with pytest.raises(SoundNotFound):
        await sounds.delete(account, "chime")


async def test_a_sound_in_use_stays_and_names_its_triggers(sounds, account, triggers):
    view = await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)
    triggers.playing["a.mp3"] = [Trigger(7, EventType.GIFT, (), PlaySound("a.mp3"), name="Roses")]

    with pytest.raises(SoundInUse) as raised:
        await sounds.delete(account, "a.mp3")

    assert raised.value.details["triggers"] == [{"id": 7, "name": "Roses"}]
    assert (await sounds.list(account, QUOTA)).sounds == [view]


async def test_the_default_gift_sound_is_in_use(sounds, db, account):
    await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)
    async with db.begin() as uow:
        user = await uow.accounts.get_user(account)
        user.settings = {"default_gift_sound": "A.mp3"}

    with pytest.raises(SoundInUse) as raised:
        await sounds.delete(account, "a.mp3")

    assert raised.value.details["setting"] == "default_gift_sound"


async def test_built_in_sounds_are_found_by_name_but_not_listed(sounds, db, account):
    async with db.read() as uow:
        found = await sounds.find(uow, account, "chime")
        library = await sounds.library(uow, account)

    assert found == BUILTIN["chime"] == library.find("chime")
    assert (await sounds.list(account, QUOTA)).sounds == []


async def test_an_own_sound_hides_a_built_in_one(sounds, db, account):
    view = await sounds.upload(account, "Chime", in_chunks(mp3()), QUOTA)

    async with db.read() as uow:
        found = await sounds.find(uow, account, "chime")
        library = await sounds.library(uow, account)
    assert found.media_name == view.url
    assert library.find("chime") == found
    assert library.find("none.mp3") is None


async def test_sweeping_takes_old_audio_without_a_row_only(sounds, db, account, media, triggers):
    view = await sounds.upload(account, "a.mp3", in_chunks(mp3()), QUOTA)
    await media.put("sounds/orphan.mp3", b"1")
    await media.put("tts/spoken.mp3", b"1")

    assert await sounds.sweep() == 0
    assert await service(db, media, triggers, LaterClock()).sweep() == 1

    assert await stored(media) == [view.url]
    assert await media.head("tts/spoken.mp3")


async def test_a_start_without_space_still_starts(db, triggers, small_disk):
    media = MediaStore(f"file:{small_disk}")
    await media.put("filler", b"x" * 250_000)

    await service(db, media, triggers).install()

    assert (await media.head("filler")).size == 250_000
