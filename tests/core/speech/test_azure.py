"""Azure's REST call against a service on loopback."""

from collections.abc import AsyncIterator

import pytest

from core.speech.azure import AzureSpeech
from core.speech.model import Reason, SpeechFailed, VoiceChoice
from tests.core.speech.engines import RUSSIAN
from tests.fake_azure import KEY, FakeAzure


@pytest.fixture
async def service() -> AsyncIterator[FakeAzure]:
    async with FakeAzure() as service:
        yield service


@pytest.fixture
async def engine(service: FakeAzure) -> AsyncIterator[AzureSpeech]:
    engine = AzureSpeech(KEY, url=service.url, first_seconds=30, whole_seconds=60)
    yield engine
    await engine.close()


@pytest.fixture
async def hasty(service: FakeAzure) -> AsyncIterator[AzureSpeech]:
    engine = AzureSpeech(KEY, url=service.url, first_seconds=0.4, whole_seconds=0.8)
    yield engine
    await engine.close()


async def spoken(engine: AzureSpeech, text: str = "привет", voice: VoiceChoice = RUSSIAN) -> bytes:
    return b"".join([chunk async for chunk in engine.synthesize(text, voice)])


async def test_audio_arrives_whole(engine: AzureSpeech, service: FakeAzure) -> None:
    assert await spoken(engine) == service.audio
    assert service.headers["X-Microsoft-OutputFormat"] == "audio-24khz-48kbitrate-mono-mp3"


async def test_markup_is_escaped(engine: AzureSpeech, service: FakeAzure) -> None:
    await spoken(engine, "a & </prosody> \x00 '\"", VoiceChoice("en-US-GuyNeural", rate=25, pitch=-5))

    assert '<voice name="en-US-GuyNeural">' in service.asked[0]
    assert '<prosody rate="+25%" pitch="-5%">a &amp; &lt;/prosody&gt;   \'"</prosody>' in service.asked[0]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("429", Reason.LIMITED),
        ("400", Reason.REFUSED),
        ("503", Reason.DOWN),
        ("html", Reason.REFUSED),
        ("abort", Reason.DOWN),
    ],
)
async def test_each_fault_is_told(
    engine: AzureSpeech, service: FakeAzure, fault: str, reason: Reason
) -> None:
    service.fault = fault

    with pytest.raises(SpeechFailed) as failure:
        await spoken(engine)

    assert failure.value.reason is reason


async def test_an_answer_that_stalls_is_late(hasty: AzureSpeech, service: FakeAzure) -> None:
    service.fault = "stall"

    with pytest.raises(SpeechFailed) as failure:
        await spoken(hasty)

    assert failure.value.reason is Reason.LATE


async def test_an_empty_answer_has_no_audio(engine: AzureSpeech, service: FakeAzure) -> None:
    service.fault = "empty"

    assert await spoken(engine) == b""


async def test_a_wrong_key_is_refused(service: FakeAzure) -> None:
    engine = AzureSpeech("wrong", url=f"{service.url}/cognitiveservices/v1")

    with pytest.raises(SpeechFailed) as failure:
        await spoken(engine)
    await engine.close()

    assert failure.value.reason is Reason.REFUSED


async def test_broken_text_is_told(engine: AzureSpeech) -> None:
    assert await spoken(engine, "a\ud800b")
