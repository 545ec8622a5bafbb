"""What all streamers share, as far as their studios need it."""

from dataclasses import dataclass, field
from typing import Protocol

from core.allowance import SpeechAllowance
from core.clock import Clock
from core.gift_catalogue import GiftNotes
from core.journal import Journal
from core.live.events import Fact
from core.live_watch import Nobody, Post
from core.speech.model import Spoken, VoiceChoice
from core.triggers.model import Trigger


class WebhookCaller(Protocol):
    def call(self, user_id: int, trigger: Trigger, fact: Fact) -> None: ...


class Speaker(Protocol):
    """`core.speech.service.Speech`."""

    @property
    def speaking_engine(self) -> str | None: ...

    def hand_out(
        self, account_id: int, text: str, voice: VoiceChoice, /, *, begin: bool = True
    ) -> Spoken | None: ...

    def forget(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Crew:
    speech: Speaker
    journal: Journal
    clock: Clock
    webhooks: WebhookCaller
    gifts: GiftNotes
    allowance: SpeechAllowance
    post: Post = field(default_factory=Nobody)
