"""Composition: the only module that knows every other one."""

from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager, closing

from core import referrals
from core.access import Access
from core.accounts import Accounts
from core.admin.books import Books
from core.admin.desk import Admin
from core.admin.keys import Keys
from core.admin.people import People
from core.admin.trade import Trade
from core.admin.watching import Watching
from core.allowance import SpeechAllowance
from core.broadcasts import Broadcasts
from core.changes import ChangeFeed
from core.clock import Clock
from core.config import Config, Tiktok
from core.crew import Crew
from core.devices import Devices
from core.door import Door
from core.errors import RateLimited
from core.export import Export
from core.fulfilment import providers
from core.fulfilment.service import Fulfilment
from core.gift_catalogue import GiftNotes
from core.identity import Identity
from core.journal import Journal
from core.leaving import Leaving
from core.live.budgets import Budgets, budgets_for, unlimited
from core.live.shared_line import lines_of_all
from core.live.source import LiveSource
from core.live.tiktok import TikTokSource
from core.live_news import LiveNews
from core.live_watch import Nobody
from core.orders.news import OrderNews
from core.orders.service import Orders
from core.orders.short_links import ShortLinks
from core.passwords import Passwords
from core.payments.gateway import Gateway
from core.payments.service import Payments
from core.plans_for_sale import Shop
from core.referrals import Referrals
from core.seen import LastSeen
from core.services import Services
from core.setting_checks import setting_checks
from core.sounds.service import Sounds
from core.sounds.workshop import SoundWorkshop
from core.speech import engines, voices
from core.speech.service import Speech
from core.speech_spent import SpentSpeech
from core.studios import Studios
from core.tasks import TaskPool
from core.tickets import Tickets
from core.triggers import service as trigger_service
from core.triggers.intake import Allowed
from core.triggers.service import Checks
from core.triggers.webhooks import WebhookSender
from core.user_views import UserViews
from storage.db import UnitOfWork
from storage.media import MediaStore, S3Access
from storage.shared.reach import Reach, open_reach
from ttboost import demo, loops
from ttboost.cluster import ALL_ROLES, Houses, Parts, build_houses, open_bus
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
async def live_source(
    config: Config, clock: Clock, reach: Reach | None = None
) -> AsyncIterator[tuple[LiveSource, Budgets]]:
    """The way into LIVEs the configuration names, and the budgets that go with it."""
    if config.live.source == "replay":
        from core.live.replay import ReplaySource

        replay = config.live.replay
        yield (
            ReplaySource(replay.path or demo.path(), clock, speed=replay.speed, loop=replay.loop),
            unlimited(clock),
        )
        return
    budgets = budgets_for(config.live.tiktok, clock, lines_of_all(clock, reach) if reach else None)
    async with TikTokSource(config.live, budgets, clock, reach=reach) as source:
        yield source, budgets


@asynccontextmanager
async def open_services(
    opened: Opened, roles: Collection[str] = ALL_ROLES, *, is_demo: bool = False
) -> AsyncIterator[Services]:
    """Everything on top of an opened installation, in order and closed in reverse."""
    config, db, secrets, clock = opened.config, opened.db, opened.secrets, opened.clock
    async with AsyncExitStack() as stack:
        reach = await stack.enter_async_context(open_reach(config.bus.url))
        bus = await stack.enter_async_context(open_bus(opened, roles))
        tasks = await stack.enter_async_context(TaskPool())
        media, passwords = open_media(config), stack.enter_context(closing(Passwords()))
        speech = _speech(opened, media, tasks, stack)
        sounds, access, changes = _sounds(opened, media), Access(db, config, clock), ChangeFeed(db, clock)
        accounts = Accounts(db, passwords, secrets, config, clock, checks=setting_checks(sounds))
        journal = Journal(db, clock)
        crew = _crew(opened, speech, journal, _live_news(opened, tasks, stack), reach, tasks)
        source, budget = await stack.enter_async_context(live_source(config, clock, reach))
        parts = Parts(tasks, access, accounts, sounds, crew, (source, budget))
        houses = build_houses(opened, bus, roles, parts, is_demo=is_demo)
        _inform(opened, houses, changes, parts, speech)
        payments = Payments(db, config, secrets, clock, await stack.enter_async_context(_gateway(config)))
        orders, fulfilment = _orders(opened, changes, is_demo=is_demo)
        services = Services(
            config=config,
            clock=clock,
            db=db,
            media=media,
            tasks=tasks,
            secrets=secrets,
            passwords=passwords,
            accounts=accounts,
            devices=Devices(db, clock),
            leaving=Leaving(db, accounts, clock),
            export=Export(db, media, clock),
            identity=Identity(db, accounts, passwords, config, clock),
            user_views=_user_views(opened, changes, access),
            last_seen=LastSeen(db, clock),
            access=access,
            changes=changes,
            speech=speech,
            allowance=crew.allowance,
            sounds=sounds,
            studios=houses.door,
            local=houses.local,
            journal=journal,
            trigger_checks=_trigger_checks(config, sounds),
            payments=payments,
            shop=Shop(db, config, secrets, clock, payments),
            referrals=Referrals(db, config, clock),
            orders=orders,
            fulfilment=fulfilment,
            tickets=Tickets(db, config, clock, houses.door),
            broadcasts=Broadcasts(db, clock),
            reach=reach,
            budgets=budget,
            admin=_admin(opened, passwords, houses.door, journal, speech),
        )
        await loops.start(services, roles, source)
        stack.push_async_callback(journal.close)
        async with houses.running(config.live.drain_seconds):
            yield services


def _speech(opened: Opened, media: MediaStore, tasks: TaskPool, stack: AsyncExitStack) -> Speech:
    speech = engines.build(opened.config, media, opened.secrets.media_key, opened.clock, tasks)
    stack.push_async_callback(speech.close)
    return speech


async def _views_bought(uow: UnitOfWork, user_id: int) -> int:
    views, _ = await uow.orders.totals(user_id)
    return views


def _sounds(opened: Opened, media: MediaStore) -> Sounds:
    config, key = opened.config.sounds, opened.secrets.media_key
    return Sounds(opened.db, media, SoundWorkshop(), config, key, trigger_service.using, opened.clock)


def _user_views(opened: Opened, changes: ChangeFeed, access: Access) -> UserViews:
    """What is kept in memory goes with a change: this process's at once, others' as they are noticed."""
    views = UserViews(
        opened.db, opened.config, opened.clock, views_bought=_views_bought, referrals=referrals.count
    )
    for one in (access, views):
        opened.db.watch(one.drop)
        changes.subscribe(one.drop)
    return views


@asynccontextmanager
async def _gateway(config: Config) -> AsyncIterator[Gateway | None]:
    """Whoever takes payments; None without a Telegram bot."""
    if config.telegram.token is None:
        yield None
        return
    from bot.stars import open_gateway

    token, api_url = config.telegram.token.get_secret_value(), config.telegram.api_url
    async with open_gateway(token, api_url) as gateway:
        yield gateway


def _crew(
    opened: Opened, speech: Speech, journal: Journal, news: LiveNews, reach: Reach | None, tasks: TaskPool
) -> Crew:
    allowance = SpeechAllowance(opened.clock)
    allowance.on_used = journal.lasting.spoke
    speech.allow, speech.refuse = allowance.allow, allowance.refusal
    gifts = GiftNotes(opened.db, opened.clock)
    return Crew(speech, journal, opened.clock, _webhooks(opened, reach, tasks), gifts, allowance, news)


def _inform(opened: Opened, houses: Houses, changes: ChangeFeed, parts: Parts, speech: Speech) -> None:
    """What studios hear of the rest of the program, and say to it."""
    speech.elsewhere = houses.notes
    crew, studios = parts.crew, houses.local
    if studios is None:
        return
    speech.on_measured = studios.measured
    changes.subscribe(studios.noticed)
    _order_news(opened, changes, studios, parts.tasks)
    post = Nobody() if studios.is_demo else crew.post
    crew.allowance.on_spent = SpentSpeech(studios, post, crew.clock).tell


def _live_news(opened: Opened, tasks: TaskPool, stack: AsyncExitStack) -> LiveNews:
    """Written to the end: what studios say when they close, too."""
    news = LiveNews(opened.db, opened.clock)
    _ = tasks.spawn(news.run(), name="live news")
    stack.push_async_callback(news.close)
    return news


def _admin(opened: Opened, passwords: Passwords, studios: Door, journal: Journal, speech: Speech) -> Admin:
    config, db, clock = opened.config, opened.db, opened.clock
    return Admin(
        people=People(db, passwords, config, clock),
        keys=Keys(db, opened.secrets.license_pepper, config, clock),
        books=Books(db, clock),
        trade=Trade(db),
        watching=Watching(db, studios, journal, speech, clock),
    )


def _webhooks(opened: Opened, reach: Reach | None, tasks: TaskPool) -> WebhookSender:
    config, db, clock = opened.config, opened.db, opened.clock
    limiter = Limiter(config.limits, clock, reach)

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


def _order_news(opened: Opened, changes: ChangeFeed, studios: Studios, tasks: TaskPool) -> None:
    news = OrderNews(opened.db, studios, opened.clock)
    changes.subscribe(news.noticed)
    _ = tasks.spawn(news.run(), name="order news")


def _orders(opened: Opened, changes: ChangeFeed, *, is_demo: bool) -> tuple[Orders, Fulfilment]:
    config, db, clock = opened.config, opened.db, opened.clock
    fulfilment = Fulfilment(
        db, clock, providers.build(config, clock, is_demo=is_demo), after=changes.check_now
    )

    def after() -> None:
        changes.check_now()
        fulfilment.wake()

    tiktok = config.live.tiktok
    is_elsewhere = tiktok.web_url != Tiktok().web_url
    resolver = ShortLinks(via=tiktok.web_url if is_elsewhere else None, proxy=tiktok.proxy)
    return Orders(db, config.orders, clock, resolver, after=after), fulfilment


def _trigger_checks(config: Config, sounds: Sounds) -> Checks:
    async def has_sound(uow: UnitOfWork, user_id: int, filename: str) -> bool:
        return await sounds.find(uow, user_id, filename) is not None

    images = {file.name.removesuffix(".svg") for file in (ROOT / "static/alerts").iterdir()}
    return Checks(Allowed(voices.is_known, images.__contains__, config.webhooks.enabled), has_sound)
