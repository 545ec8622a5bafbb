"""The operator's service, and everything it does wrong."""

import pytest

from core.config import OperatorFulfilment
from core.errors import Invalid
from core.fulfilment.operator import Operator
from core.fulfilment.provider import Answer, Job, Refused, Unreachable
from tests.fake_operator import SECRET, FakeOperator
from tests.fakes import MovedClock
from tests.orders_kit import VIDEO

JOB = Job(order_id="ORD-20260101-ABC234", video_url=VIDEO, video_id="1", view_count=1_000)


async def test_an_order_is_taken_and_told_under_one_id(clock: MovedClock):
    fake = FakeOperator()
    async with fake.serving() as config:
        answers = [await Operator(config, clock).submit(JOB) for _ in range(2)]

    assert answers == [Answer.STARTED] * 2
    assert fake.ids == [f"{JOB.order_id}:order.submit"] * 2


@pytest.mark.parametrize(
    "mode",
    ["500", "503", "429", "408", "301", "204", "other", "html", "endless", "deep", "307", "half", "cut"],
)
async def test_what_is_no_answer_is_asked_again(clock: MovedClock, mode: str):
    fake = FakeOperator()
    fake.mode = mode
    async with fake.serving() as config:
        with pytest.raises(Unreachable):
            await Operator(config, clock).submit(JOB)

    assert fake.elsewhere == 0


async def test_silence_is_waited_for_no_longer_than_configured(clock: MovedClock):
    fake = FakeOperator()
    fake.mode = "hang"
    async with fake.serving(timeout_seconds=0.1) as config:
        with pytest.raises(Unreachable, match="TimeoutError"):
            await Operator(config, clock).submit(JOB)


async def test_nobody_there_is_asked_again(clock: MovedClock):
    config = OperatorFulfilment(url="http://127.0.0.1:9/orders", secret=SECRET, allow_private=True)

    with pytest.raises(Unreachable):
        await Operator(config, clock).submit(JOB)


async def test_the_wait_that_was_asked_for_is_kept(clock: MovedClock):
    fake = FakeOperator()
    fake.mode = "429"
    async with fake.serving() as config:
        with pytest.raises(Unreachable) as put_off:
            await Operator(config, clock).submit(JOB)

    assert put_off.value.retry_after == 120.0


@pytest.mark.parametrize("mode", ["400", "401", "404", "410", "422"])
async def test_a_refusal_is_final(clock: MovedClock, mode: str):
    fake = FakeOperator()
    fake.mode = mode
    async with fake.serving() as config:
        with pytest.raises(Refused):
            await Operator(config, clock).submit(JOB)


async def test_an_order_unknown_there_is_not_delivered_there(clock: MovedClock):
    fake = FakeOperator()
    fake.mode = "404"
    async with fake.serving() as config:
        assert await Operator(config, clock).cancel(JOB) is Answer.STOPPED


async def test_a_cancellation_that_is_taken_has_its_last_numbers_to_come(clock: MovedClock):
    fake = FakeOperator()
    async with fake.serving() as config:
        assert await Operator(config, clock).cancel(JOB) is Answer.ASKED


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "169.254.169.254"])
async def test_a_private_address_is_never_connected_to(clock: MovedClock, host: str):
    config = OperatorFulfilment(url=f"https://{host}:9/orders", secret=SECRET, timeout_seconds=1)

    with pytest.raises(Unreachable, match="not a public address"):
        await Operator(config, clock).submit(JOB)


async def test_a_private_address_is_refused_before_a_byte_is_sent(clock: MovedClock):
    fake = FakeOperator()
    async with fake.serving() as config:
        operator = Operator(config.model_copy(update={"url": config.url.replace("http:", "https:")}), clock)
        closed = Operator(
            config.model_copy(update={"url": config.url.replace("http:", "https:"), "allow_private": False}),
            clock,
        )
        with pytest.raises(Unreachable, match="SSL"):
            await operator.submit(JOB)
        with pytest.raises(Unreachable, match="not a public address"):
            await closed.submit(JOB)

    assert fake.taken == []


@pytest.mark.parametrize(
    ("config", "key"),
    [
        (OperatorFulfilment(secret=SECRET), "fulfilment.operator.url"),
        (OperatorFulfilment(url="https://operator.example"), "fulfilment.operator.secret"),
        (OperatorFulfilment(url="http://operator.example", secret=SECRET), "fulfilment.operator.url"),
        (
            OperatorFulfilment(url="https://operator.example", secret="whsec_not base64!"),
            "fulfilment.operator.secret",
        ),
    ],
)
def test_what_is_missing_is_named(clock: MovedClock, config: OperatorFulfilment, key: str):
    with pytest.raises(Invalid, match=key):
        Operator(config, clock)
