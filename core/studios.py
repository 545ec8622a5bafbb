"""All streamers of this process: opened when somebody needs them, closed when nobody does."""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from core import license_clock, plans
from core.access import Access, AccessState
from core.account import account_of, require_user
from core.accounts import Accounts
from core.channel import LONG_LIFE, RESERVE, Close, Listener, Place
from core.clock import Clock
from core.config import Config
from core.crew import Crew
from core.effects.render import Setup
from core.errors import AppError, LicenseExpired, LicenseRequired, NotFound, TiktokUsernameNotSet
from core.license_clock import LicenseState
from core.live.events import Fact
from core.live.source import LiveState, LiveStatus
from core.sounds.service import Sounds
from core.studio import Studio, Supervise
from core.trial import sample_for
from core.triggers import service as trigger_service
from core.triggers.model import ShowAlert, Speak, Trigger
from core.triggers.templates import Template
from storage.db import Database, DatabaseError
from storage.models import ChangeKind

log = structlog.get_logger(__name__)

TICK_SECONDS = 0.5
REVIEW_SECONDS = 60.0  # licenses that ran out, grace, studios nobody needs
SAVE_SECONDS = 15.0  # gifts met for the first time
LAST_LIVE = timedelta(hours=12)  # a license that ends during a LIVE lets it finish within
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

    async def start_live(self, user_id: int, tiktok_username: str | None = None) -> None:
        """Listen now, or as soon as there is a LIVE. Refuses without a license or a TikTok username."""
        license_clock.require_live((await self._access.of(user_id)).license)
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
            if was_waited_for or not studio.stage.setup.settings.auto_connect_live:
                return
        elif not await self._is_waited_for(user_id):
            return
        if (await self._access.of(user_id)).license.is_live:
            await self.start_live(user_id)

    async def test(self, user_id: int, trial: int | Fact) -> None:
        """Let one trigger, by its id, or a whole made-up fact go through and out; nothing remembers it."""
        studio = await self.open(user_id)
        if isinstance(trial, Fact):
            studio.try_out(trial, None)
            return
        trigger = studio.triggers.get(trial)
        if trigger is None:
            raise NotFound
        studio.try_out(sample_for(trigger), trigger)

    @asynccontextmanager
    async def listening(self, user_id: int, listener: Listener, since: int | None) -> AsyncIterator[Studio]:
        """A socket's stay. A player or an overlay starts the LIVE. Refuses by `AppError`."""
        license_clock.require_live((await self._access.of(user_id)).license)
        studio = await self.open(user_id)
        if listener.place is not Place.MONITOR and studio.stage.setup.settings.tiktok_username is None:
            raise TiktokUsernameNotSet
        if listener.place is not Place.MONITOR:
            studio.start_live()
        if not studio.join(listener, since):
            listener.dismiss(Close.RATE)
        try:
            yield studio
        finally:
            studio.leave(listener)

    async def open(self, user_id: int) -> Studio:
        """The streamer's studio, set up as saved."""
        lock = self._opening.setdefault(user_id, asyncio.Lock())
        async with lock:
            if studio := self._open.get(user_id):
                return studio
            async with self._db.begin() as uow:
                last_seq = await uow.journal.take_seqs(user_id, RESERVE)
                counters = await uow.journal.counters_of(user_id)
            studio = Studio(
                user_id,
                last_seq=last_seq,
                crew=self._crew,
                supervise=self._supervise,
                is_demo=self.is_demo,
            )
            studio.stage.memory.counters.update(counters)
            await self._equip(studio)
            self._open[user_id] = studio
            return studio

    def open_now(self) -> list[Studio]:
        """Those of this process, for metrics and admins."""
        return list(self._open.values())

    # Background

    async def run(self) -> None:
        """Move time along for everybody until cancelled."""
        await self._start_waiting()
        saved_at = self._clock.monotonic()
        voice = self._crew.speech.speaking_engine
        while True:
            await asyncio.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            self._tick(now)
            if voice != (voice := self._crew.speech.speaking_engine):
                self._tell_status()
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
        if user_id in self._open or kind is ChangeKind.SETUP:
            self._changed.setdefault(user_id, set()).add(kind)

    def measured(self, speech: str, seconds: float) -> None:
        for studio in self._open.values():
            studio.measured(speech, seconds)

    def close(self) -> None:
        """Let everybody go: the server stops, clients come back at once."""
        self._is_closed = True
        for studio in self._open.values():
            studio.close()
        self._open.clear()

    async def _equip(self, studio: Studio) -> None:
        async with self._db.read() as uow:
            account = account_of(await require_user(uow, studio.user_id))
            triggers = await trigger_service.list_all(uow, studio.user_id)
            sounds = await self._sounds.library(uow, studio.user_id)
        license_ = (await self._access.of(studio.user_id)).license
        plan = plans.limits_of(self._config, license_.plan)
        self._crew.allowance.set_limit(studio.user_id, plan.speech_characters_per_day)
        studio.licensed_until = license_.expires_at
        settings = account.settings
        setup = Setup(settings, sounds, _templates(triggers), _template(settings.chat_tts_template))
        studio.equip(setup, triggers, _template(settings.silence_text) if settings.silence_text else None)

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
            await self._try(self.start_live(user_id), user_id)

    async def _take_changes(self) -> None:
        changed, self._changed = self._changed, {}
        for user_id, kinds in changed.items():
            if ChangeKind.SETUP in kinds:
                await self._try(self.reload(user_id), user_id)
            if ChangeKind.ACCESS in kinds and (studio := self._open.get(user_id)):
                self._admit(studio, await self._access.of(user_id))

    async def _review(self, now: float) -> None:
        """Look at some, so that each is looked at every `REVIEW_SECONDS` and nobody waits long for it."""
        if not self._to_review:
            self._to_review = list(self._open)
        share = math.ceil(len(self._open) * TICK_SECONDS / REVIEW_SECONDS)
        for _ in range(min(share, len(self._to_review))):
            if studio := self._open.get(self._to_review.pop()):
                await self._review_one(studio, now)

    async def _review_one(self, studio: Studio, now: float) -> None:
        self._admit(studio, await self._access.of(studio.user_id))
        settings = studio.stage.setup.settings
        grace = self._config.live.idle_grace_seconds
        if studio.is_on and not settings.auto_connect_live and studio.unheard_for(now) > grace:
            studio.stop_live()
        if studio.is_empty and not studio.is_on and studio.unheard_for(now) > LONG_LIFE:
            studio.close()
            del self._open[studio.user_id]
            self._opening.pop(studio.user_id, None)

    def _admit(self, studio: Studio, access: AccessState) -> None:
        """End what is no longer allowed: revoked tokens, withdrawn or ended licenses."""
        studio.drop_tokens(None if access.is_banned else access.token_version)
        studio.drop_secrets(None if access.is_banned else access.overlay_version)
        license_ = access.license
        studio.licensed_until = license_.expires_at
        if license_.is_live:
            return
        if not self._may_finish(studio, license_) and (studio.is_on or not studio.is_empty):
            studio.stop_live(LicenseRequired() if license_.is_withdrawn else LicenseExpired())
            studio.channel.dismiss_all(Close.LICENSE)

    def _may_finish(self, studio: Studio, license_: LicenseState) -> bool:
        """A LIVE that ran when the license ran out may go on for a while; no other is begun."""
        ended_at, began_at = license_.expires_at, studio.is_live_since
        if license_.is_withdrawn or ended_at is None or began_at is None:
            return False
        return began_at < ended_at and self._clock.now() - ended_at < LAST_LIVE

    async def _try(self, work: Awaitable[None], user_id: int) -> None:
        """One streamer's trouble is not everybody's."""
        try:
            async with asyncio.timeout(RELOAD_SECONDS):
                await work
        except (AppError, DatabaseError, TimeoutError, OSError) as error:
            log.warning("studio_trouble", user_id=user_id or None, error=str(error))


def _template(text: str) -> Template:
    return Template.parse(text)


def _templates(triggers: list[Trigger]) -> dict[int, Template]:
    return {
        trigger.id: Template.parse(trigger.params.text_template)
        for trigger in triggers
        if isinstance(trigger.params, Speak | ShowAlert)
    }
