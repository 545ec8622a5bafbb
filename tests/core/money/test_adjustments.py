"""Money given and taken by admins."""

import pytest

from core.account import require_user
from core.audit import Act
from core.errors import InsufficientFunds, Invalid, KeyReused
from core.money import adjustments
from core.money.ledger import Balance
from storage.db import Database
from tests.core.money.kit import BY

ADMIN = Act("tg:42", BY.at)


@pytest.fixture
def adjust(db: Database, user_id: int):
    async def adjust(adjustment, amount: int, reason: str = "an outage", key: str = "a1") -> Balance:
        async with db.begin() as uow:
            user = await require_user(uow, user_id)
            return await adjustment(uow, user, amount, reason, key, ADMIN)

    return adjust


async def test_what_was_given_and_taken_is_on_the_balance(adjust):
    assert await adjust(adjustments.credit, 500) == Balance(500, 0, 0)
    assert await adjust(adjustments.debit, 200, key="a2") == Balance(300, 0, 0)


async def test_it_stands_in_the_audit_log_once(db: Database, user_id: int, adjust):
    await adjust(adjustments.credit, 500)
    await adjust(adjustments.credit, 500)

    async with db.read() as uow:
        [entry] = await uow.audit.list_page(subject=f"user:{user_id}")
    assert (entry.actor, entry.action) == ("tg:42", "wallet.credit")
    assert entry.details == {"amount": 500, "reason": "an outage"}


async def test_no_more_is_taken_than_is_there(db: Database, user_id: int, adjust):
    with pytest.raises(InsufficientFunds):
        await adjust(adjustments.debit, 200)

    async with db.read() as uow:
        assert await uow.audit.list_page(subject=f"user:{user_id}") == []


async def test_a_key_is_not_used_for_another_reason(adjust):
    await adjust(adjustments.credit, 500)

    with pytest.raises(KeyReused):
        await adjust(adjustments.credit, 500, "another")


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 301, "a\x00b", "\u202eevil"])
async def test_a_reason_is_plain_words(adjust, reason: str):
    with pytest.raises(Invalid) as refused:
        await adjust(adjustments.credit, 500, reason)

    assert refused.value.details == {"field": "reason"}


async def test_a_reason_is_kept_on_one_line(db: Database, user_id: int, adjust):
    await adjust(adjustments.credit, 500, " sorry\nfor  this ")

    async with db.read() as uow:
        [entry] = await uow.ledger.entries_of(user_id, limit=1)
    assert entry.reason == "sorry for this"
