import pytest

from core.errors import Unavailable
from core.payments.service import Payments
from tests.core.payments.conftest import ANNA
from tests.core.payments.till import line, message


@pytest.fixture
async def paid(payments, till, anna) -> int:
    await payments.top_up(anna, 1_000)
    await payments.receive(till.paid("c1", ANNA))
    return anna


def listed(till, charge_id: str, **changes):
    till.lines.append(line(charge_id, ANNA, till.offers[0].payload, 770, **changes))


async def test_what_agrees_is_found_in_order(payments, till, paid):
    listed(till, "c1")

    found = await payments.reconcile()

    assert (found.transactions, found.received, found.refunds, found.differences) == (1, 0, 0, [])
    assert await payments.reconciled() == found


async def test_a_payment_nobody_told_us_of_is_received_now(payments, till, anna, balance):
    await payments.top_up(anna, 1_000)
    listed(till, "c1")

    found = await payments.reconcile()
    await payments.receive(till.paid("c1", ANNA))

    assert found.received == 1
    assert (await balance(anna)).available == 1_000


async def test_a_refund_nobody_told_us_of_is_booked(payments, till, paid, balance):
    listed(till, "c1")
    listed(till, "c1", is_refund=True)

    first, second = await payments.reconcile(), await payments.reconcile()

    assert (first.refunds, second.refunds) == (1, 0)
    assert (await balance(paid)).posted == 0
    assert (await payments.payment("c1")).status == "refunded"


async def test_a_refund_of_ours_is_no_news(payments, till, paid, by):
    await payments.refund("c1", by(), "asked")
    listed(till, "c1")
    listed(till, "c1", is_refund=True)

    assert (await payments.reconcile()).refunds == 0


async def test_a_payment_telegram_does_not_know_is_told_after_a_while(
    payments, till, paid, admin, notices, clock
):
    assert (await payments.reconcile()).differences == []
    clock.move(3_700)

    for _ in range(2):
        found = await payments.reconcile()

    assert found.differences == ["c1: not in Telegram's list"]
    assert [data["about"] for _, data in await notices(admin)] == ["stars_differ"]


async def test_other_stars_than_ours_are_told(payments, till, paid, admin, notices):
    till.lines.append(line("c1", ANNA, "", 700))

    assert (await payments.reconcile()).differences == ["c1: 770 Stars here, 700 at Telegram"]
    assert len(await notices(admin)) == 1


async def test_a_long_list_is_read_to_its_end(payments, till, anna, balance):
    till.lines = [line(f"c{n}", ANNA, "", 77) for n in range(250)]

    found = await payments.reconcile()

    assert (found.transactions, found.received) == (250, 250)
    assert (await balance(anna)).available == 25_000


async def test_telegram_out_of_reach_changes_nothing(payments, till, paid):
    till.trouble = [Unavailable()]

    with pytest.raises(Unavailable):
        await payments.reconcile()
    assert await payments.reconciled() is None


async def test_without_a_bot_there_is_nothing_to_compare(db, config, keys, clock):
    assert await Payments(db, config, keys, clock, None).reconcile() is None


async def test_what_cannot_be_booked_keeps_nobody_waiting_and_is_told(
    payments, till, anna, admin, balance, notices, clock
):
    await payments.top_up(anna, 1_000)

    await payments.receive(message("c1", ANNA, "", 2**70))
    await payments.receive(till.paid("c2", ANNA))
    for _ in range(5):
        clock.move(600)
        await payments.process_inbox()

    assert (await balance(anna)).available == 1_000
    assert [data["about"] for _, data in await notices(admin)] == ["payment_stuck"]
