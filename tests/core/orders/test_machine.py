"""Any sequence of what can happen to orders, against a model: money is conserved, nothing goes backwards."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any, ClassVar

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

from core.config import OperatorFulfilment
from core.errors import AppError, InsufficientFunds, KeyReused
from core.fulfilment import errands
from core.fulfilment.operator import Operator
from core.fulfilment.provider import Answer, Refused, Unreachable
from core.fulfilment.service import Fulfilment
from core.orders.views import OrderView
from storage.db import Database
from tests.fake_operator import SECRET, callback
from tests.fakes import MovedClock
from tests.orders_kit import STAFF, OrdersKit

MONEY = 2_000
COUNTS = st.sampled_from([100, 333, 1_000])
NUMBERS = st.integers(0, 1_200)
RANK = {"pending": 0, "processing": 1, "completed": 2, "partial": 2, "failed": 2, "cancelled": 2}


class Life(RuleBasedStateMachine):
    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.dir = tempfile.mkdtemp()
        shutil.copyfile(self.template, f"{self.dir}/t.db")
        self.db = Database(f"sqlite+aiosqlite:///{self.dir}/t.db")
        self.clock = MovedClock()
        self.kit = OrdersKit(self.db, self.clock, expire_after_hours=1)
        operator = Operator(OperatorFulfilment(url="https://operator.example", secret=SECRET), self.clock)
        self.door = Fulfilment(self.db, self.clock, {"operator": operator}, after=lambda: None)
        self.user_id = self.run(self.kit.person(MONEY))
        self.asked: dict[str, tuple[int, str]] = {}  # key to what it made
        self.seen: dict[str, OrderView] = {}
        self.sent: list[Any] = []  # callbacks, to be sent again
        self.lost: list[errands.Claimed] = []  # errands of workers that died

    def teardown(self) -> None:
        self.run(self.db.close())
        self.loop.close()
        shutil.rmtree(self.dir)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def tried(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What came of it; a refusal is an answer too."""
        try:
            return self.run(work)
        except AppError as error:
            return error

    def some(self, number: int) -> str:
        return list(self.seen)[number % len(self.seen)]

    @rule(key=st.sampled_from("abcdefgh"), count=COUNTS)
    def create(self, key: str, count: int) -> None:
        before = self.run(self.kit.balance(self.user_id)).available
        came = self.tried(self.kit.order(self.user_id, count, key))

        if key in self.asked and self.asked[key][0] == count:
            assert came.order_id == self.asked[key][1]
        elif key in self.asked:
            assert isinstance(came, KeyReused)
        elif before < (count * 350 + 500) // 1_000:
            assert isinstance(came, InsufficientFunds)
        else:
            assert came.price == (count * 350 + 500) // 1_000
            self.asked[key] = (count, came.order_id)
            self.seen[came.order_id] = came

    @precondition(lambda self: self.seen)
    @rule(which=NUMBERS, sent=NUMBERS, delivered=NUMBERS, final=st.booleans())
    def report(self, which: int, sent: int, delivered: int, final: bool) -> None:
        by = self.kit.by(STAFF)
        self.tried(self.kit.orders.report(self.some(which), sent, delivered, "", by, final=final))

    @precondition(lambda self: self.seen)
    @rule(
        which=NUMBERS,
        sent=NUMBERS,
        delivered=NUMBERS,
        status=st.sampled_from(["processing", "processing", "completed", "failed", "cancelled"]),
    )
    def call_back(self, which: int, sent: int, delivered: int, status: str) -> None:
        told = {"order_id": self.some(which), "status": status, "sent": sent, "delivered": delivered}
        self.sent.append(callback(told, f"m{len(self.sent)}", self.clock.now().timestamp()))
        self.run(self.door.receive(self.sent[-1]))

    @precondition(lambda self: self.sent)
    @rule(which=NUMBERS)
    def call_back_again(self, which: int) -> None:
        came = self.tried(self.door.receive(self.sent[which % len(self.sent)]))

        assert came == "known" or came.code == "invalid_signature"

    @precondition(lambda self: self.seen)
    @rule(which=NUMBERS, how=st.sampled_from(["cancel", "cancel_as_admin", "fail"]))
    def stop(self, which: int, how: str) -> None:
        by = self.kit.by(STAFF)
        orders, order_id = self.kit.orders, self.some(which)
        if how == "cancel":
            self.tried(orders.cancel(self.user_id, order_id, by))
        else:
            self.tried(getattr(orders, how)(order_id, "", by))

    @rule(
        on_submit=st.sampled_from([Answer.STARTED, Answer.STARTED, Unreachable("down"), Refused("no")]),
        on_cancel=st.sampled_from([Answer.ASKED, Answer.STOPPED, Unreachable("down"), Refused("no")]),
    )
    def work(self, on_submit: Any, on_cancel: Any) -> None:
        self.kit.deliverer.on_submit, self.kit.deliverer.on_cancel = on_submit, on_cancel
        self.run(self.kit.fulfilment.work())

    @rule()
    def die_at_work(self) -> None:
        self.lost += self.run(errands.claim(self.db, self.clock))

    @precondition(lambda self: self.lost)
    @rule()
    def come_back_late(self) -> None:
        providers = {"operator": self.kit.deliverer}
        self.run(errands.carry_out(self.db, self.clock, providers, self.lost.pop()))

    @rule(seconds=st.sampled_from([5, 61, 1_000, 3_601]))
    def wait(self, seconds: int) -> None:
        self.clock.move(seconds)

    @rule()
    def expire(self) -> None:
        self.run(self.kit.fulfilment.expire())

    @invariant()
    def nothing_goes_backwards_and_no_money_is_lost(self) -> None:
        for order_id, was in self.seen.items():
            now = self.run(self.kit.orders.get_any(order_id)).order
            assert RANK[now.status] > RANK[was.status] or now.status == was.status
            assert now.view_count_delivered >= was.view_count_delivered
            assert now.view_count_sent >= was.view_count_sent >= was.view_count_delivered
            if RANK[was.status] == 2:
                assert now == was
            self.seen[order_id] = now
        self.run(self._check_money())

    async def _check_money(self) -> None:
        """It is where the orders say."""
        await self.kit.check_money()
        spent = sum(_worth(one) for one in self.seen.values() if RANK[one.status] == 2)
        held = sum(one.price for one in self.seen.values() if RANK[one.status] < 2)
        balance = await self.kit.balance(self.user_id)
        assert (balance.available, balance.held) == (MONEY - spent - held, held)
        assert await self.kit.revenue() == spent


def _worth(order: OrderView) -> int:
    share = Decimal(order.price) * min(order.view_count_delivered, order.view_count) / order.view_count
    return int(share.quantize(Decimal(1), ROUND_DOWN))


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_whatever_happens_to_orders_the_money_is_right(sqlite_template: Path):
    Life.template = sqlite_template

    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
