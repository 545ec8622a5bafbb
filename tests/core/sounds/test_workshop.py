"""Uploads through the real worker process."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator

import numpy as np
import pytest
import uvloop

from core.errors import AppError, FileTooLarge, Full, Invalid, Unavailable, UnsupportedSound
from core.sounds import workshop as workshop_module
from core.sounds.loudness import RATE, TARGET, loudness
from core.sounds.workshop import PreparedSound, SoundWorkshop
from tests.core.sounds.files import decoded, encoded, in_chunks, mp3, tone, wav
from tests.core.sounds.processes import most_at_once, stop, until_one_runs, workers

MARK = b"MARKER-OF-THE-ORIGINAL"


async def prepare(data: bytes, *, max_bytes: int = 10_000_000) -> PreparedSound:
    return await SoundWorkshop().prepare(in_chunks(data), max_seconds=30, max_bytes=max_bytes)


async def refusal(data: bytes) -> str:
    with pytest.raises(UnsupportedSound) as raised:
        await prepare(data)
    assert raised.value.detail == "unsupported sound"
    return str(raised.value.details["reason"])


async def refused_as(kind: type[AppError]) -> str:
    with pytest.raises(kind) as raised:
        await prepare(mp3())
    return raised.value.detail


async def cut_off(data: bytes) -> AsyncIterator[bytes]:
    yield data
    raise ConnectionResetError("gone")


async def stalled() -> AsyncIterator[bytes]:
    yield b"ID3\x04"
    await asyncio.sleep(60)


GOOD = {
    "mp3": mp3(),
    "mp3 with a cover": mp3(cover=True, title="a title"),
    "mp3 mono": mp3(tone(rate=22_050), rate=22_050, layout="mono"),
    "mp2": encoded("mp2", "mp2"),
    "wav 16": wav(tone()),
    "wav 8": wav(tone(rate=8_000), rate=8_000, width=1),
    "wav 24": wav(tone(), width=3, channels=2),
    "wav float": encoded("wav", "pcm_f32le"),
    "opus": encoded("ogg", "libopus"),
    "ogg flac": encoded("ogg", "flac"),
    "flac": encoded("flac", "flac"),
    "flac 5.1": encoded("flac", "flac", layout="5.1"),
    "flac with a cover": encoded("flac", "flac", cover=True),
    "m4a": encoded("ipod", "aac"),
    "m4a with a cover": encoded("mp4", "aac", cover=True),
    "alac": encoded("ipod", "alac"),
    "webm": encoded("webm", "libopus"),
    "aac": encoded("adts", "aac"),
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
async def test_every_usual_kind_becomes_an_even_mp3(data):
    sound = await prepare(data)

    played = decoded(sound.mp3)
    assert sound.duration == pytest.approx(1.0, abs=0.06)
    assert len(played) / RATE == pytest.approx(sound.duration, abs=0.1)
    assert loudness(played) == pytest.approx(TARGET, abs=1.0)
    assert np.abs(played).max() <= 10 ** (-1 / 20)


async def test_what_is_heard_is_what_was_sent():
    sound = await prepare(encoded("flac", "flac", signal=tone(pitch=1_000.0)))

    spectrum = np.abs(np.fft.rfft(decoded(sound.mp3)[:RATE]))
    assert spectrum.argmax() == pytest.approx(1_000, abs=2)


async def test_channels_that_cancel_each_other_out_are_still_heard():
    left = tone()
    both = np.stack([left, -left], axis=1).reshape(-1)
    data = bytearray(wav(both, rate=2 * RATE))
    data[22:24] = (2).to_bytes(2, "little")
    data[24:28] = RATE.to_bytes(4, "little")
    data[32:34] = (4).to_bytes(2, "little")

    sound = await prepare(bytes(data))

    assert sound.duration == 1.0
    assert loudness(decoded(sound.mp3)) == pytest.approx(TARGET, abs=1.0)


async def test_silence_is_a_sound_too():
    sound = await prepare(wav(np.zeros(RATE)))

    assert sound.duration == 1.0
    assert np.abs(decoded(sound.mp3)).max() < 0.001


MARKED = {
    "title": mp3(title=MARK.decode()),
    "zip behind": mp3() + b"PK\x03\x04" + MARK * 20,
    "script behind": mp3() + b"<script>" + MARK * 20 + b"</script>",
    "old tag": mp3() + b"TAG" + MARK.ljust(125),
    "broken tag": b"ID3\x03\x00\x00\x00\x00\x00\x16" + MARK + mp3(),
    "wav list": wav(tone()) + b"LIST" + len(MARK * 2).to_bytes(4, "little") + MARK * 2,
    "flac title": encoded("flac", "flac", title=MARK.decode()),
    "m4a title": encoded("ipod", "aac", title=MARK.decode()) + MARK,
}


@pytest.mark.parametrize("data", MARKED.values(), ids=MARKED)
async def test_no_byte_of_the_original_is_served(data):
    assert MARK in data

    sound = await prepare(data)

    assert sound.duration == pytest.approx(1.0, abs=0.1)
    assert MARK not in sound.mp3
    assert sound.mp3[:2] in {b"\xff\xfb", b"\xff\xfa"}


BAD = {
    "nothing": (b"", "empty"),
    "zeros": (b"\0" * 5_000, "no mp3"),
    "html": (b"<html><script>alert(1)</script>", "no mp3"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "no mp3"),
    "id3 alone": (b"ID3", "damaged"),
    "ogg of zeros": (b"OggS" + bytes(3_000), "damaged"),
    "flac of zeros": (b"fLaC" + bytes(3_000), "damaged"),
    "wav without data": (b"RIFF\xff\xff\xff\xffWAVEfmt ", "damaged"),
    "m4a of zeros": (b"\x00\x00\x00\x18ftypM4A " + bytes(3_000), "damaged"),
    "webm of zeros": (b"\x1aE\xdf\xa3" + bytes(3_000), "damaged"),
    "m4a without its index": (encoded("mp4", "aac")[:8_000], "damaged"),
    "too short": (wav(tone(0.05)), "shorter"),
    "one sample": (wav(np.zeros(1)), "shorter"),
    "no sample": (wav(np.zeros(0)), "damaged|shorter"),
    "too long": (wav(tone(30.5)), "longer than 30 seconds"),
    "long and small": (encoded("flac", "flac", signal=np.zeros(90 * RATE), layout="mono"), "longer than 30"),
    "mp4 film": (encoded("mp4", "aac", video="mpeg4"), "videos"),
    "webm film": (encoded("webm", "libopus", video="libvpx"), "videos"),
}


@pytest.mark.parametrize(("data", "reason"), BAD.values(), ids=BAD)
async def test_everything_else_is_refused_with_a_reason(data, reason):
    assert re.search(reason, await refusal(data))


async def test_random_bytes_behind_a_good_start_are_refused():
    noise = np.random.default_rng(2).bytes(50_000)

    assert await refusal(b"\xff\xfb\x90\x64" + noise)


async def test_half_a_file_is_as_long_as_what_is_left():
    whole = mp3(tone(4.0))

    sound = await prepare(whole[: len(whole) // 2])

    assert sound.duration == pytest.approx(2.0, abs=0.1)


async def test_a_header_that_lies_about_its_length_is_not_believed():
    data = bytearray(wav(tone(2.0)))
    data[40:44] = (2**32 - 1).to_bytes(4, "little")

    assert (await prepare(bytes(data))).duration == pytest.approx(2.0, abs=0.01)


async def test_too_many_bytes_are_refused_before_all_have_come():
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield bytes(1_000)

    with pytest.raises(FileTooLarge):
        await SoundWorkshop().prepare(endless(), max_seconds=30, max_bytes=50_000)
    assert taken == 51


async def test_exactly_as_many_bytes_as_allowed_are_fine():
    data = wav(tone())

    assert await prepare(data, max_bytes=len(data))
    with pytest.raises(FileTooLarge):
        await prepare(data, max_bytes=len(data) - 1)


async def test_an_upload_cut_off_half_way_ends_with_its_own_error():
    with pytest.raises(ConnectionResetError):
        await SoundWorkshop().prepare(cut_off(mp3()), max_seconds=30, max_bytes=10_000_000)
    assert workers() == []


async def test_an_upload_that_stalls_is_given_up(monkeypatch):
    monkeypatch.setattr(workshop_module, "UPLOAD_SECONDS", 0.05)

    with pytest.raises(Invalid, match="too long"):
        await SoundWorkshop().prepare(stalled(), max_seconds=30, max_bytes=10_000_000)


async def test_no_space_for_the_upload_is_told(small_disk, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))

    with pytest.raises(Full):
        await prepare(wav(tone(10.0)))
    assert list(small_disk.iterdir()) == []


async def test_at_most_two_work_at_once():
    shop = SoundWorkshop()
    done = asyncio.Event()

    async def five() -> list[PreparedSound]:
        try:
            return await asyncio.gather(
                *(shop.prepare(in_chunks(mp3()), max_seconds=30, max_bytes=10**7) for _ in range(5))
            )
        finally:
            done.set()

    sounds, most = await asyncio.gather(five(), most_at_once(done))

    assert len(sounds) == 5
    assert most == 2


async def test_who_would_wait_too_long_is_sent_away(monkeypatch):
    monkeypatch.setattr(workshop_module, "MAX_WORKERS", 0)
    monkeypatch.setattr(workshop_module, "WAIT_SECONDS", 0.05)

    with pytest.raises(Unavailable, match="too many uploads"):
        await prepare(mp3())


async def test_a_full_queue_is_told_at_once(monkeypatch):
    monkeypatch.setattr(workshop_module, "MAX_WAITING", 0)

    with pytest.raises(Unavailable, match="too many uploads"):
        await prepare(mp3())


async def test_a_worker_that_hangs_is_killed(monkeypatch):
    monkeypatch.setattr(workshop_module, "WORK_SECONDS", 1.0)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        refused = group.create_task(refused_as(Unavailable))
        stop(await until_one_runs())

    assert refused.result() == "too many uploads at the moment, try again"
    assert workers() == []


async def test_a_worker_does_not_outlive_who_asked_for_it():
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        asking = group.create_task(prepare(mp3()))
        stop(await until_one_runs())
        asking.cancel()

    assert asking.cancelled()
    assert workers() == []


@pytest.mark.parametrize("kind", ["mp3", "m4a"])
def test_the_loop_of_the_server_runs_workers_too(kind):
    sound = uvloop.run(prepare(GOOD[kind]))

    assert sound.duration == pytest.approx(1.0, abs=0.05)


async def test_a_worker_is_told_nothing_of_our_environment(monkeypatch):
    monkeypatch.setenv("TTBOOST__TELEGRAM__TOKEN", "very-secret")

    async with asyncio.TaskGroup() as group:
        group.create_task(prepare(mp3()))
        environment = (await until_one_runs() / "environ").read_bytes()

    assert b"LANG" in environment
    assert b"very-secret" not in environment


async def test_a_worker_that_runs_out_of_memory_is_a_refusal(monkeypatch):
    monkeypatch.setattr(workshop_module, "_MEMORY", 300_000_000)
    monkeypatch.setattr(workshop_module, "_MEMORY_A_SECOND", 0)

    assert await refusal(wav(tone(29.0), channels=2)) == "it cannot be decoded"


async def test_an_answer_longer_than_a_sound_can_be_is_not_taken(monkeypatch):
    monkeypatch.setattr(workshop_module, "_MP3_A_SECOND", -3_300)

    assert await refusal(mp3()) == "it cannot be decoded"
    assert workers() == []
