"""Audio sent to the bot becomes a sound, by the checks of an upload."""

import pytest

from bot.front import Front
from tests.core.sounds import files
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram


@pytest.fixture(scope="module")
def audio() -> bytes:
    return files.mp3()


async def names(front: Front, user_id: int) -> list[str]:
    return [one.filename for one in (await front.services.sounds.list(user_id, 0)).sounds]


async def test_an_audio_file_becomes_a_sound(ann: Person, front: Front, user_id, audio: bytes):
    await ann.asks("/topup")

    answer = await ann.sends("audio", audio, file_name="bell & whistle.mp3", mime_type="audio/mpeg")

    assert "Saved as bell & whistle.mp3" in answer
    assert await names(front, await user_id(ann)) == ["bell & whistle.mp3"]


async def test_a_voice_message_becomes_one_too(ann: Person, front: Front, user_id, audio: bytes):
    assert "Saved as voice 20" in await ann.sends("voice", audio, mime_type="audio/ogg")


@pytest.mark.parametrize("kind", [{}, {"mime_type": "application/octet-stream"}])
async def test_a_file_that_does_not_say_what_it_is_is_looked_at(ann: Person, audio: bytes, kind):
    assert "Saved as bell.mp3" in await ann.sends("document", audio, file_name="bell.mp3", **kind)


async def test_the_same_name_again_says_what_to_do(ann: Person, audio: bytes):
    await ann.sends("audio", audio, file_name="bell.mp3")

    assert "rename the file" in await ann.sends("audio", audio, file_name="bell.mp3")


async def test_what_is_no_sound_is_refused(ann: Person):
    assert "cannot use this file" in await ann.sends("audio", b"no sound at all" * 99, file_name="x.mp3")


async def test_a_document_of_another_kind_is_not_even_loaded(ann: Person, telegram: FakeTelegram):
    answer = await ann.sends("document", b"%PDF", file_name="x.pdf", mime_type="application/pdf")

    assert "cannot use this file" in answer
    assert telegram.sent("getFile") == []


async def test_a_file_too_big_is_not_even_loaded(ann: Person, telegram: FakeTelegram):
    answer = await ann.sends("audio", b"x", file_name="x.mp3", file_size=11_000_000)

    assert "too big: 10 MB" in answer
    assert telegram.sent("getFile") == []


async def test_a_file_telegram_does_not_give_is_asked_for_again(ann: Person, telegram: FakeTelegram):
    telegram.inject("getFile", 400, "Bad Request: wrong file_id")

    assert "try again in a minute" in await ann.sends("audio", b"x", file_name="x.mp3")


async def test_a_sound_that_is_too_long_is_called_so(ann: Person):
    long = files.mp3(files.tone(31))

    assert "too long: 30 s" in await ann.sends("audio", long, file_name="long.mp3")


async def test_a_broken_file_is_called_so(ann: Person, audio: bytes):
    assert "broken" in await ann.sends("audio", audio[:40] + b"\xff" * 400, file_name="x.mp3")
