"""The real bot on real HTTP: a Bot API server of our own on one side, real accounts on the other."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiogram.types import LabeledPrice

from bot.app import Robot
from bot.front import Front
from core.audit import Act
from core.clock import Clock
from core.config import Config
from core.money import ledger
from core.money.ledger import Movement
from core.services import Services
from storage.models import AccountKind, EntryKind
from tests.bot import partners
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram
from tests.webapp.conftest import issue, limits, live, services, till, voice  # noqa: F401


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram().running() as running:
        yield running


@pytest.fixture
def public_url() -> str | None:
    return "https://live.example.org"


@pytest.fixture
def config(tmp_path: Path, telegram: FakeTelegram, public_url: str | None) -> Config:
    return Config(
        data_dir=tmp_path,
        web={"public_url": public_url},
        telegram={"token": TOKEN, "api_url": telegram.url, "stars_rate": 77},
    )


@pytest.fixture
def front(services: Services) -> Front:  # noqa: F811
    return Front(
        services=services,
        address="http://127.0.0.1:8080",
        identity=partners.People(services),
        shop=partners.Shop(services),
        payments=partners.Payments(services),
        orders=partners.Orders(services),
        tickets=partners.Tickets(),
        referrals=partners.Referrals(),
    )


@pytest.fixture
async def robot(front: Front, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Robot]:
    monkeypatch.setattr("bot.app.DRAIN_SECONDS", 0.5)  # answers that wait for their turn are not waited for
    made = Robot(front)

    async def make_link(payload: str, stars: int) -> str:
        prices = [LabeledPrice(label="Stars", amount=stars)]
        return await made.bot.create_invoice_link("Top up", "Money", payload, "XTR", prices)

    front.payments.make_link = make_link
    async with made:
        yield made


@pytest.fixture
def ann(telegram: FakeTelegram, robot: Robot) -> Person:
    """Somebody whose Telegram speaks English, and whose name is not harmless."""
    return Person(telegram, 7, name="Ann <b>& co")


@pytest.fixture
def boris(telegram: FakeTelegram, robot: Robot) -> Person:
    return Person(telegram, 8, language="ru", name="Борис")


@pytest.fixture
def user_id(front: Front) -> Callable[[Person], Awaitable[int]]:
    async def find(person: Person) -> int:
        async with front.services.db.read() as uow:
            user = await uow.accounts.get_by_telegram_id(person.id)
            assert user
            return user.id

    return find


@pytest.fixture
def give(front: Front, user_id: Any) -> Callable[[Person, int], Awaitable[None]]:
    """Put money on somebody's balance."""

    async def give(person: Person, amount: int) -> None:
        by = Act("cli", front.services.clock.now())
        movement = Movement(kind=EntryKind.CREDIT, key=f"gift:{person.id}:{amount}", by=by)
        async with front.services.db.begin() as uow:
            await ledger.credit(uow, await user_id(person), amount, AccountKind.ADJUSTMENTS, movement)

    return give
