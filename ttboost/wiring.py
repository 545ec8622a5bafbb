"""Composition: the only module that knows every other one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from core import jobs
from core.access import Access
from core.accounts import Accounts
from core.allowance import SpeechAllowance
from core.changes import ChangeFeed
from core.clock import Clock
from core.config import Config
from core.crew import Crew
from core.errors import RateLimited
from core.gift_catalogue import GiftNotes
from core.journal import Journal
from core.live.budgets import Budgets, budgets_for, unlimited
from core.live.listening import Listeners
from core.live.source import LiveSource
from core.live.tiktok import TikTokSource
from core.passwords import Passwords
from core.services import Services
from core.setting_checks import setting_checks
from core.sounds.service import Sounds
from core.sounds.workshop import SoundWorkshop
from core.speech import engines, voices
from core.speech.service import Speech
from core.studios import Studios
from core.tasks import TaskPool
from core.triggers import service as trigger_service
from core.triggers.intake import Allowed
from core.triggers.service import Checks
from core.triggers.webhooks import WebhookSender
from storage.db import UnitOfWork
from storage.media import MediaStore, S3Access
from ttboost import demo
from ttboost.database import Opened
from webapp.limits import Limiter
from webapp.pages import ROOT


def open_media(config: Config) -> MediaStore:
    media = config.media
    access = S3Access(
        media.s3_endpoint,
        media.s3_region,
        media.s3_access_key.get_secret_value() if media.s3_access_key else None,
        media.s3_secret_key.get_secret_value() if media.s3_secret_key else None,
    )
    return MediaStore(config.media_url, access)


@asynccontextmanager
async def live_source(config: Config, clock: Clock) -> AsyncIterator[tuple[LiveSource, Budgets]]:
    """The way into LIVEs the configuration names, and the budgets that go with it."""
    if config.live.source == "replay":
        from core.live.replay import ReplaySource

        replay = config.live.replay
        yield (
            ReplaySource(replay.path or demo.path(), clock, speed=replay.speed, loop=replay.loop),
            unlimited(clock),
        )
        return
    budgets = budgets_for(config.live.tiktok, clock)
    async with TikTokSource(config.live, budgets, clock) as source:
        yield source, budgets


@asynccontextmanager
async def open_services(opened: Opened, *, is_demo: bool = False) -> AsyncIterator[Services]:
    """Everything on top of an opened installation, in order and closed in reverse."""
    config, db, secrets, clock = opened.config, opened.db, opened.secrets, opened.clock
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(TaskPool())
        media = open_media(config)
        passwords = Passwords()
        stack.callback(passwords.close)
        speech = engines.build(config, media, secrets.media_key, clock, tasks)
        stack.push_async_callback(speech.close)
        sounds = Sounds(
            db, media, SoundWorkshop(), config.sounds, secrets.media_key, trigger_service.using, clock
        )
        access, changes = Access(db, config, clock), ChangeFeed(db, clock)
        accounts = Accounts(db, passwords, secrets, config, clock, checks=setting_checks(sounds))
        journal = Journal(db, clock)
        crew = _crew(opened, speech, journal, tasks)
        source, budgets = await stack.enter_async_context(live_source(config, clock))
        listeners = Listeners(source, budgets, clock, tasks)
        studios = Studios(config, db, accounts, access, sounds, crew, listeners)
        studios.is_demo = is_demo or (config.live.source == "replay" and config.live.replay.path is None)
        speech.on_measured = studios.measured
        changes.subscribe(access.drop)
        changes.subscribe(studios.noticed)
        services = Services(
            config=config,
            clock=clock,
            db=db,
            media=media,
            tasks=tasks,
            secrets=secrets,
            passwords=passwords,
            accounts=accounts,
            access=access,
            changes=changes,
            speech=speech,
            sounds=sounds,
            studios=studios,
            journal=journal,
            trigger_checks=_trigger_checks(config, sounds),
        )
        await _start(services)
        list_gifts = source.gifts if isinstance(source, TikTokSource) else None
        scheduler = jobs.start(jobs.jobs(config, db, sounds, clock, list_gifts), clock)
        stack.callback(scheduler.shutdown, wait=False)
        stack.push_async_callback(journal.close)
        stack.callback(studios.close)
        yield services


def _crew(opened: Opened, speech: Speech, journal: Journal, tasks: TaskPool) -> Crew:
    allowance = SpeechAllowance(opened.clock)
    speech.allow = allowance.allow
    gifts = GiftNotes(opened.db, opened.clock)
    return Crew(speech, journal, opened.clock, _webhooks(opened, tasks), gifts, allowance)


def _webhooks(opened: Opened, tasks: TaskPool) -> WebhookSender:
    config, db, clock = opened.config, opened.db, opened.clock
    limiter = Limiter(config.limits, clock)

    async def admit(user_id: int) -> bool:
        if not config.webhooks.enabled:
            return False
        try:
            await limiter.take("webhooks", str(user_id))
        except RateLimited:
            return False
        return True

    async def note(user_id: int, trigger_id: int, is_delivered: bool) -> None:
        async with db.begin() as uow:
            await trigger_service.note_delivery(uow, user_id, trigger_id, clock, is_delivered=is_delivered)

    return WebhookSender(tasks, clock, opened.secrets.webhook_key, admit=admit, note=note)


def _trigger_checks(config: Config, sounds: Sounds) -> Checks:
    async def has_sound(uow: UnitOfWork, user_id: int, filename: str) -> bool:
        return await sounds.find(uow, user_id, filename) is not None

    images = {file.name.removesuffix(".svg") for file in (ROOT / "static/alerts").iterdir()}
    return Checks(Allowed(voices.is_known, images.__contains__, config.webhooks.enabled), has_sound)


async def _start(services: Services) -> None:
    await services.changes.start()
    services.speech.start()
    for name, work in (
        ("changes", services.changes.run()),
        ("journal", services.journal.run()),
        ("studios", services.studios.run()),
        ("built-in sounds", services.sounds.install()),
    ):
        _ = services.tasks.spawn(work, name=name)
