"""A shop with a till: a gateway that takes and gives back Stars without a network."""

from pathlib import Path
from typing import Any

import pytest

from core.audit import Act
from core.config import Config, Plan, Referral, Telegram
from core.money import ledger
from core.money.ledger import Balance, Movement
from core.payments.service import Payments
from core.plans_for_sale import Shop
from core.referrals import Referrals
from core.secrets import Secrets
from storage.db import Database
from storage.models import AccountKind, EntryKind, Notice, User, UserRole
from storage.repositories.ledger import AccountRow
from tests.core.payments.till import Till
from tests.fakes import MovedClock

ANNA, BORIS, ADMIN = 101, 102, 900  # Telegram ids
STARS, PRICE = 500, 650  # of the plan `standard` at 77 Stars for one unit


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        data_dir=tmp_path,
        plans={
            "standard": Plan(title="Standard", days=30, stars=STARS, trial_days=3),
            "studio": Plan(title="Studio", days=30, stars=1_000, triggers=1_000),
            "gift": Plan(title="Gift", triggers=1),
        },
        telegram=Telegram(admin_ids=[ADMIN]),
        referral=Referral(percent=10, mature_days=21),
    )


@pytest.fixture
def till() -> Till:
    return Till()


@pytest.fixture
def payments(db: Database, config: Config, keys: Secrets, clock: MovedClock, till: Till) -> Payments:
    return Payments(db, config, keys, clock, till)


@pytest.fixture
def shop(db: Database, config: Config, keys: Secrets, clock: MovedClock, payments: Payments) -> Shop:
    return Shop(db, config, keys, clock, payments)


@pytest.fixture
def referrals(db: Database, config: Config, clock: MovedClock) -> Referrals:
    return Referrals(db, config, clock)


@pytest.fixture
def join(db: Database, clock: MovedClock):
    """An account that came by Telegram; its id."""

    async def join(telegram_id: int = ANNA, role: UserRole = UserRole.USER) -> int:
        async with db.begin() as uow:
            user = User(telegram_id=telegram_id, role=role, created_at=clock.now())
            await uow.accounts.add_user(user)
        return user.id

    return join


@pytest.fixture
async def anna(join) -> int:
    return await join(ANNA)


@pytest.fixture
async def admin(join) -> int:
    return await join(ADMIN)


@pytest.fixture
def by(clock: MovedClock):
    return lambda actor="user:1": Act(actor, clock.now())


@pytest.fixture
def balance(db: Database):
    async def balance(user_id: int) -> Balance:
        async with db.read() as uow:
            return await ledger.balance(uow, user_id)

    return balance


@pytest.fixture
def give(db: Database, by):
    """Money on the balance, from an admin."""
    given = iter(range(1_000))

    async def give(user_id: int, amount: int) -> None:
        movement = Movement(kind=EntryKind.CREDIT, key=f"gift:{next(given)}", by=by("cli"))
        async with db.begin() as uow:
            await ledger.credit(uow, user_id, amount, AccountKind.ADJUSTMENTS, movement)

    return give


@pytest.fixture
def spend(db: Database, by):
    spent = iter(range(1_000))

    async def spend(user_id: int, amount: int) -> None:
        movement = Movement(kind=EntryKind.DEBIT, key=f"spent:{next(spent)}", by=by("cli"))
        async with db.begin() as uow:
            await ledger.debit(uow, user_id, amount, AccountKind.REVENUE, movement)

    return spend


@pytest.fixture
def notices(db: Database, clock: MovedClock):
    """Of one user, in order: kind and data."""

    async def notices(user_id: int) -> list[tuple[str, dict[str, Any]]]:
        async with db.read() as uow:
            rows: list[Notice] = list(await uow.notices.due(clock.now(), 1_000))
        return [(row.kind, row.data) for row in rows if row.user_id == user_id]

    return notices


@pytest.fixture
def books(db: Database):
    """The sum of all accounts, and what came in by Stars."""

    async def books() -> tuple[int, int]:
        async with db.read() as uow:
            accounts = [one async for page in uow.ledger.pages(AccountRow) for one in page]
        stars = sum(one.balance for one in accounts if one.kind is AccountKind.STARS)
        return sum(one.balance for one in accounts), -stars

    return books
