"""The real edge-tts against a service on loopback that misbehaves in every way seen in the field."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from edge_tts.drm import DRM

from core.speech.edge import EdgeSpeech
from core.speech.espeak import Espeak
from core.speech.model import Reason, SpeechFailed, VoiceChoice
from core.tasks import TaskPool
from tests.core.speech.engines import RUSSIAN, heard, name_of, speech_of, until_kept
from tests.fake_edge import Asked, FakeEdge


@pytest.fixture
async def service() -> AsyncIterator[FakeEdge]:
    async with FakeEdge() as service:
        yield service
    DRM.clock_skew_seconds = 0


@pytest.fixture
def engine(service: FakeEdge) -> EdgeSpeech:
    return EdgeSpeech(service.url)


@pytest.fixture
def hasty(service: FakeEdge) -> EdgeSpeech:
    return EdgeSpeech(service.url, first_seconds=0.3, whole_seconds=0.6)


async def spoken(engine: EdgeSpeech, text: str = "привет", voice: VoiceChoice = RUSSIAN) -> bytes:
    return b"".join([chunk async for chunk in engine.synthesize(text, voice)])


async def failure_of(engine: EdgeSpeech, text: str = "привет") -> Reason:
    with pytest.raises(SpeechFailed) as failure:
        await spoken(engine, text)
    return failure.value.reason


async def test_audio_arrives_whole(engine: EdgeSpeech, service: FakeEdge) -> None:
    assert await spoken(engine) == service.audio


async def test_voice_rate_and_pitch_reach_the_service(engine: EdgeSpeech, service: FakeEdge) -> None:
    await spoken(engine, "a & <b>", VoiceChoice("en-US-GuyNeural", rate=-20, pitch=10))

    voice = "Microsoft Server Speech Text to Speech Voice (en-US, GuyNeural)"
    assert service.asked == [Asked("a & <b>", voice, "-20%", "+18Hz")]


async def test_a_robot_voice_is_spoken_by_a_neural_one(engine: EdgeSpeech, service: FakeEdge) -> None:
    await spoken(engine, "hola", VoiceChoice("espeak:es"))

    assert "es-ES" in service.asked[0].voice


async def test_markup_is_spoken_as_text(engine: EdgeSpeech, service: FakeEdge) -> None:
    text = "</prosody></voice><voice name='x'>привет"
    await spoken(engine, text)

    assert service.asked[0].text == text


async def test_a_long_text_is_sent_in_pieces(engine: EdgeSpeech, service: FakeEdge) -> None:
    audio = await spoken(engine, "привет " * 900)

    assert len(service.asked) == 3
    assert audio == service.audio * 3


@pytest.mark.parametrize("offset", [-86_400, 3_600])
async def test_a_clock_that_differs_is_learned(engine: EdgeSpeech, service: FakeEdge, offset: float) -> None:
    service.clock_offset = offset

    assert await spoken(engine) == service.audio
    assert service.handshakes == 2


@pytest.mark.parametrize(
    ("fault", "reason", "handshakes"),
    [
        ("429", Reason.LIMITED, 1),
        ("403", Reason.REFUSED, 2),
        ("403-without-date", Reason.REFUSED, 1),
        ("500", Reason.DOWN, 1),
        ("503", Reason.DOWN, 1),
        ("no-audio", Reason.NO_AUDIO, 2),
        ("surprise", Reason.DOWN, 2),
        ("no-headers", Reason.DOWN, 2),
        ("empty-metadata", Reason.DOWN, 2),
        ("short-binary", Reason.DOWN, 2),
        ("close-half-way", Reason.CUT, 1),
        ("abort-half-way", Reason.CUT, 1),
    ],
)
async def test_each_fault_is_told_and_tried_twice_at_most(
    engine: EdgeSpeech, service: FakeEdge, fault: str, reason: Reason, handshakes: int
) -> None:
    service.fault = fault

    assert await failure_of(engine) is reason
    assert service.handshakes == handshakes


@pytest.mark.parametrize("fault", ["stall", "stall-half-way", "hang"])
async def test_a_standstill_is_not_waited_for(hasty: EdgeSpeech, service: FakeEdge, fault: str) -> None:
    service.fault = fault

    assert await failure_of(hasty) is Reason.LATE
    assert service.handshakes == 1


async def test_no_service_is_told(engine: EdgeSpeech, service: FakeEdge) -> None:
    await service.stop()

    assert await failure_of(engine) is Reason.DOWN


async def test_broken_text_is_told(engine: EdgeSpeech) -> None:
    assert await failure_of(engine, "a\ud800b") is Reason.NO_AUDIO


async def test_at_most_six_texts_are_asked_at_once(service: FakeEdge, tmp_path: Path) -> None:
    service.pause = 0.005
    async with speech_of([EdgeSpeech(service.url)], tmp_path) as speech:
        for name in [name_of(speech, f"текст {number}") for number in range(20)]:
            await until_kept(speech, name)

    assert 1 < service.most_at_once <= 6


async def test_the_first_engine_is_heard_and_when_it_stops_the_robot_is(
    service: FakeEdge, tmp_path: Path
) -> None:
    async with TaskPool() as tasks, speech_of([EdgeSpeech(service.url), Espeak(tasks)], tmp_path) as speech:
        assert await heard(speech, name_of(speech, "раз"), tmp_path) == service.audio

        await service.stop()
        robot = await heard(speech, name_of(speech, "два"), tmp_path)
        assert len(robot) > 1000
        assert robot != service.audio

        await service.start(service.port)
        assert await heard(speech, name_of(speech, "три"), tmp_path) == service.audio


@pytest.mark.parametrize("fault", ["403", "429", "503", "no-audio", "close-half-way", "stall", "hang"])
async def test_with_any_fault_the_whole_line_is_heard(service: FakeEdge, tmp_path: Path, fault: str) -> None:
    service.fault = fault
    async with (
        TaskPool() as tasks,
        speech_of([EdgeSpeech(service.url), Espeak(tasks)], tmp_path, hedge_after=0.3) as speech,
    ):
        name = name_of(speech, "привет всем")
        media_name = await until_kept(speech, name)

        assert media_name.startswith("speech/espeak/")
        assert (tmp_path / media_name).stat().st_size > 3000
