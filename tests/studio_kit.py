"""A studio of one streamer with nothing behind it but memory, and sockets that are lists."""

import json
from typing import Any

from core.allowance import SpeechAllowance
from core.crew import Crew
from core.effects.render import Setup
from core.gift_catalogue import GiftNotes
from core.journal import Journal
from core.listener import Listener, Place
from core.live.events import (
    AnyEvent,
    ChatPosted,
    Frame,
    GiftSent,
    LikesSent,
    Viewer,
)
from core.live.source import LiveState, LiveStatus
from core.live_news import LiveNews
from core.overlay_look import STANDARD, Look
from core.settings import Settings
from core.sounds.service import SoundLibrary
from core.studio import Studio
from core.triggers.model import Condition, ConditionKey, Params, PlaySound, Speak, Trigger
from core.triggers.model import EventType as Event
from core.triggers.templates import Template
from storage.db import Database
from storage.models import Sound
from tests.fakes import FakeSpeech, MovedClock

ANN = Viewer(1, "ann", "Ann")
BOB = Viewer(2, "bob", "Bob")
ROSE = {"gift_id": 5655, "name": "Rose", "diamonds": 1}


class NoWebhooks:
    def __init__(self) -> None:
        self.called: list[int] = []

    def call(self, user_id: int, trigger: Trigger, fact: object) -> None:
        self.called.append(trigger.id)


class Supervised:
    """A LIVE that is always on."""

    def __init__(self, clock: MovedClock) -> None:
        self.state = LiveState.LIVE
        self.status = LiveStatus(self.state, clock.now(), room_id="7001", viewers=3)
        self.looked = 0
        self.is_stopped = False

    def check_now(self) -> None:
        self.looked += 1

    def stop(self) -> None:
        self.is_stopped = True


class Kit:
    def __init__(
        self,
        settings: Settings | None = None,
        triggers: list[Trigger] | None = None,
        *,
        user_id: int = 7,
        db: Database | None = None,
        is_demo: bool = False,
    ) -> None:
        self.clock = MovedClock()
        self.speech = FakeSpeech()
        self.db = db or Database("sqlite+aiosqlite://")
        self.live_news = LiveNews(self.db, self.clock)
        self.journal = Journal(self.db, self.clock)
        self.webhooks = NoWebhooks()
        self.crew = Crew(
            self.speech,
            self.journal,
            self.clock,
            self.webhooks,
            GiftNotes(self.db, self.clock),
            SpeechAllowance(self.clock),
            self.live_news,
        )
        self.studio = Studio(user_id, last_seq=0, crew=self.crew, supervise=self._supervise, is_demo=is_demo)
        self.equip(settings or Settings(tiktok_username="host"), triggers or [])
        self.studio.start_live()
        self.studio.began("7001", is_new=True)
        self._log_id = 0

    def _supervise(self, *_: object) -> Supervised:
        self.supervised = Supervised(self.clock)
        return self.supervised

    def equip(self, settings: Settings, triggers: list[Trigger], look: Look = STANDARD) -> None:
        templates = {
            one.id: Template.parse(one.params.text_template)
            for one in triggers
            if hasattr(one.params, "text_template")
        }
        row = Sound(
            filename="bell.mp3",
            filename_folded="bell.mp3",
            media_name="sounds/bell.mp3",
            duration=3.0,
            size=1,
        )
        chat_template = Template.parse(settings.chat_tts_template)
        setup = Setup(settings, SoundLibrary([row]), templates, chat_template, look)
        self.studio.equip(setup, triggers, None)

    def listen(self, place: Place = Place.PLAYER, since: int | None = None) -> Listener:
        listener = Listener(place, "http://host")
        self.studio.join(listener, since)
        return listener

    def happen(self, *events: AnyEvent, server_ms: int = 0) -> None:
        self.studio.frame(Frame("msg", server_ms=server_ms, events=list(events)))

    def wait(self, seconds: float) -> None:
        self.clock.move(seconds)
        self.studio.tick(self.clock.monotonic())


def heard(listener: Listener, *types: str) -> list[dict[str, Any]]:
    """What has been offered so far, taken; only those `types` where some are named."""
    texts = [text for text, _ in listener._pending]
    listener._pending.clear()
    messages = [json.loads(text) for text in texts]
    return [one for one in messages if not types or one["type"] in types]


def closed_with(listener: Listener) -> int | None:
    return listener._code


def chat(text: str, viewer: Viewer = ANN, msg_id: int = 0, **more: Any) -> ChatPosted:
    return ChatPosted(msg_id, more.pop("created_ms", 0), viewer, text, **more)


def gift(
    count: int, viewer: Viewer = ANN, *, over: bool = False, group: int = 9, msg_id: int = 0
) -> GiftSent:
    return GiftSent(msg_id, 0, viewer, 5655, "Rose", 1, count, True, over, group)


def single_gift(diamonds: int, viewer: Viewer = ANN) -> GiftSent:
    return GiftSent(0, 0, viewer, 9333, "Clappers", diamonds, 1, False, False, 0)


def likes(count: int, total: int, viewer: Viewer = ANN) -> LikesSent:
    return LikesSent(0, 0, viewer, count, total)


def trigger(
    number: int, event: Event, params: Params, *conditions: tuple[ConditionKey, str], **more: Any
) -> Trigger:
    return Trigger(number, event, tuple(Condition(key, value) for key, value in conditions), params, **more)


def bell(number: int, event: Event, *conditions: tuple[ConditionKey, str], **more: Any) -> Trigger:
    return trigger(number, event, PlaySound("bell.mp3"), *conditions, **more)


def speak(
    number: int, event: Event, text: str, *conditions: tuple[ConditionKey, str], **more: Any
) -> Trigger:
    return trigger(number, event, Speak(text), *conditions, **more)
