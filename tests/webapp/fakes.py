"""Stand-ins behind the same calls, and a few things every test of the web needs."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

from core import license_clock
from core.access import Access
from core.clock import Clock
from core.errors import TiktokUsernameNotSet
from core.live.events import Fact
from core.live.source import LiveState, LiveStatus
from core.speech.model import Reason, SpeechFailed, VoiceChoice

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


class MovedClock(Clock):
    """Stands still until told."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return 1_000.0 + self.passed

    def move(self, seconds: float) -> None:
        self.passed += seconds


class RecordingStudios:
    """Refuses as the real ones do and remembers what it was asked."""

    is_demo = False

    def __init__(self, access: Access) -> None:
        self._access = access
        self.reloaded: list[int] = []
        self.tried: list[int | Fact] = []
        self.has_username = True
        self.now = LiveStatus(LiveState.OFF, START)

    async def status(self, _user_id: int) -> LiveStatus:
        return self.now

    async def start_live(self, user_id: int, _tiktok_username: str | None = None) -> None:
        license_clock.require_live((await self._access.of(user_id)).license)
        if not self.has_username:
            raise TiktokUsernameNotSet
        self.now = LiveStatus(LiveState.CONNECTING, START)

    async def stop_live(self, _user_id: int) -> None:
        self.now = LiveStatus(LiveState.OFF, START)

    async def reload(self, user_id: int) -> None:
        self.reloaded.append(user_id)

    async def test(self, _user_id: int, trial: int | Fact) -> None:
        self.tried.append(trial)


class SlowVoice:
    """Speaks `head`, then waits to be let on before it speaks `tail`."""

    name = "edge"
    parallel = 4
    is_local = True

    def __init__(self) -> None:
        self.head = b"ID3-first-part-"
        self.tail = b"second-part"
        self.go_on = asyncio.Event()
        self.is_broken = False
        self.breaks_off = False
        self.spoken: list[str] = []

    def has_voice(self, voice_id: str) -> bool:
        return not voice_id.startswith("espeak:")

    async def synthesize(self, text: str, _voice: VoiceChoice) -> AsyncGenerator[bytes, None]:
        if self.is_broken:
            raise SpeechFailed(Reason.DOWN)
        self.spoken.append(text)
        yield self.head
        await self.go_on.wait()
        if self.breaks_off:
            raise SpeechFailed(Reason.CUT)
        yield self.tail

    async def warm(self) -> None: ...

    async def close(self) -> None: ...
