"""The real application on a real socket: real accounts, sounds and speech; only LIVEs are stood in for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from argon2 import PasswordHasher

from core import licenses
from core.access import Access
from core.accounts import Accounts
from core.allowance import SpeechAllowance
from core.audit import Act
from core.changes import ChangeFeed
from core.config import Config, Limits
from core.crew import Crew
from core.gift_catalogue import GiftNotes
from core.journal import Journal
from core.licenses import Batch
from core.passwords import Passwords
from core.secrets import generate
from core.services import Services
from core.sounds.service import Sounds
from core.sounds.workshop import SoundWorkshop
from core.speech.service import Speech
from core.tasks import TaskPool
from core.triggers import service as triggers
from core.triggers.intake import Allowed
from core.triggers.service import Checks
from storage.db import Database
from storage.media import MediaStore
from tests.fakes import MovedClock
from tests.webapp.fakes import START, NoWebhooks, ScriptedLive, SlowVoice, WatchedStudios
from webapp.app import build_app

PASSWORD = "SecurePass123!"

Serve = Callable[..., Awaitable[TestClient]]


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def limits() -> Limits:
    """Wide, so that only tests of limits meet them."""
    return Limits(
        auth="1000/minute", auth_ip="1000/minute", sounds_upload="1000/minute", triggers="1000/minute"
    )


@pytest.fixture
def config(tmp_path: Path, limits: Limits) -> Config:
    return Config(data_dir=tmp_path, limits=limits)


@pytest.fixture
def voice() -> SlowVoice:
    return SlowVoice()


@pytest.fixture
def codes() -> list[tuple[int, str]]:
    """What was sent: the Telegram id and the code."""
    return []


@pytest.fixture
def live() -> ScriptedLive:
    return ScriptedLive()


@pytest.fixture
async def services(
    db: Database,
    config: Config,
    clock: MovedClock,
    voice: SlowVoice,
    live: ScriptedLive,
    codes: list[tuple[int, str]],
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
        accounts = Accounts(db, passwords, secrets, config, clock, send_code=lambda *sent: codes.append(sent))
        crew = Crew(speech, journal, clock, NoWebhooks(), GiftNotes(db, clock), SpeechAllowance(clock))
        yield Services(
            config=config,
            clock=clock,
            db=db,
            media=media,
            tasks=tasks,
            secrets=secrets,
            passwords=passwords,
            accounts=accounts,
            access=access,
            changes=ChangeFeed(db, clock),
            speech=speech,
            sounds=sounds,
            studios=WatchedStudios(config, db, accounts, access, sounds, crew, live),
            journal=journal,
            trigger_checks=Checks(Allowed(lambda _: True, lambda _: True, has_webhooks=True), has_sound),
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
