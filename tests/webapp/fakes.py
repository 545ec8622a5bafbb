"""Stand-ins behind the same constructor or the same calls as the real thing."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from core.listener import Place
from core.live.events import Fact
from core.live.source import LiveState, LiveStatus
from core.speech.model import Reason, SpeechFailed, VoiceChoice
from core.studios import Studios
from core.triggers.model import Trigger
from tests.fakes import MovedClock

START = MovedClock().now()


class ScriptedLive:
    """A supervision that finds what it is told to find."""

    def __init__(self) -> None:
        self.status = LiveStatus(LiveState.CONNECTING, START)
        self.unique_id = ""

    def __call__(self, unique_id: str, *_: object) -> "ScriptedLive":
        self.unique_id = unique_id
        return self

    @property
    def state(self) -> LiveState:
        return self.status.state

    def check_now(self) -> None: ...

    def stop(self) -> None: ...


class WatchedStudios(Studios):
    """The real ones; remembers what they were asked."""

    def __init__(self, *everything: Any) -> None:
        super().__init__(*everything)
        self.reloaded: list[int] = []
        self.tried: list[int | Trigger | Fact] = []

    async def reload(self, user_id: int) -> None:
        self.reloaded.append(user_id)
        await super().reload(user_id)

    async def test(self, user_id: int, trial: int | Trigger | Fact) -> list[Place]:
        self.tried.append(trial)
        return await super().test(user_id, trial)


class NoWebhooks:
    def call(self, *_: object) -> None: ...


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
