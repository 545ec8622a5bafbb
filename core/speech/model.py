"""Words shared by all of speech: the choice of a voice, the seam to an engine, what can go wrong there."""

from collections.abc import AsyncGenerator
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

BYTES_PER_SECOND = 6_000  # every engine speaks mp3 of 48 kbit/s, mono


class VoiceChoice(Struct, frozen=True):
    voice_id: str
    rate: int = 0  # percent faster (+) or slower (-) than the voice's own
    pitch: int = 0  # percent higher (+) or lower (-)


class Spoken(Struct, frozen=True):
    name: str  # media name; the audio is made in the background
    seconds: float  # measured where the audio stands ready, else estimated


class Reason(StrEnum):
    LIMITED = "limited"  # the service says: too many requests
    REFUSED = "refused"  # it does not want us: key, token, address
    LATE = "late"
    CUT = "cut"  # it stopped in the middle
    NO_AUDIO = "no_audio"  # it answered properly, with nothing to hear: the text's fault
    DOWN = "down"
    CRASHED = "crashed"  # the text brought its process down
    HUNG = "hung"  # the text keeps its process busy for ever


class SpeechFailed(Exception):
    """An engine did not deliver. Never leaves core.speech."""

    def __init__(self, reason: Reason, note: str = "", *, is_passing: bool = False) -> None:
        super().__init__(f"{reason}: {note}" if note else str(reason))
        self.reason = reason
        self.is_passing = is_passing  # may be gone at once: worth a second try where nothing was told yet


class Synthesizer(Protocol):
    """One engine. `synthesize` yields mp3 as it is made and raises `SpeechFailed`, also for cut audio."""

    name: str
    parallel: int  # how many texts at once are good for it
    is_local: bool  # needs nobody else: asked even while it rests, when all others do too

    def has_voice(self, voice_id: str) -> bool:
        """Whether this voice is its own; any other one is spoken by the nearest it has."""

    def synthesize(self, text: str, voice: VoiceChoice) -> AsyncGenerator[bytes, None]: ...

    async def warm(self) -> None:
        """Get ready for the first text; called in the background at start."""

    async def close(self) -> None: ...
