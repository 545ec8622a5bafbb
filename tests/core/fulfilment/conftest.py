import pytest

from storage.db import Database
from tests.fakes import MovedClock
from tests.orders_kit import OrdersKit


@pytest.fixture
def kit(db: Database, clock: MovedClock) -> OrdersKit:
    return OrdersKit(db, clock)
