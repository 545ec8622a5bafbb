"""What the operator's service tells us, in every order and number of times."""

import re
from itertools import permutations
from pathlib import Path

import msgspec
import pytest

from core.config import OperatorFulfilment
from core.errors import Invalid, InvalidSignature, KeyReused, NotFound, OrderNotFound
from core.fulfilment import callbacks, signing
from core.fulfilment.operator import Operator
from core.fulfilment.service import Fulfilment
from core.money.ledger import Balance
from tests.fake_operator import SECRET, callback
from tests.orders_kit import OrdersKit


class Line:
    """The operator's way in, for one order."""

    def __init__(self, kit: OrdersKit, order_id: str) -> None:
        config = OperatorFulfilment(url="https://operator.example/orders", secret=SECRET)
        self.door = Fulfilment(kit.db, kit.clock, {"operator": Operator(config, kit.clock)}, after=kit._after)
        self.kit = kit
        self.order_id = order_id

    def message(self, message_id: str, status: str, sent: int = 0, delivered: int = 0, **more):
        told = {"order_id": self.order_id, "status": status, "sent": sent, "delivered": delivered}
        return callback(told | more, message_id, self.kit.clock.now().timestamp())

    async def tell(self, *told, **more) -> str:
        return await self.door.receive(self.message(*told, **more))


@pytest.fixture
async def user_id(kit: OrdersKit) -> int:
    return await kit.person(1_000)


@pytest.fixture
async def line(kit: OrdersKit, user_id: int) -> Line:
    return Line(kit, (await kit.started(user_id)).order_id)


async def test_progress_and_end_are_taken(kit: OrdersKit, line: Line, user_id: int):
    await line.tell("m1", "processing", 500, 450, note="on its way")
    assert await line.tell("m2", "completed", 850, 800) == "taken"

    detail = await kit.orders.get_any(line.order_id)
    assert (detail.order.status, detail.order.view_count_sent, detail.order.view_count_delivered) == (
        "partial",
        850,
        800,
    )
    assert await kit.balance(user_id) == Balance(720, 0, 0)
    assert [one.name for one in detail.methods] == ["operator"]


async def test_the_same_message_is_taken_once(kit: OrdersKit, line: Line):
    assert await line.tell("m1", "processing", 500, 450) == "taken"
    assert await line.tell("m1", "processing", 500, 450) == "known"


async def test_one_id_with_two_bodies_is_refused(line: Line):
    await line.tell("m1", "processing", 500, 450)

    with pytest.raises(KeyReused):
        await line.tell("m1", "completed", 1_000, 1_000)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_order_of_messages_does_no_harm(kit: OrdersKit, line: Line, order):
    told = [("a", "processing", 100, 50), ("b", "processing", 300, 200), ("c", "processing", 700, 600)]

    for place in order:
        await line.tell(*told[place])

    view = (await kit.orders.get_any(line.order_id)).order
    assert (view.view_count_sent, view.view_count_delivered) == (700, 600)


async def test_what_comes_after_the_end_changes_nothing(kit: OrdersKit, line: Line, user_id: int):
    await line.tell("m1", "completed", 500, 500)

    assert await line.tell("m2", "completed", 1_000, 1_000) == "known"
    assert await line.tell("m3", "processing", 1_000, 1_000) == "known"
    assert await kit.balance(user_id) == Balance(825, 0, 0)


async def test_a_message_may_be_faster_than_the_answer(kit: OrdersKit, user_id: int):
    order = await kit.order(user_id, key="other")
    line = Line(kit, order.order_id)

    await line.tell("m1", "processing", 10, 5)
    await kit.fulfilment.work()

    assert (await kit.detail(order)).order.view_count_delivered == 5


@pytest.mark.parametrize(("status", "ended"), [("failed", "failed"), ("cancelled", "cancelled")])
async def test_the_operator_may_end_it_with_nothing(kit: OrdersKit, line: Line, user_id: int, status, ended):
    await line.tell("m1", status)
    await kit.fulfilment.work()

    assert (await kit.orders.get_any(line.order_id)).order.status == ended
    assert await kit.balance(user_id) == Balance(1_000, 0, 0)
    assert kit.deliverer.cancelled == []  # it need not be told


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "v1,AAAA"},
        {"signature": ""},
        {"signature": "v1,ключ"},
        {"id": "other"},
        {"id": ""},
        {"id": "m" * 129},
        {"timestamp": "yesterday"},
        {"timestamp": ""},
        {"timestamp": "9" * 30},
        {"timestamp": "١٢٣"},
        {"body": b"{}"},
    ],
)
async def test_what_is_not_signed_is_not_read(line: Line, change):
    message = line.message("m1", "completed", 1_000, 1_000)

    with pytest.raises(InvalidSignature):
        await line.door.receive(msgspec.structs.replace(message, **change))


async def test_another_secret_does_not_sign(kit: OrdersKit, line: Line):
    told = {"order_id": line.order_id, "status": "completed", "sent": 1_000, "delivered": 1_000}

    with pytest.raises(InvalidSignature):
        await line.door.receive(callback(told, "m1", kit.clock.now().timestamp(), key=b"other"))


async def test_one_of_several_signatures_is_enough(line: Line):
    message = line.message("m1", "processing", 1, 1)
    both = msgspec.structs.replace(message, signature=f"v1,AAAA {message.signature}")

    assert await line.door.receive(both) == "taken"


@pytest.mark.parametrize("seconds", [-301, 301])
async def test_an_old_message_is_not_played_again(kit: OrdersKit, line: Line, seconds: int):
    message = line.message("m1", "completed", 1_000, 1_000)
    kit.clock.move(seconds)

    with pytest.raises(InvalidSignature):
        await line.door.receive(message)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "done"},
        {"delivered": -1},
        {"delivered": 10**10},
        {"sent": "5"},
        {"delivered": True},
        {"note": "n" * 501},
        {"note": "a\0b"},
        {"order_id": 5},
    ],
)
async def test_a_signed_message_is_checked_too(line: Line, wrong):
    with pytest.raises(Invalid):
        await line.tell(*("m1", wrong.pop("status", "processing")), **wrong)


async def test_far_more_than_was_ordered_is_not_believed(kit: OrdersKit, line: Line, user_id: int):
    for status in ("processing", "completed"):
        with pytest.raises(Invalid, match="delivered"):
            await line.tell("m1", status, 10**9, 10**9)

    assert (await kit.orders.get_any(line.order_id)).order.view_count_delivered == 0
    assert await line.tell("m1", "completed", 1_010, 1_010) == "taken"  # the same message, put right
    assert await kit.balance(user_id) == Balance(650, 0, 0)


async def test_an_order_of_somebody_elses_is_not_the_operators(db, clock, line: Line):
    manual = OrdersKit(db, clock, "manual")
    order = await manual.order(await manual.person())

    with pytest.raises(OrderNotFound):
        await Line(manual, order.order_id).tell("m9", "completed", 1, 1)


async def test_without_an_operator_there_is_no_way_in(kit: OrdersKit, line: Line):
    with pytest.raises(NotFound):
        await kit.fulfilment.receive(line.message("m1", "processing"))


def test_the_example_for_operators_is_signed_as_it_says():
    page = (Path(__file__).parents[3] / "docs" / "operator-service.md").read_text("utf-8")
    body = re.findall(r"```json\n(.+?)\n```", page, re.DOTALL)[1].encode()
    signature = signing.sign(signing.key_of("shared with the operator"), "m-1", "1767225600", body)

    assert callbacks.read(body).delivered == 400
    assert f"    {signature}\n" in page
