"""Who delivers in which installation, and the demo's made-up deliverer."""

import pytest

from core.config import Config, Fulfilment, OperatorFulfilment
from core.config import Orders as Tariff
from core.errors import Invalid
from core.fulfilment import providers, simulated
from core.fulfilment.service import Fulfilment as Working
from core.fulfilment.simulated import Simulated
from core.money.ledger import Balance
from storage.db import Database
from tests.fake_operator import SECRET
from tests.fakes import MovedClock
from tests.orders_kit import OrdersKit

OPERATOR = Fulfilment(operator=OperatorFulfilment(url="https://operator.example", secret=SECRET))


def test_people_can_always_deliver(clock: MovedClock):
    assert set(providers.build(Config(), clock, is_demo=False)) == {"manual"}


def test_simulation_is_for_the_demo_alone(clock: MovedClock):
    config = Config(orders=Tariff(provider="simulated"))

    assert "simulated" in providers.build(config, clock, is_demo=True)
    with pytest.raises(Invalid, match=r"orders\.provider"):
        providers.build(config, clock, is_demo=False)


def test_an_operator_without_an_address_is_refused(clock: MovedClock):
    with pytest.raises(Invalid, match=r"fulfilment\.operator\.url"):
        providers.build(Config(orders=Tariff(provider="operator")), clock, is_demo=False)


def test_an_operator_who_no_longer_gets_orders_still_delivers_the_old_ones(clock: MovedClock):
    assert set(providers.build(Config(fulfilment=OPERATOR), clock, is_demo=False)) == {"manual", "operator"}


@pytest.fixture
def demo(db: Database, clock: MovedClock) -> OrdersKit:
    kit = OrdersKit(db, clock, "simulated")
    kit.fulfilment = Working(db, clock, {"simulated": Simulated()}, after=kit._after)
    return kit


async def test_made_up_numbers_move_by_themselves_to_the_end_and_say_so(demo: OrdersKit):
    user_id = await demo.person(1_000)
    order = await demo.started(user_id)
    seen = []
    for _ in range(simulated.STEPS):
        demo.clock.move(simulated.SECONDS / simulated.STEPS)
        await demo.fulfilment.simulate()
        seen.append((await demo.detail(order)).order.percent)

    detail = await demo.detail(order)
    assert seen == sorted(set(seen))
    assert (detail.order.status, detail.order.is_simulated) == ("completed", True)
    assert [one.name for one in detail.methods] == ["simulated"]
    assert await demo.balance(user_id) == Balance(650, 0, 0)


async def test_a_made_up_delivery_stops_when_it_is_cancelled(demo: OrdersKit):
    user_id = await demo.person(1_000)
    order = await demo.started(user_id)
    demo.clock.move(simulated.SECONDS / 2)
    await demo.fulfilment.simulate()
    await demo.orders.cancel(user_id, order.order_id, demo.by())

    await demo.fulfilment.work()

    assert (await demo.detail(order)).order.status == "partial"
    assert await demo.balance(user_id) == Balance(825, 0, 0)
