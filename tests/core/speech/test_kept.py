"""Speech and its store: an earlier run, a file that vanished, a store that refuses."""

from pathlib import Path

from tests.core.speech.engines import FakeEngine, heard, name_of, speech_of, until_kept


async def test_after_a_restart_kept_audio_is_there_by_its_name(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        name = name_of(speech, "привет")
        await until_kept(speech, name)
    engine = FakeEngine()
    async with speech_of([engine], tmp_path) as speech:
        assert await heard(speech, name, tmp_path) == "edge:привет".encode()
        assert name_of(speech, "привет") == name
        assert engine.spoken == []


async def test_audio_that_vanished_from_the_store_is_made_again(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with speech_of([engine], tmp_path) as speech:
        name = name_of(speech, "привет")
        (tmp_path / await until_kept(speech, name)).unlink()

        assert await heard(speech, name, tmp_path) == "edge:привет".encode()
        assert len(engine.spoken) == 2


async def test_what_the_store_refuses_is_still_heard(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        (tmp_path / "speech").write_bytes(b"in the way of the directory")
        name = name_of(speech, "привет")

        audio = await speech.open(name, whole=True)

        assert not audio.complete
        assert not audio.is_lasting
        assert b"".join([chunk async for chunk in audio.chunks()]) == "edge:привет".encode()
