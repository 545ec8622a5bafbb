"""The voice that needs nobody, in its own process."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from core.speech import espeak
from core.speech.espeak import Espeak, reading_voice
from core.speech.model import Reason, SpeechFailed, VoiceChoice
from core.tasks import TaskPool
from tests.core.speech.engines import heard, name_of, speech_of

STUBBORN = """
import sys, time
out, read = sys.stdout.buffer, sys.stdin.buffer.read
out.write(b"R" + bytes(4)); out.flush()
while head := read(5):
    text = read(int.from_bytes(head[1:], "big")).decode()
    if "hang" in text: time.sleep(60)
    if "die" in text: sys.exit(1)
    if "half" in text: out.write(b"A" + (3).to_bytes(4, "big") + b"abc"); out.flush(); sys.exit(1)
    out.write(b"A" + (2).to_bytes(4, "big") + b"ok" + b"D" + bytes(4)); out.flush()
"""


@pytest.fixture
async def tasks() -> AsyncIterator[TaskPool]:
    async with TaskPool() as pool:
        yield pool


@pytest.fixture
async def engine(tasks: TaskPool) -> AsyncIterator[Espeak]:
    engine = Espeak(tasks)
    yield engine
    await engine.close()


@pytest.fixture
async def stubborn(tasks: TaskPool) -> AsyncIterator[Espeak]:
    """A stand-in process that hangs or dies when it is told to."""
    engine = Espeak(tasks, command=(sys.executable, "-I", "-c", STUBBORN), patience=0.5)
    yield engine
    await engine.close()


async def spoken(engine: Espeak, text: str, voice_id: str = "espeak:ru") -> bytes:
    return b"".join([chunk async for chunk in engine.synthesize(text, VoiceChoice(voice_id))])


def loudness(mp3: bytes) -> float:
    """Root mean square of what a player would play, 0 to 1."""
    with av.open(BytesIO(mp3), "r", format="mp3") as file:
        samples = np.concatenate([frame.to_ndarray().ravel() for frame in file.decode(audio=0)])
    return float(np.sqrt(np.mean(samples.astype("float64") ** 2)))


def process_ids(engine: Espeak) -> list[int]:
    return [process._process.pid for process in engine._live]


async def replaced(engine: Espeak, before: Sequence[int]) -> None:
    async with asyncio.timeout(30):
        while not engine._idle or process_ids(engine) == before:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("text", "voice_id"),
    [
        ("Привет, как дела у всех?", "ru-RU-SvetlanaNeural"),
        ("hello everyone, how are you?", "en-US-EmmaMultilingualNeural"),
        ("Привіт, як справи?", "uk-UA-OstapNeural"),
        ("Hola a todos, ¿cómo estáis?", "es-ES-ElviraNeural"),
    ],
)
async def test_four_languages_are_heard(engine: Espeak, text: str, voice_id: str) -> None:
    audio = await spoken(engine, text, voice_id)

    assert loudness(audio) > 0.02
    assert 1.0 < len(audio) / 6000 < 5.0


async def test_a_long_text_comes_in_pieces(engine: Espeak) -> None:
    chunks = [
        chunk async for chunk in engine.synthesize("раз два три четыре пять " * 5, VoiceChoice("espeak:ru"))
    ]

    assert len(chunks) > 10


async def test_a_faster_voice_is_shorter(engine: Espeak) -> None:
    usual = await spoken(engine, "раз два три четыре пять")
    fast = b"".join(
        [
            chunk
            async for chunk in engine.synthesize("раз два три четыре пять", VoiceChoice("espeak:ru", rate=60))
        ]
    )

    assert len(fast) < len(usual) * 0.8


async def test_every_voice_of_the_list_speaks(tasks: TaskPool) -> None:
    engine = Espeak(tasks)
    async with speech_of([engine], Path("unused")) as speech:
        robots = [voice.id for voice in speech.voices() if voice.available]

        assert [voice_id for voice_id in robots if not await spoken(engine, "1 2", voice_id)] == []


@pytest.mark.parametrize(
    "text",
    [
        "<break time='60s'/> [[h@l'oU]] <audio src='file:///etc/passwd'/>",
        "\x00\x01\x02 \ud800 \U0010ffff привет",
        "а" * 1000,
        "1" * 1000,
        "( [ { < & > } ] ) a",
        "\u0301\u0302\u0303a\u0e47\u0e47\u0e47",
        "𒀀𒀁 ﷽ ﷽ ﷽",
    ],
)
async def test_hostile_text_does_no_harm(engine: Espeak, text: str) -> None:
    assert len(await spoken(engine, text)) < 600_000
    assert await spoken(engine, "привет")


async def test_markup_is_read_and_not_obeyed(engine: Espeak) -> None:
    pause = await spoken(engine, "a <break time='60s'/> b")

    assert len(pause) / 6000 < 20


async def test_a_killed_process_is_replaced_and_the_next_text_spoken(engine: Espeak) -> None:
    await engine.warm()
    os.kill(process_ids(engine)[0], signal.SIGKILL)

    assert await spoken(engine, "привет")


async def test_a_hanging_process_is_killed_and_replaced(stubborn: Espeak) -> None:
    await stubborn.warm()
    before = process_ids(stubborn)

    with pytest.raises(SpeechFailed) as failure:
        await spoken(stubborn, "hang")

    assert failure.value.reason is Reason.HUNG
    await replaced(stubborn, before)
    assert await spoken(stubborn, "fine") == b"ok"


async def test_a_text_that_crashes_its_process_fails_alone(stubborn: Espeak) -> None:
    with pytest.raises(SpeechFailed) as failure:
        await spoken(stubborn, "die")

    assert failure.value.reason is Reason.CRASHED
    assert await spoken(stubborn, "fine") == b"ok"


async def test_a_crash_in_the_middle_is_told(stubborn: Espeak) -> None:
    with pytest.raises(SpeechFailed):
        await spoken(stubborn, "half")


async def test_who_stops_listening_leaves_no_half_answer_behind(stubborn: Espeak) -> None:
    await stubborn.warm()
    before = process_ids(stubborn)
    answer = stubborn.synthesize("fine", VoiceChoice("espeak:ru"))
    await anext(answer)
    await answer.aclose()

    await replaced(stubborn, before)
    assert await spoken(stubborn, "fine") == b"ok"


async def test_a_worn_out_process_is_replaced(stubborn: Espeak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "TEXTS_A_PROCESS", 2)
    await stubborn.warm()
    before = process_ids(stubborn)
    for _ in range(2):
        await spoken(stubborn, "fine")

    await replaced(stubborn, before)


async def test_too_many_waiting_are_turned_away(stubborn: Espeak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "MAX_WAITING", 2)

    said = await asyncio.gather(*(spoken(stubborn, "fine") for _ in range(10)), return_exceptions=True)

    assert b"ok" in said
    assert any(isinstance(one, SpeechFailed) for one in said)


async def test_an_engine_that_cannot_start_fails_and_does_not_hang(tasks: TaskPool) -> None:
    engine = Espeak(tasks, command=("/nowhere/python",))
    await engine.warm()

    with pytest.raises(SpeechFailed):
        await spoken(engine, "привет")


async def test_nothing_is_left_running(tasks: TaskPool) -> None:
    engine = Espeak(tasks)
    await engine.warm()
    (pid,) = process_ids(engine)

    await engine.close()

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_two_hundred_equal_texts_at_once_are_one_synthesis(tasks: TaskPool, tmp_path: Path) -> None:
    engine = Espeak(tasks)
    async with speech_of([engine], tmp_path) as speech:
        name = name_of(speech, "привет всем")
        said = await asyncio.gather(*(heard(speech, name, tmp_path) for _ in range(200)))

        assert len(set(said)) == 1
        assert sum(process.texts for process in engine._live) == 1


@pytest.mark.parametrize(
    ("text", "voice", "reader"),
    [
        ("привет", "en-us+f2", "ru+f2"),
        ("привіт, їжак", "en-us", "uk"),
        ("hello", "ru+f2", "ru+f2"),
        ("hello привет", "en-us+f2", "ru+f2"),
        ("hello everyone, Вася is here with us", "en-us", "en-us"),
        ("привет", "bg", "bg"),
        ("สวัสดี", "ru", "th"),
        ("你好", "es+f2", "cmn+f2"),
        ("123", "es", "es"),
    ],
)
def test_text_in_another_script_is_read_by_who_can(text: str, voice: str, reader: str) -> None:
    assert reading_voice(text, voice) == reader
