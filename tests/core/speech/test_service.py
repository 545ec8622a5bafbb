"""Names handed out, one making a text, who may hear what, what is kept."""

import asyncio
from pathlib import Path

import pytest

from core.errors import Invalid, NotFound, PlanLimit, Unavailable
from core.speech import service, workshop
from core.speech.model import VoiceChoice
from tests.core.speech.engines import (
    ROBOT,
    RUSSIAN,
    FakeEngine,
    heard,
    name_of,
    robot,
    speech_of,
    until_kept,
)


def note(notes: list[object], thing: object) -> bool:
    notes.append(thing)
    return False


async def test_a_name_is_handed_out_before_anything_is_made(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with speech_of([engine], tmp_path) as speech:
        spoken = speech.hand_out(1, "привет", RUSSIAN)

        assert spoken is not None
        assert spoken.name.startswith("tts/")
        assert spoken.seconds > 0
        assert engine.spoken == []


async def test_two_hundred_askers_are_one_synthesis(tmp_path: Path) -> None:
    engine = FakeEngine()
    async with speech_of([engine], tmp_path) as speech:
        names = {name_of(speech, "привет") for _ in range(200)}
        said = await asyncio.gather(*(heard(speech, name_of(speech, "привет"), tmp_path) for _ in range(200)))

        assert len(names) == 1
        assert set(said) == {"edge:привет".encode()}
        assert engine.spoken == ["привет"]


async def test_accounts_voices_and_texts_have_names_of_their_own(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        names = {
            name_of(speech, "a"),
            name_of(speech, "b"),
            name_of(speech, "a", account_id=2),
            name_of(speech, "a", VoiceChoice("ru-RU-DmitryNeural")),
            name_of(speech, "a", VoiceChoice("ru-RU-SvetlanaNeural", rate=10)),
            name_of(speech, "a", VoiceChoice("ru-RU-SvetlanaNeural", pitch=10)),
        }

        assert len(names) == 6


async def test_a_late_reader_hears_it_from_the_start(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.half_way.clear()
    async with speech_of([engine], tmp_path) as speech:
        name = name_of(speech, "привет")
        early = await speech.open(name)
        first = await anext(aiter(early.chunks()))
        late = await speech.open(name)
        engine.half_way.set()

        assert first == b"edge:"
        assert b"".join([chunk async for chunk in late.chunks()]) == "edge:привет".encode()


async def test_complete_audio_is_an_ordinary_file(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        name = name_of(speech, "привет")
        await until_kept(speech, name)

        audio = await speech.open(name)

        assert audio.complete
        assert audio.is_lasting
        assert (tmp_path / str(audio.media_name)).read_bytes() == "edge:привет".encode()


async def test_whole_waits_for_the_end(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.half_way.clear()
    async with speech_of([engine], tmp_path) as speech:
        name = name_of(speech, "привет")
        waiting = asyncio.ensure_future(speech.open(name, whole=True))
        await speech.open(name)
        assert not waiting.done()
        engine.half_way.set()

        assert (await waiting).complete


async def test_a_name_never_handed_out_is_not_found(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        with pytest.raises(NotFound):
            await speech.open("tts/0123456789abcdef.mp3")
        with pytest.raises(NotFound):
            await speech.open("tts/../../secrets.mp3")

        assert not speech.known("tts/0123456789abcdef.mp3")


async def test_nothing_pronounceable_is_nothing(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        assert speech.hand_out(1, " ?! ", RUSSIAN) is None
        with pytest.raises(Invalid):
            await speech.preview(1, "...", RUSSIAN)


async def test_a_preview_is_heard_at_once(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        audio = await speech.preview(1, "привет", RUSSIAN)

        assert b"".join([chunk async for chunk in audio.chunks()]) == "edge:привет".encode()


async def test_who_has_spoken_enough_today_gets_nothing(tmp_path: Path) -> None:
    asked: list[object] = []
    async with speech_of([FakeEngine()], tmp_path) as speech:
        speech.allow = lambda account_id, characters: note(asked, (account_id, characters)) or characters < 10

        assert speech.hand_out(7, "короткий", RUSSIAN)
        assert speech.hand_out(7, "слишком длинный", RUSSIAN) is None
        with pytest.raises(PlanLimit):
            await speech.preview(7, "слишком длинный", RUSSIAN)
        assert asked == [(7, 8), (7, 15), (7, 15)]


async def test_what_is_kept_costs_no_characters(tmp_path: Path) -> None:
    asked: list[object] = []
    async with speech_of([FakeEngine()], tmp_path) as speech:
        await until_kept(speech, name_of(speech, "привет"))
        speech.allow = lambda account_id, characters: note(asked, characters)

        assert speech.hand_out(1, "привет", RUSSIAN)
        assert asked == []


async def test_the_length_is_measured_when_it_is_known(tmp_path: Path) -> None:
    measured: dict[str, float] = {}
    async with speech_of([FakeEngine()], tmp_path) as speech:
        speech.on_measured = measured.__setitem__
        text = "a" * 895
        name = name_of(speech, text)
        await until_kept(speech, name)
        spoken = speech.hand_out(1, text, RUSSIAN)

        assert measured == {name: 0.15}
        assert spoken is not None
        assert spoken.seconds == 0.15


async def test_forgetting_stops_what_nobody_asked_for(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.going_on.clear()
    async with speech_of([engine], tmp_path) as speech:
        name = name_of(speech, "привет")
        while not engine.spoken:
            await asyncio.sleep(0)
        speech.forget(name)
        while not engine.stopped:
            await asyncio.sleep(0)
        engine.going_on.set()

        assert await heard(speech, name, tmp_path) == "edge:привет".encode()
        assert len(engine.spoken) == 2


async def test_forgetting_leaves_what_is_listened_to(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.half_way.clear()
    async with speech_of([engine], tmp_path) as speech:
        name = name_of(speech, "привет")
        audio = await speech.open(name)
        speech.forget(name)
        engine.half_way.set()

        assert b"".join([chunk async for chunk in audio.chunks()]) == "edge:привет".encode()


async def test_when_too_much_is_made_the_oldest_unasked_gives_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "MAX_MAKINGS", 2)
    engine = FakeEngine()
    engine.half_way.clear()
    async with speech_of([engine], tmp_path) as speech:
        asked = name_of(speech, "asked")
        await speech.open(asked)
        name_of(speech, "unasked")
        name_of(speech, "new")
        while "new" not in engine.spoken:
            await asyncio.sleep(0)
        engine.half_way.set()
        await until_kept(speech, asked)

        assert engine.spoken == ["asked", "new"]


async def test_when_all_that_is_made_is_awaited_the_new_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workshop, "MAX_MAKINGS", 1)
    engine = FakeEngine()
    engine.half_way.clear()
    async with speech_of([engine], tmp_path) as speech:
        await speech.open(name_of(speech, "asked"))
        name = name_of(speech, "new")

        with pytest.raises(Unavailable):
            await speech.open(name)


async def test_old_names_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MAX_RECIPES", 2)
    engine = FakeEngine()
    engine.going_on.clear()
    async with speech_of([engine], tmp_path) as speech:
        first, second, third = (name_of(speech, text) for text in "abc")

        assert not speech.known(first)
        assert speech.known(second)
        assert speech.known(third)


async def test_half_characters_are_left_out(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        assert name_of(speech, "при\ud800вет") == name_of(speech, "привет")


async def test_an_unknown_voice_is_the_default_one(tmp_path: Path) -> None:
    async with speech_of([FakeEngine()], tmp_path) as speech:
        wild = VoiceChoice("ru-RU-'/><break time='9s'/><x a='Neural", rate=10_000, pitch=-10_000)

        assert await heard(speech, name_of(speech, "привет", wild), tmp_path) == "edge:привет".encode()


async def test_a_robot_voice_is_spoken_by_the_robot_and_is_no_stand_in(tmp_path: Path) -> None:
    async with speech_of([FakeEngine(), robot()], tmp_path) as speech:
        name = name_of(speech, "привет", ROBOT)
        await until_kept(speech, name)

        audio = await speech.open(name)

        assert audio.is_lasting
        assert (tmp_path / str(audio.media_name)).read_bytes() == "espeak:привет".encode()


async def test_voices_say_whether_an_engine_has_them(tmp_path: Path) -> None:
    async with speech_of([robot()], tmp_path) as speech:
        russian = speech.voices("ru")

        assert {voice.lang for voice in russian} == {"ru-RU"}
        assert {voice.id: voice.available for voice in russian} == {
            "espeak:ru+f2": True,
            "espeak:ru": True,
            "ru-RU-SvetlanaNeural": False,
            "ru-RU-DmitryNeural": False,
        }
        assert len(speech.voices()) > 100
