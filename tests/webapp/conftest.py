"""The real application on a real socket: real accounts, sounds and speech; only LIVEs are stood in for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher

from core import licenses, referrals
from core.access import Access
from core.accounts import Accounts
from core.admin.books import Books
from core.admin.desk import Admin
from core.admin.keys import Keys
from core.admin.people import People
from core.admin.trade import Trade
from core.admin.watching import Watching
from core.allowance import SpeechAllowance
from core.audit import Act
from core.broadcasts import Broadcasts
from core.changes import ChangeFeed
from core.config import Config, Limits
from core.crew import Crew
from core.devices import Devices
from core.export import Export
from core.fulfilment import providers
from core.fulfilment.service import Fulfilment
from core.gift_catalogue import GiftNotes
from core.identity import Identity
from core.journal import Journal
from core.leaving import Leaving
from core.licenses import Batch
from core.orders.service import Orders
from core.passwords import Passwords
from core.payments.service import Payments
from core.plans_for_sale import Shop
from core.referrals import Referrals
from core.secrets import generate
from core.seen import LastSeen
from core.services import Services
from core.sounds.service import Sounds
from core.sounds.workshop import SoundWorkshop
from core.speech.service import Speech
from core.tasks import TaskPool
from core.tickets import Tickets
from core.triggers import service as triggers
from core.triggers.intake import Allowed
from core.triggers.service import Checks
from core.user_views import UserViews
from storage.db import Database
from storage.media import MediaStore
from storage.models import User, UserRole
from tests.core.payments.till import Till
from tests.fakes import MovedClock
from tests.orders_kit import KnownLinks
from tests.webapp.fakes import START, NoWebhooks, ScriptedLive, SlowVoice, WatchedStudios
from webapp.app import build_app
from webapp.tokens import Tokens

PASSWORD = "SecurePass123!"

Serve = Callable[..., Awaitable[TestClient]]


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def limits() -> Limits:
    """Wide, so that only tests of limits meet them."""
    return Limits(
        auth="1000/minute",
        auth_ip="1000/minute",
        sounds_upload="1000/minute",
        triggers="1000/minute",
        api_public="1000/minute",
    )


@pytest.fixture
def config(tmp_path: Path, limits: Limits) -> Config:
    return Config(data_dir=tmp_path, limits=limits, telegram={"token": "42:TEST"})


@pytest.fixture
def voice() -> SlowVoice:
    return SlowVoice()


@pytest.fixture
def live() -> ScriptedLive:
    return ScriptedLive()


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
async def services(
    db: Database,
    config: Config,
    clock: MovedClock,
    voice: SlowVoice,
    live: ScriptedLive,
    till: Till,
) -> AsyncIterator[Services]:
    secrets = generate()
    media = MediaStore(config.media_url)
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    access = Access(db, config, clock)
    sounds = Sounds(db, media, SoundWorkshop(), config.sounds, secrets.media_key, triggers.using, clock)

    async def has_sound(uow: Any, user_id: int, name: str) -> bool:
        return await sounds.find(uow, user_id, name) is not None

    async with TaskPool() as tasks:
        speech = Speech([voice], media, media_key=secrets.media_key, clock=clock, tasks=tasks)
        speech.start()
        journal = Journal(db, clock)
        accounts = Accounts(db, passwords, secrets, config, clock)
        user_views = UserViews(db, config, clock, referrals=referrals.count)
        db.watch(user_views.drop)
        allowance = SpeechAllowance(clock)
        speech.allow, speech.refuse = allowance.allow, allowance.refusal
        crew = Crew(speech, journal, clock, NoWebhooks(), GiftNotes(db, clock), allowance)
        payments = Payments(db, config, secrets, clock, till)
        studios = WatchedStudios(config, db, accounts, access, sounds, crew, live)
        yield Services(
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
            user_views=user_views,
            last_seen=LastSeen(db, clock),
            access=access,
            changes=ChangeFeed(db, clock),
            speech=speech,
            allowance=allowance,
            sounds=sounds,
            studios=studios,
            local=studios,
            journal=journal,
            trigger_checks=Checks(Allowed(lambda _: True, lambda _: True, has_webhooks=True), has_sound),
            payments=payments,
            shop=Shop(db, config, secrets, clock, payments),
            referrals=Referrals(db, config, clock),
            orders=Orders(db, config.orders, clock, KnownLinks(), after=lambda: None),
            fulfilment=Fulfilment(
                db, clock, providers.build(config, clock, is_demo=True), after=lambda: None
            ),
            tickets=Tickets(db, config, clock, studios),
            broadcasts=Broadcasts(db, clock),
            admin=Admin(
                people=People(db, passwords, config, clock),
                keys=Keys(db, secrets.license_pepper, config, clock),
                books=Books(db, clock),
                trade=Trade(db),
                watching=Watching(db, studios, journal, speech, clock),
            ),
        )
        await speech.close()
        passwords.close()


@pytest.fixture
def studios(services: Services) -> WatchedStudios:
    return services.studios


@pytest.fixture
async def client(aiohttp_client: Serve, services: Services) -> TestClient:
    return await aiohttp_client(build_app(services))


@pytest.fixture
def issue(services: Services) -> Callable[..., Awaitable[str]]:
    """Makes a license key."""

    async def make(days: int = 30, plan: str = "standard") -> str:
        async with services.db.begin() as uow:
            by = Act("cli", START)
            return (await licenses.issue(uow, Batch(plan, days), services.secrets.license_pepper, by))[0]

    return make


@pytest.fixture
def join(
    client: TestClient, issue: Callable[..., Awaitable[str]]
) -> Callable[..., Awaitable[dict[str, str]]]:
    """A new streamer with a license; what their phone sends along from then on."""

    async def redeem(username: str = "streamer123", days: int = 30) -> dict[str, str]:
        body = {"username": username, "password": PASSWORD, "license_key": await issue(days)}
        async with client.post("/v2/auth/redeem-license", json=body) as response:
            assert response.status == 200, await response.text()
            return {"Authorization": f"Bearer {(await response.json())['access_token']}"}

    return redeem


@pytest.fixture
async def streamer(join: Callable[..., Awaitable[dict[str, str]]]) -> dict[str, str]:
    return await join()


@pytest.fixture
def enter(services: Services) -> Callable[..., Awaitable[dict[str, str]]]:
    """An account that has come by Telegram; what the Mini App sends along from then on."""

    async def make(
        telegram_id: int = 42, role: UserRole = UserRole.USER, audience: str = "webapp", **fields: Any
    ) -> dict[str, str]:
        user = User(telegram_id=telegram_id, role=role, created_at=services.clock.now(), **fields)
        async with services.db.begin() as uow:
            assert await uow.accounts.add_user(user)
        tokens = Tokens(services.secrets, services.config.auth.token_ttl_hours, services.clock)
        return {"Authorization": f"Bearer {tokens.issue(user.id, user.token_version, audience)}"}

    return make
