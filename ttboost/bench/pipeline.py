"""One streamer's whole way: frame bytes to the text on a player's socket, history written behind.

Real messages, 50 triggers, one player. The streamer's clock goes on with the frames as in a
real room, where audio has time to play. Speech is handed out to a stand-in: making audio is
measured by the `speech` bench.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from core.allowance import SpeechAllowance
from core.clock import Clock
from core.crew import Crew
from core.effects.render import Setup
from core.gift_catalogue import GiftNotes
from core.journal import Journal
from core.listener import Listener, Place
from core.live.events import EventType, Fact
from core.live.readers import READERS
from core.live.source import Head, LiveState, LiveStatus, SessionSink
from core.live.wire import decode_frame, encode_frame
from core.settings import Settings
from core.sounds.service import SoundLibrary
from core.speech.model import Spoken, VoiceChoice
from core.studio import Studio
from core.triggers.model import Condition, ConditionKey, PlaySound, Speak, Trigger
from core.triggers.templates import Template
from storage import migrations
from storage.db import Database
from storage.models import User
from ttboost.bench import Row, median_of
from ttboost.bench.decode import grouped_messages
from ttboost.process import calm_collector

REACH = 12_000
FRAMES_A_FLUSH = 600  # history is written about as often as twice a second would be
FRAME_SECONDS = 0.63  # between two frames of one room, as measured in real ones
PASSES = 12  # over all real messages, each with ids of its own, as one long LIVE
GIFTS = ("Rose", "Finger Heart", "Heart Me", "Fire", "Coffee", "GG", "TikTok", "Cat Paws")
WORDS = ("hello", "hola", "привет", "gg", "song", "love", "wow", "first")


def run() -> list[Row]:
    frames = long_live()
    calm_collector()  # as `serve` does
    speed = median_of(lambda: asyncio.run(_measure(frames)))
    return [
        Row(
            "frame bytes to socket text, 50 triggers",
            speed,
            "messages/CPU-s",
            f">= {REACH:,}",
            is_reached=speed >= REACH,
        )
    ]


def long_live() -> list[bytes]:
    """The real messages again and again; no message and no streak is a double of another pass."""
    return [
        encode_frame(
            [_renumbered(method, payload, number) for method, payload in some], log_id=1, server_ms=1
        )
        for number in range(PASSES)
        for some in grouped_messages()
    ]


def _renumbered(method: str, payload: bytes, number: int) -> tuple[str, bytes]:
    """Fields our schema does not name are kept as they are."""
    _, _, kind = READERS[method.encode()]
    message = kind.FromString(payload)
    message.common.msg_id += number * 10**12
    if method == "WebcastGiftMessage" and message.group_id:
        message.group_id += number * 10**6
    return method, message.SerializeToString()


async def _measure(frames: list[bytes]) -> float:
    """Messages for one second of this process's CPU time, all its threads together."""
    with tempfile.TemporaryDirectory() as folder:
        db = Database(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}")
        await migrations.upgrade(db)
        async with db.begin() as uow:
            await uow.accounts.add_user(User(username="bench", created_at=Clock().now()))
        clock = RoomClock()
        journal = Journal(db, clock)
        studio = _studio(db, journal, clock)
        listener = Listener(Place.PLAYER, "http://127.0.0.1")
        studio.join(listener, None)
        studio.began("7001", is_new=True)
        started = time.process_time()
        messages = 0
        for at in range(0, len(frames), FRAMES_A_FLUSH):
            messages += await _play(frames[at : at + FRAMES_A_FLUSH], studio, listener, clock)
            await journal.flush()
        spent = time.process_time() - started
        await db.close()
    return messages / spent


async def _play(frames: list[bytes], studio: Studio, listener: Listener, clock: "RoomClock") -> int:
    messages = 0
    for data in frames:
        clock.seconds += FRAME_SECONDS
        studio.tick(clock.seconds)
        frame = decode_frame(data)
        messages += len(frame.events)
        studio.frame(frame)
        while listener.has_pending:
            await listener.get()
    return messages


class RoomClock(Clock):
    """Moved by the frames: a bench plays an hour in seconds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def _studio(db: Database, journal: Journal, clock: Clock) -> Studio:
    crew = Crew(HandedOut(), journal, clock, NoWebhooks(), GiftNotes(db, clock), SpeechAllowance(clock))
    studio = Studio(1, last_seq=0, crew=crew, supervise=_always_live)
    triggers = _triggers()
    templates = {
        trigger.id: Template.parse(trigger.params.text_template)
        for trigger in triggers
        if isinstance(trigger.params, Speak)
    }
    settings = Settings(tiktok_username="bench", max_backlog_seconds=30)
    studio.equip(Setup(settings, SoundLibrary([]), templates, Template.parse("{message}")), triggers, None)
    studio.start_live()
    return studio


def _triggers() -> list[Trigger]:
    numbers = count(1)
    chime = PlaySound("chime")
    gifts = [
        Trigger(next(numbers), EventType.GIFT, (Condition(ConditionKey.GIFT_NAME, name),), chime)
        for name in GIFTS
    ]
    words = [
        Trigger(next(numbers), EventType.CHAT, (Condition(ConditionKey.MESSAGE_CONTAINS, word),), chime)
        for word in WORDS
    ]
    commands = [
        Trigger(next(numbers), EventType.CHAT, (Condition(ConditionKey.COMMAND, f"!sound{n}"),), chime)
        for n in range(10)
    ]
    people = [
        Trigger(next(numbers), EventType.VIEWER_JOIN, (Condition(ConditionKey.USERNAME, f"vip_{n}"),), chime)
        for n in range(10)
    ]
    amounts = [
        Trigger(next(numbers), EventType.GIFT, (Condition(ConditionKey.MIN_DIAMONDS, str(10**n)),), chime)
        for n in range(4)
    ]
    thanks = [Trigger(next(numbers), EventType.FOLLOW, (), Speak("Welcome {user}!"), cooldown_seconds=5)]
    regexes = [
        Trigger(
            next(numbers),
            EventType.CHAT,
            (Condition(ConditionKey.MESSAGE_REGEX, rf"(?i)\bplay song {n}\b"),),
            chime,
        )
        for n in range(9)
    ]
    return [*gifts, *words, *commands, *people, *amounts, *thanks, *regexes]


class HandedOut:
    """Speech that is never made."""

    speaking_engine = "none"

    def hand_out(
        self, _account_id: int, text: str, _voice: VoiceChoice, *, begin: bool = True
    ) -> Spoken | None:
        return Spoken("tts/bench.mp3", 0.8 + len(text) / 14) if begin else None

    def forget(self, name: str) -> None:
        """There is nothing to forget."""


class NoWebhooks:
    def call(self, user_id: int, trigger: Trigger, fact: Fact) -> None:
        """No trigger here calls one."""


class AlwaysLive:
    def __init__(self) -> None:
        self.state = LiveState.LIVE
        self.status = LiveStatus(self.state, Clock().now())

    def check_now(self) -> None:
        """Nothing to look for."""

    def stop(self) -> None:
        """Nothing runs."""


def _always_live(
    _unique_id: str,
    _sink: SessionSink,
    _on_change: Callable[[LiveStatus], None],
    _head: Head | None = None,
) -> AlwaysLive:
    return AlwaysLive()
