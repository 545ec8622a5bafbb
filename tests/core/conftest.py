from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from core import licenses, secrets
from core.accounts import Accounts
from core.audit import Act
from core.config import Config, Plan
from core.passwords import Passwords
from core.secrets import Secrets
from storage.db import Database
from tests.fakes import MovedClock

SMALL = Plan(title="Standard", triggers=200, tiktok_usernames=1, tiktok_changes_per_month=2)
LARGE = Plan(title="Studio", triggers=1_000, tiktok_usernames=3, tiktok_changes_per_month=5)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data_dir=tmp_path, plans={"standard": SMALL, "studio": LARGE})


@pytest.fixture(scope="session")
def keys() -> Secrets:
    return secrets.generate()


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    """As cheap as argon2 gets: what is tested here is who asks, not how long it takes."""
    made = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield made
    made.close()


@pytest.fixture
def accounts(
    db: Database, passwords: Passwords, keys: Secrets, config: Config, clock: MovedClock
) -> Accounts:
    return Accounts(db, passwords, keys, config, clock)


@pytest.fixture
def issue(db: Database, keys: Secrets, clock: MovedClock):
    """Make one key and return it."""

    async def issue(days: int = 30, plan: str = "standard") -> str:
        async with db.begin() as uow:
            batch = licenses.Batch(plan, days)
            return (await licenses.issue(uow, batch, keys.license_pepper, Act("test", clock.now())))[0]

    return issue


@pytest.fixture
def operate(db: Database, keys: Secrets, clock: MovedClock):
    """Do one of the operations of `core.licenses` to a key."""

    async def operate(operation, key: str, *arguments):
        async with db.begin() as uow:
            found = await licenses.find(uow, key, keys.license_pepper)
            return await operation(uow, found, *arguments, Act("test", clock.now()))

    return operate
