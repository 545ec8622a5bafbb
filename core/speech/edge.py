"""Microsoft Edge's read-aloud service, by edge-tts as it is.

What the adapter adds: it tells truncated audio from whole, gives up on a stalled connection, sends only
voices of our list and clamped numbers, and turns every kind of failure into one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager

import edge_tts.communicate
from aiohttp import ClientConnectorError, ClientError, ClientResponseError
from edge_tts import Communicate
from edge_tts.constants import WSS_URL
from edge_tts.exceptions import EdgeTTSException, NoAudioReceived, SkewAdjustmentError
from edge_tts.typing import TTSChunk

from core.speech import voices
from core.speech.model import Reason, SpeechFailed, VoiceChoice

OFFICIAL = "https://speech.platform.bing.com/consumer/speech/synthesize/readaloud"
FIRST_SECONDS = 4.0
WHOLE_SECONDS = 8.0
HERTZ_A_PERCENT = 1.8  # voices lie around 180 Hz, and the service wants pitch in Hz

# edge-tts takes every answer apart without looking: what it trips over is the service's doing.
_TRIPPED = (
    ClientError,
    OSError,
    EdgeTTSException,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
)


class EdgeSpeech:
    name = "edge"
    parallel = 6  # from one address; over 40 at once count as spam there
    is_local = False

    def __init__(
        self,
        url: str = OFFICIAL,
        *,
        first_seconds: float = FIRST_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        """`url`: the part before `/edge/v1`. edge-tts keeps its address in a module: one a process."""
        query = WSS_URL.partition("?")[2]
        vars(edge_tts.communicate)["WSS_URL"] = f"ws{url.removeprefix('http').rstrip('/')}/edge/v1?{query}"
        self._first_seconds = first_seconds
        self._whole_seconds = whole_seconds

    def has_voice(self, voice_id: str) -> bool:
        return voices.is_known(voice_id) and not voices.is_espeak(voice_id)

    async def warm(self) -> None:
        """Nothing to get ready: every text has a connection of its own."""

    async def close(self) -> None:
        """Nothing stays open."""

    async def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        deadline = asyncio.get_running_loop().time() + self._whole_seconds
        is_told = False
        for attempt in (1, 2):
            try:
                async with aclosing(self._once(text, voice, deadline)) as audio:
                    async for chunk in audio:
                        is_told = True
                        yield chunk
            except SpeechFailed as failure:
                if is_told or attempt == 2 or not failure.is_passing:
                    raise
            else:
                return

    async def _once(self, text: str, voice: VoiceChoice, deadline: float) -> AsyncGenerator[bytes, None]:
        request = Communicate(
            text,
            voices.neural_of(voice.voice_id),
            rate=f"{voice.rate:+d}%",
            pitch=f"{round(voice.pitch * HERTZ_A_PERCENT):+d}Hz",
        )
        received = 0
        first_by = asyncio.get_running_loop().time() + self._first_seconds
        async with aclosing(request.stream()) as answer:
            while message := await _next(answer, deadline if received else min(first_by, deadline)):
                if message["type"] == "audio":
                    received += len(message["data"])
                    yield message["data"]
        # Counted by edge-tts when the service says that the turn is over: unequal means that it was cut off.
        if request.state["cumulative_audio_bytes"] != received:
            raise SpeechFailed(Reason.CUT)


async def _next(answer: AsyncGenerator[TTSChunk, None], deadline: float) -> TTSChunk | None:
    with _translated():
        async with asyncio.timeout_at(deadline):
            return await anext(answer, None)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise SpeechFailed(Reason.LATE) from error
    except NoAudioReceived as error:
        # Also what a connection closed before the first audio looks like, so it is worth a second try.
        raise SpeechFailed(Reason.NO_AUDIO, is_passing=True) from error
    except SkewAdjustmentError as error:
        raise SpeechFailed(Reason.REFUSED, "its clock cannot be read") from error
    except ClientResponseError as error:
        raise SpeechFailed(_reason_of(error.status), f"HTTP {error.status}") from error
    except ClientConnectorError as error:
        raise SpeechFailed(Reason.DOWN, "no connection") from error
    except UnicodeEncodeError as error:
        raise SpeechFailed(Reason.NO_AUDIO, "broken text") from error
    except _TRIPPED as error:
        raise SpeechFailed(Reason.DOWN, type(error).__name__, is_passing=True) from error


def _reason_of(status: int) -> Reason:
    if status == 429:
        return Reason.LIMITED
    return Reason.DOWN if status >= 500 else Reason.REFUSED
