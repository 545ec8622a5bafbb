"""Whatever order messages come in, however often: the books agree with a model of a few lines."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core import secrets
from core.audit import Act
from core.config import Config, Plan
from core.errors import AppError, DebtOpen, InsufficientFunds, PaymentNotFound, TrialUsed
from core.money import ledger
from core.money.ledger import Movement
from core.payments.service import Payments
from core.plans_for_sale import Shop
from storage.db import Database
from storage.models import AccountKind, EntryKind, LicenseStatus, User
from storage.repositories.ledger import AccountRow
from tests.core.payments.till import Till, message
from tests.fakes import MovedClock

PEOPLE = (101, 102)
STARS, PRICE = 500, 650
people = st.integers(0, len(PEOPLE) - 1)
some = st.integers(0, 1_000)


@dataclass
class Asked:
    """An invoice, in the model."""

    who: int
    amount: int
    sells: bool
    payload: str
    stars: int
    is_paid: bool = False


@dataclass
class Charge:
    asked: Asked
    state: str = "on its way"
    sold: bool = False


@dataclass
class Model:
    posted: list[int] = field(default_factory=lambda: [0, 0])
    licenses: list[int] = field(default_factory=lambda: [0, 0])
    trials: set[int] = field(default_factory=set)
    bought: set[tuple[int, int]] = field(default_factory=set)
    by_stars: int = 0

    def book(self, charge: Charge) -> None:
        if charge.state != "on its way":
            return
        who, asked = charge.asked.who, charge.asked
        charge.state = "booked"
        charge.sold = asked.sells and not asked.is_paid and self.posted[who] >= 0
        asked.is_paid = True
        self.by_stars += asked.amount
        if charge.sold:
            self.licenses[who] += 1
        else:
            self.posted[who] += asked.amount

    def refund(self, charge: Charge) -> None:
        if charge.state == "booked":
            self.by_stars -= charge.asked.amount
            if charge.sold:
                self.licenses[charge.asked.who] -= 1
            else:
                self.posted[charge.asked.who] -= charge.asked.amount
        charge.state = "refunded"


class Life(RuleBasedStateMachine):
    """The clock moves by less than what a cent of a license is worth."""

    def __init__(self, template: Path, folder: Path) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        file = folder / "life.db"
        shutil.copyfile(template, file)
        self.db = Database(f"sqlite+aiosqlite:///{file}")
        plan = Plan(title="Standard", days=30, stars=STARS, trial_days=3)
        self.config = Config(data_dir=folder, plans={"standard": plan})
        self.clock, self.till, self.secrets = MovedClock(), Till(), secrets.generate()
        self.model, self.asked, self.charges = Model(), list[Asked](), list[Charge]()
        self.spent = 0
        self.restart()
        self.ids = self.runner.run(self._join())

    async def _join(self) -> list[int]:
        users = [User(telegram_id=one, created_at=self.clock.now()) for one in PEOPLE]
        async with self.db.begin() as uow:
            for user in users:
                await uow.accounts.add_user(user)
        return [user.id for user in users]

    def teardown(self) -> None:
        self.runner.run(self.db.close())
        self.runner.close()

    def does(self, work: Any) -> AppError | None:
        """What refused it."""
        try:
            self.runner.run(work)
        except AppError as refusal:
            return refusal
        return None

    @rule()
    def restart(self) -> None:
        self.payments = Payments(self.db, self.config, self.secrets, self.clock, self.till)
        self.shop = Shop(self.db, self.config, self.secrets, self.clock, self.payments)

    @rule(who=people, amount=st.integers(1, 3_000))
    def top_up(self, who: int, amount: int) -> None:
        self.runner.run(self.payments.top_up(self.ids[who], amount))
        self._ask(who, amount, sells=False)

    @rule(who=people)
    def ask_for_a_license(self, who: int) -> None:
        refusal = self.does(self.payments.for_license(self.ids[who], "standard"))
        assert isinstance(refusal, DebtOpen) is (self.model.posted[who] < 0)
        if refusal is None:
            self._ask(who, PRICE, sells=True)

    def _ask(self, who: int, amount: int, *, sells: bool) -> None:
        offer = self.till.offers[-1]
        self.asked.append(Asked(who, amount, sells, offer.payload, offer.stars))

    @precondition(lambda self: self.asked)
    @rule(number=some, count=st.integers(1, 2))
    def pay(self, number: int, count: int) -> None:
        self.charges += [Charge(self.asked[number % len(self.asked)]) for _ in range(count)]

    @precondition(lambda self: self.charges)
    @rule(number=some, times=st.integers(1, 2))
    def hear_of_a_payment(self, number: int, times: int) -> None:
        for _ in range(times):
            self.runner.run(self.payments.receive(self._message(number, "successful_payment")))
            self.model.book(self._charge(number))

    @precondition(lambda self: self.charges)
    @rule(number=some)
    def hear_of_a_refund(self, number: int) -> None:
        self.runner.run(self.payments.receive(self._message(number, "refunded_payment")))
        self.model.refund(self._charge(number))

    @precondition(lambda self: self.charges)
    @rule(number=some)
    def refund(self, number: int) -> None:
        charge = self._charge(number)
        work = self.payments.refund(f"c{number % len(self.charges)}", self._by(), "asked")
        if charge.state == "on its way":
            assert isinstance(self.does(work), PaymentNotFound)
        else:
            assert self.does(work) is None
            self.model.refund(charge)

    @rule(who=people, key=st.integers(0, 2))
    def buy(self, who: int, key: int) -> None:
        refusal = self.does(self.shop.buy(self.ids[who], "standard", "balance", str(key), self._by()))
        if (who, key) in self.model.bought:
            assert refusal is None
        elif self.model.posted[who] < PRICE:
            assert isinstance(refusal, InsufficientFunds)
        else:
            self.model.bought.add((who, key))
            self.model.posted[who] -= PRICE
            self.model.licenses[who] += 1

    @rule(who=people)
    def start_trial(self, who: int) -> None:
        refusal = self.does(self.shop.start_trial(self.ids[who], self._by()))
        assert isinstance(refusal, TrialUsed) is (who in self.model.trials)
        self.model.trials.add(who)

    @rule(who=people, amount=st.integers(1, 2_000))
    def spend(self, who: int, amount: int) -> None:
        refusal = self.does(self._spend(who, amount))
        assert isinstance(refusal, InsufficientFunds) is (self.model.posted[who] < amount)
        if refusal is None:
            self.model.posted[who] -= amount

    async def _spend(self, who: int, amount: int) -> None:
        self.spent += 1
        movement = Movement(kind=EntryKind.DEBIT, key=f"spent:{self.spent}", by=self._by())
        async with self.db.begin() as uow:
            await ledger.debit(uow, self.ids[who], amount, AccountKind.REVENUE, movement)

    @rule()
    def wait(self) -> None:
        self.clock.move(20)

    @invariant()
    def books_agree(self) -> None:
        self.runner.run(self._check())

    async def _check(self) -> None:
        async with self.db.read() as uow:
            accounts = [one async for page in uow.ledger.pages(AccountRow) for one in page]
            balances = [await ledger.balance(uow, one) for one in self.ids]
            held = [await uow.licenses.list_of_user(one) for one in self.ids]
        assert sum(one.balance for one in accounts) == 0
        assert -sum(one.balance for one in accounts if one.kind is AccountKind.STARS) == self.model.by_stars
        assert [one.posted for one in balances] == self.model.posted
        assert [one.debt for one in balances] == [max(0, -one) for one in self.model.posted]
        live = [sum(key.status is LicenseStatus.ACTIVE for key in keys) for keys in held]
        trials = [int(who in self.model.trials) for who in range(len(PEOPLE))]
        assert live == [a + b for a, b in zip(self.model.licenses, trials, strict=True)]

    def _charge(self, number: int) -> Charge:
        return self.charges[number % len(self.charges)]

    def _message(self, number: int, kind: str) -> dict[str, Any]:
        asked = self._charge(number).asked
        charge_id = f"c{number % len(self.charges)}"
        return message(charge_id, PEOPLE[asked.who], asked.payload, asked.stars, kind)

    def _by(self) -> Act:
        return Act("cli", self.clock.now())


def test_books_hold_in_any_order(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory):
    run_state_machine_as_test(
        lambda: Life(sqlite_template, tmp_path_factory.mktemp("life")),
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
