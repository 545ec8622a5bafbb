import pytest

from core.money import ledger
from core.money.ledger import Balance
from storage.db import Database
from storage.models import AccountKind, EntryKind, User
from tests.core.money.kit import BY, movement


@pytest.fixture
async def user_id(db: Database) -> int:
    user = User(telegram_id=7, created_at=BY.at)
    async with db.begin() as uow:
        await uow.accounts.add_user(user)
    return user.id


@pytest.fixture
def top_up(db: Database, user_id: int):
    async def top_up(amount: int, key: str = "stars:1") -> None:
        async with db.begin() as uow:
            money_in = movement(EntryKind.TOP_UP, key)
            await ledger.credit(uow, user_id, amount, AccountKind.STARS, money_in)

    return top_up


@pytest.fixture
def set_aside(db: Database, user_id: int):
    """The id of a hold."""

    async def set_aside(amount: int, key: str = "order:1") -> int:
        async with db.begin() as uow:
            aside = movement(EntryKind.HOLD, key, subject="ORD-1")
            return (await ledger.hold(uow, user_id, amount, aside)).id

    return set_aside


@pytest.fixture
def take_back(db: Database, user_id: int):
    """The debt it made."""

    async def take_back(amount: int, key: str = "refund:1") -> int:
        async with db.begin() as uow:
            back = movement(EntryKind.REFUND, key)
            return await ledger.take_back(uow, user_id, amount, AccountKind.STARS, back)

    return take_back


@pytest.fixture
def capture(db: Database):
    async def capture(hold_id: int, amount: int) -> None:
        async with db.begin() as uow:
            await ledger.capture(uow, hold_id, amount, BY)

    return capture


@pytest.fixture
def balance(db: Database, user_id: int):
    async def balance() -> Balance:
        async with db.read() as uow:
            return await ledger.balance(uow, user_id)

    return balance
