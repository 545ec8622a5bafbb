"""All streamers of this process: opened when somebody needs them, closed when nobody does."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Collection
from contextlib import asynccontextmanager

import structlog

from core import account_look, glance, license_clock, recalling
from core.access import Access
from core.account import account_of, require_user
from core.accounts import Accounts
from core.channel import LONG_LIFE, RESERVE
from core.clock import Clock
from core.config import Config
from core.crew import Crew
from core.effects.render import Setup, templates_of
from core.errors import AppError, InvalidToken, NotFound, TiktokUsernameNotSet
from core.glance import Glance, Seat
from core.listener import Close, Listener, Place
from core.live.events import Fact
from core.live.source import LiveState, LiveStatus
from core.live.supervision import Supervise
from core.messages import Changed, Error, OrderUpdate, encode
from core.plan_limits import terms_of
from core.readmission import admit, require_admission
from core.sounds.service import Sounds
from core.studio import Studio
from core.trial import sample_for
from core.triggers import service as trigger_service
from core.triggers.model import Trigger
from core.triggers.templates import Template
from storage.db import Database, DatabaseError
from storage.models import ChangeKind

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.5
REVIEW_SECONDS = 60.0  # licenses that ran out, grace, studios nobody needs
SAVE_SECONDS = 15.0  # gifts met for the first time
RELOAD_SECONDS = 10.0


class Studios:
    def __init__(
        self,
        config: Config,
        db: Database,
        accounts: Accounts,
        access: Access,
        sounds: Sounds,
        crew: Crew,
        supervise: Supervise,
    ) -> None:
        self._config = config
        self._db = db
        self._accounts = accounts
        self._access = access
        self._sounds = sounds
        self._crew = crew
        self._clock: Clock = crew.clock
        self._supervise = supervise
        self._open: dict[int, Studio] = {}
        self._opening: dict[int, asyncio.Lock] = {}
        self._changed: dict[int, set[ChangeKind]] = {}
        self._to_review: list[int] = []
        self._is_closed = False
        self.is_demo = False

    # For the edges

    async def status(self, user_id: int) -> LiveStatus:
        studio = self._open.get(user_id)
        return studio.status if studio else LiveStatus(LiveState.OFF, self._clock.now())

    async def glance(self, user_id: int) -> Glance | None:
        """None: nobody needs their studio, so none is open."""
        studio = self._open.get(user_id)
        return glance.of(studio, self._clock.monotonic()) if studio else None

    async def glances(self) -> list[Glance]:
        """Of all that are open."""
        now = self._clock.monotonic()
        return [glance.of(studio, now) for studio in self._open.values()]

    async def seats(self, user_id: int) -> tuple[Seat, ...]:
        """Players, overlays and monitors that are connected."""
        found = await self.glance(user_id)
        return found.seats if found else ()

    async def start_live(self, user_id: int, tiktok_username: str | None = None) -> None:
        """Listen now, or as soon as there is a LIVE. Refuses without a license or a TikTok username."""
        license_clock.require_live((await self._access.of_now(user_id)).license)
        if tiktok_username:
            await self._accounts.update_settings(user_id, {"tiktok_username": tiktok_username})
            await self.reload(user_id)
        studio = await self.open(user_id)
        if studio.stage.setup.settings.tiktok_username is None:
            raise TiktokUsernameNotSet
        studio.start_live()

    async def stop_live(self, user_id: int) -> None:
        if studio := self._open.get(user_id):
            studio.stop_live()

    async def reload(self, user_id: int) -> None:
        """Triggers, sounds or settings were saved: swap what runs, begin to wait where that is wanted now."""
        studio = self._open.get(user_id)
        if studio is not None:
            was_waited_for = studio.stage.setup.settings.auto_connect_live
            await self._equip(studio)
            studio.channel.tell_change(encode(Changed(what=ChangeKind.SETUP)))
            if was_waited_for or not studio.stage.setup.settings.auto_connect_live:
                return
        elif not await self._is_waited_for(user_id):
            return
        if (await self._access.of(user_id)).license.is_live:
            await self.start_live(user_id)

    async def test(self, user_id: int, trial: int | Trigger | Fact) -> list[Place]:
        """Let one trigger, saved (its id) or not yet, or a whole made-up fact go through and out.

        Nothing remembers it. Returns who plays it: nobody where no such place is connected.
        """
        studio = await self.open(user_id)
        if isinstance(trial, Fact):
            return studio.try_out(trial, None)
        trigger = trial if isinstance(trial, Trigger) else studio.triggers.get(trial)
        if trigger is None:
            raise NotFound
        return studio.try_out(sample_for(trigger), trigger)

    @asynccontextmanager
    async def listening(self, user_id: int, listener: Listener, since: int | None) -> AsyncIterator[Studio]:
        """A socket's stay. A player or an overlay starts the LIVE. Refuses by `AppError`."""
        studio = await self.enter(user_id, listener, since)
        try:
            yield studio
        finally:
            studio.leave(listener)

    async def enter(self, user_id: int, listener: Listener, since: int | None) -> Studio:
        """`listening` for whoever sees to the leaving."""
        license_clock.require_live((await self._access.of(user_id)).license)
        studio = await self.open(user_id)
        await require_admission(self._access, user_id, listener)
        if listener.place is not Place.MONITOR and studio.stage.setup.settings.tiktok_username is None:
            raise TiktokUsernameNotSet
        if listener.place is not Place.MONITOR:
            studio.start_live()
        if not studio.join(listener, since):
            listener.dismiss(Close.RATE)
        return studio

    async def open(self, user_id: int) -> Studio:
        """The streamer's studio, set up as saved."""
        lock = self._opening.setdefault(user_id, asyncio.Lock())
        async with lock:
            if studio := self._open.get(user_id):
                return studio
            studio = await self._furnish(user_id)
            self._open[user_id] = studio
            return studio

    async def _furnish(self, user_id: int) -> Studio:
        async with self._db.begin() as uow:
            last_seq = await uow.journal.take_seqs(user_id, RESERVE)
        lasted = await recalling.read(self._db, user_id, self._clock.now())
        studio = Studio(
            user_id,
            last_seq=last_seq,
            crew=self._crew,
            supervise=self._supervise,
            is_demo=self.is_demo,
        )
        recalling.remind(studio, lasted, self._crew)
        await self._equip(studio)
        return studio

    def is_open(self, user_id: int) -> bool:
        return user_id in self._open

    def tell(self, user_id: int, message: OrderUpdate | Error) -> None:
        """To every socket of theirs, where there is one."""
        if studio := self._open.get(user_id):
            studio.channel.broadcast(encode(message))

    def open_now(self) -> list[Studio]:
        """Those of this process, for metrics and admins."""
        return list(self._open.values())

    # Background

    async def run(self) -> None:
        """Move time along for everybody until cancelled."""
        is_begun = False
        saved_at = self._clock.monotonic()
        voice = self._crew.speech.speaking_engine
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            self._tick(now)
            if voice != (voice := self._crew.speech.speaking_engine):
                self._tell_status()
            is_begun = is_begun or await self._try(self._start_waiting(), 0)
            await self._take_changes()
            await self._try(self._review(now), 0)
            if now - saved_at >= SAVE_SECONDS:
                saved_at = now
                await self._try(self._crew.gifts.save(), 0)

    def _tick(self, now: float) -> None:
        wall = self._clock.now()
        for studio in list(self._open.values()):
            studio.tick(now)
            if studio.licensed_until is not None and studio.licensed_until <= wall:
                self._changed.setdefault(studio.user_id, set()).add(ChangeKind.ACCESS)

    def noticed(self, user_id: int, kind: ChangeKind) -> None:
        """Somebody, perhaps another process, changed something; acted on within a tick."""
        studio = self._open.get(user_id)
        if studio and kind is not ChangeKind.SETUP:  # that is told once it is taken up
            studio.channel.tell_change(encode(Changed(what=kind)))
        if user_id in self._open or kind is ChangeKind.SETUP:
            self._changed.setdefault(user_id, set()).add(kind)

    def measured(self, speech: str, seconds: float) -> None:
        for studio in self._open.values():
            studio.queue.measure(speech, seconds)

    def close(self) -> None:
        """Let everybody go: the server stops, clients come back at once."""
        self._is_closed = True
        for studio in self._open.values():
            studio.close()
        self._open.clear()

    async def _equip(self, studio: Studio) -> None:
        async with self._db.read() as uow:
            user = await require_user(uow, studio.user_id)
            triggers = await trigger_service.list_all(uow, studio.user_id)
            sounds = await self._sounds.library(uow, studio.user_id)
        license_ = (await self._access.of(studio.user_id)).license
        self._crew.allowance.set_terms(studio.user_id, terms_of(self._config, license_.plan))
        studio.licensed_until = license_.expires_at
        settings = account_of(user).settings
        chat = Template.parse(settings.chat_tts_template)
        setup = Setup(settings, sounds, templates_of(triggers), chat, account_look.of_user(user))
        silence = Template.parse(settings.silence_text) if settings.silence_text else None
        studio.equip(setup, triggers, silence)

    async def _is_waited_for(self, user_id: int) -> bool:
        async with self._db.read() as uow:
            return account_of(await require_user(uow, user_id)).settings.auto_connect_live

    def _tell_status(self) -> None:
        """Another voice speaks from now on: the first engine is resting, or back."""
        for studio in self._open.values():
            studio.tell_status()

    async def _start_waiting(self) -> None:
        """Those who asked to be waited for with nobody connected."""
        async with self._db.read() as uow:
            waiting = await uow.journal.users_waiting()
        for user_id in waiting:
            self._changed.setdefault(user_id, set()).add(ChangeKind.SETUP)

    async def _take_changes(self) -> None:
        changed, self._changed = self._changed, {}
        for user_id, kinds in changed.items():
            if not await self._try(self._take_up(user_id, kinds), user_id):
                self._changed.setdefault(user_id, set()).update(kinds)

    async def _take_up(self, user_id: int, kinds: Collection[ChangeKind]) -> None:
        if ChangeKind.ACCESS in kinds and (studio := self._open.get(user_id)):
            await self._admit_again(studio)
        if ChangeKind.SETUP in kinds:
            await self.reload(user_id)

    async def _review(self, now: float) -> None:
        """Look at some, so that each is looked at every `REVIEW_SECONDS` and nobody waits long for it."""
        if not self._to_review:
            self._to_review = list(self._open)
        share = math.ceil(len(self._open) * TICK_SECONDS / REVIEW_SECONDS)
        for _ in range(min(share, len(self._to_review))):
            if studio := self._open.get(self._to_review.pop()):
                await self._review_one(studio, now)

    async def _review_one(self, studio: Studio, now: float) -> None:
        await self._admit_again(studio)
        settings = studio.stage.setup.settings
        grace = self._config.live.idle_grace_seconds
        if studio.is_on and not settings.auto_connect_live and studio.unheard_for(now) > grace:
            studio.stop_live()
        if studio.is_empty and not studio.is_on and studio.unheard_for(now) > LONG_LIFE:
            studio.close()
            self._shut(studio.user_id)

    def _shut(self, user_id: int) -> None:
        self._open.pop(user_id, None)
        self._opening.pop(user_id, None)

    async def _admit_again(self, studio: Studio) -> None:
        try:
            admit(studio, await self._access.of(studio.user_id), self._clock.now())
        except InvalidToken:  # the account was joined into another
            studio.stop_live()
            studio.channel.drop_tokens(None)
            studio.channel.drop_secrets(None)

    async def _try(self, work: Awaitable[None], user_id: int) -> bool:
        """One streamer's trouble is not everybody's. False: it may go well another time."""
        try:
            async with asyncio.timeout(RELOAD_SECONDS):
                await work
        except (AppError, DatabaseError, OSError) as error:
            log.warning("studio_trouble", user_id=user_id or None, error=str(error))
            return isinstance(error, AppError)
        return True
