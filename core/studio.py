"""Everything that runs for one streamer: their LIVE, triggers, queue and listeners.

Synchronous but for the supervisor's task. `core.studios` opens, feeds and closes it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

from msgspec import structs

from core.channel import Channel, Close, Listener, Place
from core.crew import Crew
from core.effects.queue import EffectQueue, Item
from core.effects.render import Setup
from core.errors import AppError
from core.live.events import EventType, Fact, Frame
from core.live.session import LiveSession
from core.live.source import LiveState, LiveStatus, SessionSink
from core.news import News, Situation
from core.stage import Stage
from core.tally import Tally
from core.triggers.engine import TriggerEngine
from core.triggers.model import Trigger
from core.triggers.templates import Template


class Supervision(Protocol):
    """`core.live.supervisor.Supervisor`, started and stopped."""

    @property
    def status(self) -> LiveStatus: ...

    def check_now(self) -> None: ...

    def stop(self) -> None: ...


QueueAction = Literal["skip", "pause", "resume", "clear"]
Supervise = Callable[[str, SessionSink, Callable[[LiveStatus], None]], Supervision]


class Studio:
    def __init__(
        self,
        user_id: int,
        *,
        last_seq: int,
        crew: Crew,
        supervise: Supervise,
        is_demo: bool = False,
    ) -> None:
        self.user_id = user_id
        clock, journal = crew.clock, crew.journal
        self.channel = Channel(
            user_id, clock, last_seq=last_seq, reserve=lambda upto: journal.reserve_seq(user_id, upto)
        )
        self.queue = EffectQueue(30.0)
        self.stage = Stage(self.channel, self.queue, crew, self._gave_way)
        self._news = News(self.channel, self.queue, crew, self._situation, is_demo=is_demo)
        self.triggers: dict[int, Trigger] = {}
        self._session = LiveSession(self.stage)
        self._speech = crew.speech
        self._journal = journal
        self._clock = clock
        self._supervise = supervise
        self._supervision: Supervision | None = None
        self._off_since = clock.now()
        self._refused: AppError | None = None  # why LIVE was switched off for the streamer
        self.licensed_until: datetime | None = None
        self._unheard_since: float | None = clock.monotonic()  # no player, no overlay
        self._last_chat_at = 0.0
        self._silence_text: Template | None = None
        self._deaf_since: float | None = None

    # Setup

    def equip(self, setup: Setup, triggers: list[Trigger], silence_text: Template | None) -> None:
        """Take what was saved; what runs goes on with it."""
        old = self.stage.setup.settings if self.stage.is_set_up else None
        self.stage.setup = setup
        self.stage.engine = TriggerEngine(triggers, self.stage.memory)
        self.triggers = {trigger.id: trigger for trigger in triggers}
        self.queue.max_seconds = float(setup.settings.max_backlog_seconds)
        self._silence_text = silence_text
        if old and old.play_on != setup.settings.play_on:
            self._news.tell_status()
        if old and old.tiktok_username != setup.settings.tiktok_username and self._supervision:
            self.stop_live()
            self.start_live()

    # Listeners

    def join(self, listener: Listener, since: int | None) -> bool:
        """Take a place and hear what was missed; False: no place is left."""
        sounded = self._sounding
        if not self.channel.join(listener):
            return False
        play_on = self.stage.setup.settings.play_on
        if listener.place is not Place.MONITOR:
            self._unheard_since = None
        texts, gap = self.channel.missed(listener, since, play_on) if since is not None else ([], 0)
        for text in (self._news.welcome(listener, gap), *texts):
            listener.offer(text)
        if sounded != self._sounding:
            self._news.tell_status(but=listener)
        if self.queue.is_paused or self.queue.pending(self._clock.monotonic()):
            listener.offer(self._news.queue([]))
        return True

    def leave(self, listener: Listener) -> None:
        sounded = self._sounding
        self.channel.leave(listener)
        if sounded != self._sounding:
            self._news.tell_status()
        if not self.has_hearers:
            self._unheard_since = self._clock.monotonic()

    @property
    def has_hearers(self) -> bool:
        return bool(self.channel.count(Place.PLAYER) or self.channel.count(Place.OVERLAY))

    @property
    def is_empty(self) -> bool:
        return not self.channel.everybody

    def unheard_for(self, now: float) -> float:
        """Seconds since the last player or overlay left."""
        return 0.0 if self._unheard_since is None else now - self._unheard_since

    def played(self, listener: Listener, message_id: str) -> None:
        if listener.place is Place.MONITOR:
            return
        self._journal.played(message_id)
        if listener.place in self._sounding:
            self.queue.played(message_id, self._clock.monotonic())

    def control(self, action: QueueAction, message_id: str | None = None) -> None:
        """For every device of the streamer. `message_id`: what to skip, where the device says it."""
        now = self._clock.monotonic()
        items: list[Item] = []
        match action:
            case "skip":
                items = self.queue.skip(now, message_id)
            case "clear":
                items = self.queue.clear()
            case "pause":
                self.queue.pause(now)
            case "resume":
                self.queue.resume(now)
        self._forget_speech(items)
        ids = [item.id for item in items] or ([message_id] if message_id else [])
        self._news.tell_control(action, ids)
        self._news.tell_queue([])

    def drop_tokens(self, version: int | None) -> None:
        """End sockets opened with a token that has been revoked since. None: all of them."""
        for listener in self.channel.everybody:
            if listener.token_version is not None and listener.token_version != version:
                listener.dismiss(Close.INVALID_TOKEN)

    def drop_secrets(self, version: int | None) -> None:
        """End pages opened with a secret that has been rotated since."""
        for listener in self.channel.everybody:
            if listener.secret_version is not None and listener.secret_version != version:
                listener.dismiss(Close.INVALID_TOKEN)

    # LIVE

    @property
    def is_on(self) -> bool:
        return self._supervision is not None

    @property
    def status(self) -> LiveStatus:
        if self._supervision is not None:
            status = self._supervision.status
            is_starting = status.state is LiveState.OFF  # its task has not run yet
            return structs.replace(status, state=LiveState.CONNECTING) if is_starting else status
        state = LiveState.FAILED if self._refused else LiveState.OFF
        refused = self._refused
        return LiveStatus(
            state,
            self._off_since,
            error=refused.detail if refused else None,
            error_code=refused.code if refused else None,
        )

    def start_live(self) -> None:
        """Listen to the LIVE, or wait for it; look at once where it is waited for."""
        unique_id = self.stage.setup.settings.tiktok_username
        if unique_id is None:
            return
        self._refused = None
        if self._supervision is None:
            self._supervision = self._supervise(unique_id, self, self._status_changed)
            if not self.has_hearers:
                self._unheard_since = self._clock.monotonic()
        else:
            self._supervision.check_now()

    def stop_live(self, why: AppError | None = None) -> None:
        if self._supervision is not None:
            supervision, self._supervision = self._supervision, None
            supervision.stop()
        self._refused = why
        self._off_since = self._clock.now()
        self._news.tell_status()

    def began(self, room_id: str, *, is_new: bool) -> None:
        now = self._clock.monotonic()
        if is_new or self.stage.tally is None or self.stage.tally.room_id != room_id:
            self._close_tally()
            unique_id = self.stage.setup.settings.tiktok_username or ""
            self.stage.tally = Tally(self.user_id, unique_id, room_id, self._clock.now())
            self._journal.watch(self.stage.tally)
            self._last_chat_at = now
        if self._deaf_since is not None and self.stage.tally is not None:
            self.stage.tally.deaf_seconds += now - self._deaf_since
            self.stage.tally.is_dirty = True
        self._deaf_since = None
        self._session.connected(is_new=is_new)

    def frame(self, frame: Frame) -> bool:
        now = self._clock.monotonic()
        chats = self.stage.tally.messages if self.stage.tally else 0
        has_ended = self._session.take(frame, now)
        if self.stage.tally and self.stage.tally.messages != chats:
            self._last_chat_at = now
        return has_ended

    def lost(self) -> None:
        self._deaf_since = self._clock.monotonic()

    def ended(self) -> None:
        self._session.finish()
        self._close_tally()
        self._deaf_since = None

    @property
    def is_live_since(self) -> datetime | None:
        """When the broadcast that is running was first heard."""
        return self.stage.tally.started_at if self.stage.tally else None

    def try_out(self, fact: Fact, trigger: Trigger | None) -> None:
        """Let a made-up fact go through and out; `trigger`: just that one, whatever it asks for."""
        if fact.type is EventType.VIEWER_COUNT and trigger is None:
            self.stage.show_viewers(fact, fact.total)
        else:
            self.stage.play(fact, only=trigger)

    # Time

    def tick(self, now: float) -> None:
        """What is due by time alone; called a few times a second."""
        if self.stage.tally is not None:
            self._session.tick(now)
            self._break_silence(now)
        self._news.tell_queue_now_and_then(now)

    def tell_status(self) -> None:
        self._news.tell_status()

    def measured(self, speech: str, seconds: float) -> None:
        self.queue.measure(speech, seconds)

    def close(self, code: int = Close.GOING_AWAY) -> None:
        """Let everybody go; what was numbered is remembered exactly."""
        if self._supervision is not None:
            self._supervision.stop()
            self._supervision = None
        self._session.finish()
        self.channel.dismiss_all(code)
        self._journal.reserve_seq(self.user_id, self.channel.last_seq)

    def _break_silence(self, now: float) -> None:
        settings = self.stage.setup.settings
        if not settings.silence_enabled or self._silence_text is None:
            return
        if now - self._last_chat_at >= settings.silence_minutes * 60:
            self._last_chat_at = now
            self.stage.say_silence(self._silence_text)

    def _close_tally(self) -> None:
        if self.stage.tally is not None:
            self.stage.tally.ended_at = self._clock.now()
            self.stage.tally.is_dirty = True
            self.stage.tally = None

    # News

    def _gave_way(self, items: list[Item]) -> None:
        self._forget_speech(items)
        self._news.tell_queue([item.id for item in items])

    def _forget_speech(self, items: list[Item]) -> None:
        for item in items:
            if item.speech is not None:
                self._speech.forget(item.speech)

    def _status_changed(self, _status: LiveStatus) -> None:
        self._news.tell_status()

    @property
    def _sounding(self) -> frozenset[Place]:
        return self.channel.sounding(self.stage.setup.settings.play_on)

    def _situation(self) -> Situation:
        return Situation(self.status, self.stage.setup.settings.tiktok_username, self._sounding)
