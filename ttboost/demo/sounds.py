"""Sounds of the demo streamer, computed: nothing is recorded."""

import io
import math
import wave
from array import array
from collections.abc import AsyncIterator, Sequence

import structlog

from core.errors import AppError
from core.services import Services
from storage.db import DatabaseError

log = structlog.get_logger(__name__)

RATE = 22_050
Note = tuple[float, float]  # pitch in hertz, seconds

_MELODIES: dict[str, Sequence[Note]] = {
    "level-up.wav": [(523, 0.09), (659, 0.09), (784, 0.09), (1047, 0.4)],
    "door bell.wav": [(659, 0.45), (523, 0.8)],
    "oh no.wav": [(392, 0.22), (370, 0.22), (349, 0.22), (330, 0.7)],
}


async def add(services: Services, user_id: int, quota: int) -> None:
    for filename, melody in _MELODIES.items():
        try:
            await services.sounds.upload(user_id, filename, _chunks(_wav(melody)), quota)
        except (AppError, DatabaseError) as error:
            log.warning("demo_sound_not_added", error=str(error))
    await services.studios.reload(user_id)


async def _chunks(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _wav(melody: Sequence[Note]) -> bytes:
    samples = array("h", (sample for pitch, seconds in melody for sample in _note(pitch, seconds)))
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(samples.itemsize)
        writer.setframerate(RATE)
        writer.writeframes(samples.tobytes())
    return file.getvalue()


def _note(pitch: float, seconds: float) -> Sequence[int]:
    """A tone and its octave that fade."""
    turn = 2 * math.pi * pitch / RATE
    return [
        round(9_000 * math.exp(-3 * place / RATE / seconds) * _wave(turn * place))
        for place in range(int(seconds * RATE))
    ]


def _wave(angle: float) -> float:
    return math.sin(angle) + math.sin(2 * angle) / 3
