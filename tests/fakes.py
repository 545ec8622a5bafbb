"""Stand-ins behind the same constructor as the real thing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.clock import Clock
from core.speech.model import Spoken, VoiceChoice


class MovedClock(Clock):
    """Stands still until moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self._began = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.seconds += seconds


class FakeSpeech:
    """Every text takes two seconds to say."""

    speaking_engine = "fake"

    def __init__(self) -> None:
        self.handed_out: list[str] = []
        self.begun = 0  # of them
        self.voices: list[VoiceChoice] = []
        self.forgotten: list[str] = []
        self.allow: Callable[[int, int], bool] = lambda *_: True

    def hand_out(
        self, account_id: int, text: str, voice: VoiceChoice, *, begin: bool = True
    ) -> Spoken | None:
        if not self.allow(account_id, len(text)):
            return None
        self.handed_out.append(text)
        self.begun += begin
        self.voices.append(voice)
        return Spoken(f"tts/{len(self.handed_out)}.mp3", 2.0)

    def forget(self, name: str) -> None:
        self.forgotten.append(name)
