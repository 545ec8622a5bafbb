"""Azure Speech over its REST call: Microsoft's voices under a contract, with a key."""

import asyncio
from collections.abc import AsyncGenerator
from xml.sax.saxutils import escape, quoteattr

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from core.speech import voices
from core.speech.model import Reason, SpeechFailed, VoiceChoice

FIRST_SECONDS = 4.0
WHOLE_SECONDS = 8.0


class AzureSpeech:
    name = "azure"
    parallel = 8
    is_local = False

    def __init__(
        self,
        key: str,
        *,
        region: str | None = None,
        url: str | None = None,
        first_seconds: float = FIRST_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        """`url`: where there is no `region`, up to and without `/cognitiveservices/v1`."""
        base = (url or f"https://{region}.tts.speech.microsoft.com").rstrip("/")
        self._url = f"{base.removesuffix('/cognitiveservices/v1')}/cognitiveservices/v1"
        self._headers = {
            "Ocp-Apim-Subscription-Key": key,
            "Content-Type": "application/ssml+xml",
            "X-Microsoft-OutputFormat": "audio-24khz-48kbitrate-mono-mp3",
            "User-Agent": "ttboost",
        }
        self._timeout = ClientTimeout(total=whole_seconds)
        self._first_seconds = first_seconds
        self._session: ClientSession | None = None

    def has_voice(self, voice_id: str) -> bool:
        return voices.is_known(voice_id) and not voices.is_espeak(voice_id)

    async def warm(self) -> None:
        """Connections are made as they are needed, and kept."""

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        if self._session is None:
            self._session = ClientSession(timeout=self._timeout, trust_env=True)
        first_by = asyncio.get_running_loop().time() + self._first_seconds
        try:
            request = self._session.post(self._url, data=_ssml(text, voice).encode(), headers=self._headers)
            async with asyncio.timeout_at(first_by):
                response = await request
            async with response:
                _check(response)
                async with asyncio.timeout_at(first_by):
                    chunk = await response.content.readany()
                while chunk:
                    yield chunk
                    chunk = await response.content.readany()
        except TimeoutError as error:
            raise SpeechFailed(Reason.LATE) from error
        except UnicodeEncodeError as error:
            raise SpeechFailed(Reason.NO_AUDIO, "broken text") from error
        except (ClientError, OSError) as error:
            raise SpeechFailed(Reason.DOWN, type(error).__name__) from error


def _check(response: ClientResponse) -> None:
    status = response.status
    if status == 429:
        raise SpeechFailed(Reason.LIMITED)
    if status != 200 or not response.content_type.startswith("audio/"):
        raise SpeechFailed(Reason.DOWN if status >= 500 else Reason.REFUSED, f"HTTP {status}")


def _ssml(text: str, voice: VoiceChoice) -> str:
    name = voices.neural_of(voice.voice_id)
    return (
        '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">'
        f"<voice name={quoteattr(name)}>"
        f'<prosody rate="{voice.rate:+d}%" pitch="{voice.pitch:+d}%">{escape(_xml(text))}</prosody>'
        "</voice></speak>"
    )


def _xml(text: str) -> str:
    """Without the characters XML 1.0 forbids."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in text)
