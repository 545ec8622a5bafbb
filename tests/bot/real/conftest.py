"""The bot on everything that stands behind it: nothing is played but Telegram itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import Robot
from bot.front import Front
from bot.stars import open_gateway
from core.config import Config
from core.money import verify
from core.payments.gateway import Gateway
from core.services import Services
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram

BOSS = 99


@pytest.fixture
def config(tmp_path: Path, telegram: FakeTelegram) -> Config:
    known = {"token": TOKEN, "api_url": telegram.url, "stars_rate": 77, "admin_ids": [BOSS]}
    plans = {"standard": {"title": "Standard", "days": 30, "stars": 500, "trial_days": 3}}
    public = {"public_url": "https://live.example.org"}
    return Config(data_dir=tmp_path, web=public, telegram=known, plans=plans)


@pytest.fixture
def boss(telegram: FakeTelegram, robot: Robot) -> Person:
    return Person(telegram, BOSS, name="Boss")


@pytest.fixture
async def till(telegram: FakeTelegram) -> AsyncIterator[Gateway]:
    async with open_gateway(TOKEN, telegram.url) as gateway:
        yield gateway


@pytest.fixture
def front(services: Services) -> Front:
    return Front(
        services=services,
        address="http://127.0.0.1:8080",
        identity=services.identity,
        shop=services.shop,
        payments=services.payments,
        orders=services.orders,
        tickets=services.tickets,
        referrals=services.referrals,
    )


@pytest.fixture
async def robot(front: Front, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Robot]:
    monkeypatch.setattr("bot.app.DRAIN_SECONDS", 0.5)
    monkeypatch.setattr("bot.turns.CHAT_BURST", 100)  # who tries everything out is not kept waiting
    services = front.services
    _ = services.tasks.spawn(services.payments.run(), name="payments")
    async with Robot(front) as made:
        yield made
    async with services.db.snapshot() as uow:
        assert not await verify.verify(uow)


@pytest.fixture
async def desk(boss: Person) -> Person:
    """The boss, with the desk in front of them."""
    await boss.asks("/start")
    await boss.asks("/admin")
    return boss


async def find(boss: Person, person: Person) -> str:
    """Their card on the desk."""
    await boss.asks("/admin")
    await boss.presses("Find a user")
    return await boss.asks(f"tg:{person.id}")
