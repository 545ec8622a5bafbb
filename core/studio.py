"""Everything that runs for one streamer: their LIVE, triggers, queue and listeners.

Synchronous but for the supervisor's task. `core.studios` opens, feeds and closes it.
"""

from datetime import datetime
from typing import Literal

from msgspec import structs

from core.channel import Channel
from core.crew import Crew
from core.effects.queue import EffectQueue, Item
from core.effects.render import Setup
from core.errors import AppError
from core.listener import Close, Listener, Place
from core.live.events import EventType, Fact, Frame
from core.live.session import LiveSession
from core.live.source import Head, LiveState, LiveStatus
from core.live.supervision import Supervise, Supervision
from core.live_watch import LiveWatch, Nobody
from core.news import News, Situation
from core.scenery import Scenery
from core.stage import Stage
from core.tally import Tally
from core.triggers.engine import TriggerEngine
from core.triggers.model import Trigger
from core.triggers.templates import Template

QueueAction = Literal["skip", "pause", "resume", "clear"]


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
        self._scenery = Scenery(self.channel)
        self.triggers: dict[int, Trigger] = {}
        self.session = LiveSession(self.stage)
        self._speech = crew.speech
        self._journal = journal
        self._clock = clock
        self._supervise = supervise
        self._supervision: Supervision | None = None
        self._off_since = clock.now()
        self._refused: AppError | None = None  # why LIVE was switched off for the streamer
        self.licensed_until: datetime | None = None
        self._unheard_since: float | None = clock.monotonic()  # no player, no overlay
        self.last_chat_at = 0.0
        self._silence_text: Template | None = None
        self._is_closed = False
        post = Nobody() if is_demo else crew.post
        self.watch = LiveWatch(user_id, post, self.stage.audio, clock)

    # Setup

    def equip(self, setup: Setup, triggers: list[Trigger], silence_text: Template | None) -> None:
        """Take what was saved; what runs goes on with it."""
        old = self.stage.setup.settings if self.stage.is_set_up else None
        self.stage.setup = setup
        self.stage.engine = TriggerEngine(triggers, self.stage.memory)
        self.triggers = {trigger.id: trigger for trigger in triggers}
        self.queue.max_seconds = float(setup.settings.max_backlog_seconds)
        self._silence_text = silence_text
        self._scenery.dress(setup.look, self.stage.tally)
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
        scenery = self._scenery.welcome(self.stage.tally) if listener.place is Place.OVERLAY else []
        for text in (*self._news.welcome(listener, gap), *scenery, *texts):
            listener.offer(text)
        if sounded != self._sounding:
            self._news.tell_status(but=listener)
        self._news.tell_place(listener)
        if self.queue.is_paused or self.queue.pending(self._clock.monotonic()):
            listener.offer(self._news.queue([]))
        return True

    def leave(self, listener: Listener) -> None:
        sounded = self._sounding
        self.channel.leave(listener)
        if sounded != self._sounding:
            self._news.tell_status()
        self._news.tell_place(listener)
        if not self.has_hearers:
            self._unheard_since = self._clock.monotonic()

    @property
    def has_hearers(self) -> bool:
        return self.channel.has_hearers

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
            self._news.confirmed(listener)
            self.stage.audio.played()
            self.queue.played(message_id, self._clock.monotonic())

    def control(self, action: QueueAction, message_id: str | None = None) -> None:
        """For every device of the streamer. `message_id`: what to skip, where the device says it."""
        now = self._clock.monotonic()
        self.stage.audio.played()
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
        self._forget(items, action)
        ids = [item.id for item in items] or ([message_id] if message_id else [])
        self._news.tell_control(action, ids)
        self._news.tell_queue([])

    # LIVE

    @property
    def is_on(self) -> bool:
        return self._supervision is not None

    @property
    def state(self) -> LiveState:
        """As in `status`, which costs more."""
        if self._supervision is None:
            return LiveState.FAILED if self._refused else LiveState.OFF
        state = self._supervision.state
        return LiveState.CONNECTING if state is LiveState.OFF else state

    @property
    def status(self) -> LiveStatus:
        if self._supervision is not None:
            status = self._supervision.status
            is_starting = status.state is LiveState.OFF  # its task has not run yet
            return structs.replace(status, state=LiveState.CONNECTING) if is_starting else status
        refused = self._refused
        return LiveStatus(
            LiveState.FAILED if refused else LiveState.OFF,
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
            if why is not None:
                self.watch.refused(why)
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
            self.last_chat_at = now
            self.watch.began(self.stage.tally)
        self.watch.back()
        self.session.connected(room_id, is_new=is_new)

    def go_on(self, head: Head | None) -> None:
        """Listen to the LIVE from where another process handed it over."""
        unique_id = self.stage.setup.settings.tiktok_username
        if unique_id is not None and self._supervision is None:
            self._supervision = self._supervise(unique_id, self, self._status_changed, head)

    def frame(self, frame: Frame) -> bool:
        now = self._clock.monotonic()
        chats = self.stage.tally.messages if self.stage.tally else 0
        self.channel.heard_at = now
        has_ended = self.session.take(frame, now)
        self.channel.heard_at = 0.0
        if self.stage.tally and self.stage.tally.messages != chats:
            self.last_chat_at = now
        return has_ended

    def lost(self) -> None:
        self.watch.lost()

    def ended(self) -> None:
        self.session.finish()
        if not self._is_closed:
            self.watch.ended(is_over=self.is_on)
        self._close_tally()

    @property
    def is_live_since(self) -> datetime | None:
        """When the broadcast that is running was first heard."""
        return self.stage.tally.started_at if self.stage.tally else None

    def try_out(self, fact: Fact, trigger: Trigger | None) -> list[Place]:
        """Let a made-up fact out; `trigger`: just that one, whatever it asks for. Returns who plays it."""
        is_count = fact.type is EventType.VIEWER_COUNT and trigger is None
        self.stage.show_viewers(fact, fact.total) if is_count else self.stage.play(fact, only=trigger)
        return sorted(self._sounding)

    # Time

    def tick(self, now: float) -> None:
        """What is due by time alone; called a few times a second."""
        if self.stage.tally is not None:
            self.session.tick(now)
            self._break_silence(now)
            self._scenery.tell(self.stage.tally)
        self._news.tell_now_and_then(now)
        if self.watch.look(now, can_sound=bool(self._sounding)) and self.channel.confirms(self._sounding):
            self.watch.tell_unplayed("not_confirmed")

    def tell_status(self) -> None:
        self._news.tell_status()

    def close(self, code: int = Close.GOING_AWAY) -> None:
        """Let everybody go; what was numbered is remembered exactly."""
        self.session.finish()
        self.abandon(code)
        self._journal.reserve_seq(self.user_id, self.channel.last_seq)

    def abandon(self, code: int = Close.GOING_AWAY) -> None:
        """As `close`, where another process may go on already: the numbers are its own to remember."""
        self._is_closed = True
        if self._supervision is not None:
            self._supervision.stop()
            self._supervision = None
        self.channel.dismiss_all(code)

    def _break_silence(self, now: float) -> None:
        settings = self.stage.setup.settings
        if not settings.silence_enabled or self._silence_text is None:
            return
        if now - self.last_chat_at >= settings.silence_minutes * 60:
            self.last_chat_at = now
            self.stage.say_silence(self._silence_text)

    def _close_tally(self) -> None:
        if self.stage.tally is not None:
            self._scenery.tell(self.stage.tally)
            self.stage.tally.ended_at = self._clock.now()
            self.stage.tally.is_dirty = True
            self.stage.tally = None

    # News

    def _gave_way(self, items: list[Item], why: str) -> None:
        self._forget(items, why)
        self._news.tell_queue([item.id for item in items])

    def _forget(self, items: list[Item], why: str) -> None:
        for item in items:
            self._journal.unheard(item.id, why)
            if item.speech is not None:
                self._speech.forget(item.speech)

    def _status_changed(self, status: LiveStatus) -> None:
        self.watch.status(status, self.stage.setup.settings.tiktok_username)
        self._news.tell_status()

    @property
    def _sounding(self) -> frozenset[Place]:
        return self.channel.sounding(self.stage.setup.settings.play_on)

    def _situation(self) -> Situation:
        return Situation(self.status, self.stage.setup.settings.tiktok_username, self._sounding)
