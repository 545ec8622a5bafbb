"""Any sequence of movements and repeats, on a real file, beside a model in plain Python."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.errors import HoldClosed, InsufficientFunds, KeyReused
from core.money import ledger
from core.money.ledger import Balance
from core.money.verify import verify
from core.money.views import history
from storage.db import Database, UnitOfWork
from storage.models import AccountKind, EntryKind, User
from tests.core.money.kit import BY, movement

USERS = (1, 2)
amounts = st.integers(1, 1_000)


@dataclass
class Purse:
    """The model of one user's money."""

    available: int = 0
    held: int = 0
    debt: int = 0

    def come_in(self, amount: int) -> None:
        paid = min(self.debt, amount)
        self.debt -= paid
        self.available += amount - paid

    def take_back(self, amount: int) -> int:
        there = min(self.available, amount)
        self.available -= there
        self.debt += amount - there
        return amount - there


@dataclass
class Held:
    user_id: int
    amount: int
    id: int
    captured: int | None = None


@dataclass
class Done:
    """A movement that was accepted, to be said again within a transaction, and its answer."""

    again: Callable[[UnitOfWork, int], Any]
    amount: int
    answer: Any


class Ledger(RuleBasedStateMachine):
    template: ClassVar[Path]
    directory: ClassVar[Path]
    number: ClassVar[Iterator[int]]

    holds = Bundle("holds")
    done = Bundle("done")

    def __init__(self) -> None:
        super().__init__()
        file = self.directory / f"{next(self.number)}.db"
        shutil.copyfile(self.template, file)
        self.runner = asyncio.Runner()
        self.db = Database(f"sqlite+aiosqlite:///{file}")
        self.purses = {user_id: Purse() for user_id in USERS}
        self.held: list[Held] = []
        self.keys = 0
        self.runner.run(self._add_users())

    def teardown(self) -> None:
        self.runner.run(self.db.close())
        self.runner.close()

    async def _add_users(self) -> None:
        async with self.db.begin() as uow:
            for user_id in USERS:
                await uow.accounts.add_user(User(telegram_id=user_id, created_at=BY.at))

    async def _move(self, work: Callable[[UnitOfWork, int], Any], amount: int) -> Any:
        async with self.db.begin() as uow:
            return await work(uow, amount)

    def move(self, work: Callable[[UnitOfWork, int], Any], amount: int) -> Any:
        return self.runner.run(self._move(work, amount))

    def key(self) -> str:
        self.keys += 1
        return f"key:{self.keys}"

    def spend(self, work: Callable[[UnitOfWork, int], Any], user_id: int, amount: int) -> Any:
        """None, and nothing moved, where the model has too little."""
        if self.purses[user_id].available >= amount:
            return self.move(work, amount)
        with pytest.raises(InsufficientFunds):
            self.move(work, amount)
        return None

    @rule(target=done, user_id=st.sampled_from(USERS), amount=amounts)
    def credit(self, user_id: int, amount: int) -> Done:
        money_in = movement(EntryKind.TOP_UP, self.key())

        async def work(uow: UnitOfWork, amount: int) -> int:
            return (await ledger.credit(uow, user_id, amount, AccountKind.STARS, money_in)).id

        answer = self.move(work, amount)
        self.purses[user_id].come_in(amount)
        return Done(work, amount, answer)

    @rule(target=done, user_id=st.sampled_from(USERS), amount=amounts)
    def debit(self, user_id: int, amount: int) -> Any:
        purchase = movement(EntryKind.PURCHASE, self.key())

        async def work(uow: UnitOfWork, amount: int) -> int:
            return (await ledger.debit(uow, user_id, amount, AccountKind.REVENUE, purchase)).id

        answer = self.spend(work, user_id, amount)
        if answer is None:
            return multiple()
        self.purses[user_id].available -= amount
        return Done(work, amount, answer)

    @rule(target=done, user_id=st.sampled_from(USERS), amount=amounts)
    def hold(self, user_id: int, amount: int) -> Any:
        aside = movement(EntryKind.HOLD, self.key())

        async def work(uow: UnitOfWork, amount: int) -> int:
            return (await ledger.hold(uow, user_id, amount, aside)).id

        answer = self.spend(work, user_id, amount)
        if answer is None:
            return multiple()
        self.purses[user_id].available -= amount
        self.purses[user_id].held += amount
        self.held.append(Held(user_id, amount, answer))
        return Done(work, amount, answer)

    @rule(target=done, user_id=st.sampled_from(USERS), amount=amounts)
    def take_back(self, user_id: int, amount: int) -> Done:
        back = movement(EntryKind.REFUND, self.key())

        async def work(uow: UnitOfWork, amount: int) -> int:
            return await ledger.take_back(uow, user_id, amount, AccountKind.STARS, back)

        answer = self.move(work, amount)
        assert answer == self.purses[user_id].take_back(amount)
        return Done(work, amount, answer)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), share=st.integers(0, 4))
    def capture(self, data: st.DataObject, share: int) -> None:
        """None, a part or all of any hold, also of one that is resolved."""
        held = data.draw(st.sampled_from(self.held))
        amount = held.amount * share // 4

        async def work(uow: UnitOfWork, amount: int) -> int:
            return (await ledger.capture(uow, held.id, amount, BY)).captured

        if held.captured not in (None, amount):
            with pytest.raises(HoldClosed):
                self.move(work, amount)
            return
        assert self.move(work, amount) == amount
        if held.captured is None:
            held.captured = amount
            self.purses[held.user_id].held -= held.amount
            self.purses[held.user_id].come_in(held.amount - amount)

    @rule(one=done)
    def repeat(self, one: Done) -> None:
        assert self.move(one.again, one.amount) == one.answer

    @rule(one=done)
    def another_body(self, one: Done) -> None:
        with pytest.raises(KeyReused):
            self.move(one.again, one.amount + 1)

    @invariant()
    def holds_as_the_model_says(self) -> None:
        self.runner.run(self._check())

    async def _check(self) -> None:
        async with self.db.snapshot() as uow:
            assert await verify(uow) == []
            for user_id, purse in self.purses.items():
                expected = Balance(purse.available, purse.held, purse.debt)
                lines, _ = await history(uow, user_id, limit=1_000)
                assert await ledger.balance(uow, user_id) == expected
                assert sum(line.change for line in lines) == purse.available
                assert purse.held == sum(
                    one.amount for one in self.held if one.user_id == user_id and one.captured is None
                )
                assert 0 in (purse.debt, purse.available)


def test_money_is_conserved_in_any_sequence(sqlite_template: Path, tmp_path: Path):
    Ledger.template, Ledger.directory, Ledger.number = sqlite_template, tmp_path, iter(range(10_000))

    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
