"""Which engine speaks: the first that can, a late one hedged, a failing one rested, no stand-in for ever."""

import asyncio
from pathlib import Path

import pytest

from core.errors import Unavailable
from core.speech.model import Reason, SpeechFailed
from tests.core.speech.engines import FakeEngine, MovedClock, heard, name_of, robot, speech_of, until_kept

DOWN = SpeechFailed(Reason.DOWN)
LIMITED = SpeechFailed(Reason.LIMITED)
NO_AUDIO = SpeechFailed(Reason.NO_AUDIO)


async def test_a_failing_engine_is_stood_in_for(tmp_path: Path) -> None:
    async with speech_of([FakeEngine(failure=DOWN), robot()], tmp_path) as speech:
        name = name_of(speech, "привет")

        assert await heard(speech, name, tmp_path) == "espeak:привет".encode()
        await until_kept(speech, name)
        assert not (await speech.open(name)).is_lasting


async def test_a_late_engine_is_hedged_and_stopped(tmp_path: Path) -> None:
    edge = FakeEngine()
    edge.going_on.clear()
    async with speech_of([edge, robot()], tmp_path, hedge_after=0.05) as speech:
        assert await heard(speech, name_of(speech, "привет"), tmp_path) == "espeak:привет".encode()
        assert edge.stopped == 1


async def test_the_late_one_wins_when_it_sounds_first(tmp_path: Path) -> None:
    edge, espeak = FakeEngine(), robot()
    edge.going_on.clear()
    espeak.going_on.clear()
    async with speech_of([edge, espeak], tmp_path, hedge_after=0.05) as speech:
        name = name_of(speech, "привет")
        while not espeak.spoken:
            await asyncio.sleep(0.01)
        edge.going_on.set()

        assert await heard(speech, name, tmp_path) == "edge:привет".encode()
        await until_kept(speech, name)
        assert espeak.stopped == 1


async def test_after_the_first_byte_the_engine_stays(tmp_path: Path) -> None:
    edge, espeak = FakeEngine(), robot()
    edge.half_way.clear()
    async with speech_of([edge, espeak], tmp_path, hedge_after=0.01) as speech:
        audio = await speech.open(name_of(speech, "привет"))
        await asyncio.sleep(0.1)
        edge.half_way.set()

        assert b"".join([chunk async for chunk in audio.chunks()]) == "edge:привет".encode()
        assert espeak.spoken == []


async def test_cut_audio_breaks_off_for_who_heard_it_and_is_never_kept(tmp_path: Path) -> None:
    edge = FakeEngine(failure=SpeechFailed(Reason.CUT), is_cut=True)
    edge.half_way.clear()
    async with speech_of([edge, robot()], tmp_path) as speech:
        name = name_of(speech, "привет")
        audio = await speech.open(name)
        edge.half_way.set()

        with pytest.raises(Unavailable):
            _ = [chunk async for chunk in audio.chunks()]
        assert not list(tmp_path.rglob("*.mp3"))
        edge.failure = None
        assert await heard(speech, name, tmp_path) == "edge:привет".encode()


async def test_cut_audio_nobody_heard_is_made_by_the_next_engine(tmp_path: Path) -> None:
    edge = FakeEngine(failure=SpeechFailed(Reason.CUT), is_cut=True)
    async with speech_of([edge, robot()], tmp_path) as speech:
        audio = await speech.open(name_of(speech, "привет"), whole=True)

        assert (tmp_path / str(audio.media_name)).read_bytes() == "espeak:привет".encode()


async def test_when_all_engines_fail_it_is_unavailable(tmp_path: Path) -> None:
    async with speech_of([FakeEngine(failure=DOWN)], tmp_path) as speech:
        name = name_of(speech, "привет")

        with pytest.raises(Unavailable):
            await speech.open(name)
        with pytest.raises(Unavailable):
            await speech.open(name, whole=True)


async def test_three_failures_in_a_minute_rest_an_engine_for_five(tmp_path: Path) -> None:
    edge, clock = FakeEngine(failure=DOWN), MovedClock()
    async with speech_of([edge, robot()], tmp_path, clock) as speech:
        for text in ("раз", "два", "три", "четыре"):
            await until_kept(speech, name_of(speech, text))
        assert edge.spoken == ["раз", "два", "три"]
        assert speech.speaking_engine == "espeak"

        edge.failure = None
        clock.passed += 301
        assert speech.speaking_engine == "edge"
        assert await heard(speech, name_of(speech, "пять"), tmp_path) == "edge:пять".encode()


async def test_failures_far_apart_rest_nobody(tmp_path: Path) -> None:
    edge, clock = FakeEngine(failure=DOWN), MovedClock()
    async with speech_of([edge, robot()], tmp_path, clock) as speech:
        for text in ("раз", "два", "три", "четыре"):
            await until_kept(speech, name_of(speech, text))
            clock.passed += 31

        assert edge.spoken == ["раз", "два", "три", "четыре"]


async def test_one_429_rests_an_engine(tmp_path: Path) -> None:
    edge = FakeEngine(failure=LIMITED)
    async with speech_of([edge, robot()], tmp_path) as speech:
        await until_kept(speech, name_of(speech, "раз"))
        await until_kept(speech, name_of(speech, "два"))

        assert edge.spoken == ["раз"]
        assert speech.speaking_engine == "espeak"


async def test_an_engine_that_fails_right_after_its_rest_rests_again(tmp_path: Path) -> None:
    edge, clock = FakeEngine(failure=LIMITED), MovedClock()
    async with speech_of([edge, robot()], tmp_path, clock) as speech:
        await until_kept(speech, name_of(speech, "раз"))
        clock.passed += 301
        edge.failure = DOWN
        await until_kept(speech, name_of(speech, "два"))

        assert speech.speaking_engine == "espeak"


async def test_being_late_three_times_rests_an_engine(tmp_path: Path) -> None:
    edge = FakeEngine()
    edge.going_on.clear()
    async with speech_of([edge, robot()], tmp_path, hedge_after=0.03) as speech:
        for text in ("раз", "два", "три"):
            await until_kept(speech, name_of(speech, text))

        assert speech.speaking_engine == "espeak"


async def test_without_a_local_engine_a_resting_one_is_left_alone(tmp_path: Path) -> None:
    edge = FakeEngine(failure=LIMITED)
    async with speech_of([edge], tmp_path) as speech:
        name = name_of(speech, "привет")
        with pytest.raises(Unavailable):
            await speech.open(name)

        assert edge.spoken == ["привет"]
        assert speech.speaking_engine is None


async def test_the_local_engine_is_asked_even_while_it_rests(tmp_path: Path) -> None:
    espeak = robot()
    espeak.failure = DOWN
    async with speech_of([espeak], tmp_path) as speech:
        for text in ("раз", "два", "три"):
            with pytest.raises(Unavailable):
                await speech.open(name_of(speech, text))
        espeak.failure = None

        assert await heard(speech, name_of(speech, "четыре"), tmp_path) == "espeak:четыре".encode()


async def test_a_text_an_engine_is_mute_to_is_not_tried_there_again_for_ten_minutes(tmp_path: Path) -> None:
    edge, clock = FakeEngine(failure=NO_AUDIO), MovedClock()
    async with speech_of([edge, robot()], tmp_path, clock) as speech:
        name = name_of(speech, "ʘʘʘ")
        await until_kept(speech, name)
        clock.passed += 300
        name_of(speech, "ʘʘʘ")
        await until_kept(speech, name)
        assert edge.spoken == ["ʘʘʘ"]

        clock.passed += 301
        edge.failure = None
        assert await heard(speech, name_of(speech, "ʘʘʘ"), tmp_path) == "edge:ʘʘʘ".encode()


async def test_mute_texts_between_good_ones_rest_nobody(tmp_path: Path) -> None:
    edge = FakeEngine()
    async with speech_of([edge, robot()], tmp_path) as speech:
        for number in range(8):
            edge.failure = NO_AUDIO if number % 2 else None
            await until_kept(speech, name_of(speech, f"текст {number}"))

        assert speech.speaking_engine == "edge"


async def test_an_engine_mute_to_everything_is_rested(tmp_path: Path) -> None:
    edge = FakeEngine(failure=NO_AUDIO)
    async with speech_of([edge, robot()], tmp_path) as speech:
        for number in range(5):
            await until_kept(speech, name_of(speech, f"текст {number}"))

        assert speech.speaking_engine == "espeak"


async def test_a_stand_ins_audio_gives_way_when_the_text_is_said_again(tmp_path: Path) -> None:
    edge, clock = FakeEngine(failure=DOWN), MovedClock()
    async with speech_of([edge, robot()], tmp_path, clock) as speech:
        name = name_of(speech, "привет")
        await until_kept(speech, name)
        edge.failure = None
        clock.passed += 3

        assert name_of(speech, "привет") == name
        assert await heard(speech, name, tmp_path) == "edge:привет".encode()
        await until_kept(speech, name)
        assert (await speech.open(name)).is_lasting


async def test_a_stand_ins_audio_stays_while_a_phone_may_still_read_it(tmp_path: Path) -> None:
    edge, clock = FakeEngine(failure=DOWN), MovedClock()
    async with speech_of([edge, robot()], tmp_path, clock) as speech:
        name = name_of(speech, "привет")
        await until_kept(speech, name)
        edge.failure = None
        clock.passed += 30

        assert await heard(speech, name, tmp_path) == "espeak:привет".encode()
        clock.passed += 31
        assert await heard(speech, name, tmp_path) == "edge:привет".encode()


async def test_while_the_first_engine_rests_its_stand_ins_audio_is_good(tmp_path: Path) -> None:
    espeak, clock = robot(), MovedClock()
    async with speech_of([FakeEngine(failure=LIMITED), espeak], tmp_path, clock) as speech:
        await until_kept(speech, name_of(speech, "привет"))
        clock.passed += 200
        await until_kept(speech, name_of(speech, "привет"))

        assert espeak.spoken == ["привет"]


async def test_when_making_it_anew_fails_what_is_kept_is_served(tmp_path: Path) -> None:
    edge, espeak, clock = FakeEngine(failure=DOWN), robot(), MovedClock()
    async with speech_of([edge, espeak], tmp_path, clock) as speech:
        name = name_of(speech, "привет")
        await until_kept(speech, name)
        espeak.failure = DOWN
        clock.passed += 3
        name_of(speech, "привет")

        assert await heard(speech, name, tmp_path) == "espeak:привет".encode()
