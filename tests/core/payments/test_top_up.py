import msgspec
import pytest

from core.errors import Invalid, InvoiceNotPayable, PaymentsUnavailable, Unavailable, UserBanned
from core.payments.invoices import CheckoutQuery
from core.payments.service import Payments
from storage.db import Database
from tests.core.payments.conftest import ANNA, BORIS
from tests.core.payments.till import message


async def test_invoice_names_stars_rounded_up_and_the_rate(payments, till, anna):
    asked = await payments.top_up(anna, 1_001)

    assert (asked.stars, asked.amount, asked.rate) == (771, 1_001, 77)
    assert asked.link == "https://t.me/$invoice1"
    assert 1 <= len(till.offers[0].payload.encode()) <= 128


async def test_payment_credits_the_amount_exactly_and_tells(payments, till, anna, balance, notices, books):
    await payments.top_up(anna, 1_001)

    await payments.receive(till.paid("c1", ANNA))

    assert (await balance(anna)).available == 1_001
    assert await notices(anna) == [
        ("payment", {"what": "top_up", "amount": 1_001, "stars": 771, "problem": ""})
    ]
    assert await books() == (0, 1_001)


async def test_the_same_charge_again_changes_nothing(payments, till, anna, balance):
    await payments.top_up(anna, 500)
    paid = till.paid("c1", ANNA)

    for _ in range(3):
        await payments.receive(paid)

    assert (await balance(anna)).available == 500


async def test_an_invoice_paid_twice_is_credited_twice(payments, till, anna, balance):
    await payments.top_up(anna, 500)

    await payments.receive(till.paid("c1", ANNA))
    await payments.receive(till.paid("c2", ANNA))

    assert (await balance(anna)).available == 1_000
    assert (await payments.payment("c2")).problem == "paid_again"


async def test_late_payment_is_credited_as_its_invoice_says(payments, till, anna, balance, clock):
    await payments.top_up(anna, 500)
    clock.move(20 * 86_400)
    await payments.purge_invoices()

    await payments.receive(till.paid("c1", ANNA))

    assert (await balance(anna)).available == 500
    assert (await payments.payment("c1")).problem == ""


async def test_invoice_forgotten_is_credited_by_its_stars(payments, till, anna, balance, clock):
    await payments.top_up(anna, 500)
    clock.move(40 * 86_400)

    assert await payments.purge_invoices() == 1
    await payments.receive(till.paid("c1", ANNA))

    assert (await balance(anna)).available == 500
    assert (await payments.payment("c1")).problem == "unknown_payload"


@pytest.mark.parametrize(
    ("sent", "problem", "credited"),
    [
        (message("c1", ANNA, "never made", 77), "unknown_payload", 100),
        (message("c1", ANNA, "", 1), "unknown_payload", 1),
    ],
)
async def test_money_for_no_invoice_is_kept_and_admins_are_told(
    payments, anna, admin, balance, notices, sent, problem, credited
):
    await payments.receive(sent)

    assert (await balance(anna)).available == credited
    [(kind, data)] = await notices(admin)
    assert (kind, data["about"], data["problem"]) == ("alert", "payment_problem", problem)


async def test_wrong_amount_is_credited_by_the_stars_that_came(payments, till, anna, balance):
    await payments.top_up(anna, 1_000)
    paid = till.paid("c1", ANNA)
    paid["successful_payment"]["total_amount"] = 77

    await payments.receive(paid)

    assert (await balance(anna)).available == 100
    assert (await payments.payment("c1")).problem == "wrong_amount"


async def test_payment_of_somebody_else_is_theirs(payments, till, anna, join, balance):
    boris = await join(BORIS)
    await payments.top_up(anna, 1_000)

    await payments.receive(till.paid("c1", BORIS))

    assert (await balance(anna)).available == 0
    assert (await balance(boris)).available == 1_000
    assert (await payments.payment("c1")).problem == "wrong_user"


async def test_payer_without_an_account_gets_one(payments, db, balance):
    await payments.receive(message("c1", BORIS, "never made", 77))

    async with db.read() as uow:
        user = await uow.accounts.get_by_telegram_id(BORIS)
    assert (await balance(user.id)).available == 100


@pytest.mark.parametrize(
    "told", [{"successful_payment": {"total_amount": "many"}}, message("c1", BORIS, "x", 10**30)]
)
async def test_message_nobody_can_read_is_kept_and_told_once(payments, admin, notices, told):
    for _ in range(2):
        await payments.receive(told)

    assert [data["about"] for _, data in await notices(admin)] == ["payment_stuck"]


@pytest.mark.parametrize("amount", [0, -5, 10**12])
async def test_amounts_out_of_range_are_refused(payments, anna, amount):
    with pytest.raises(Invalid):
        await payments.top_up(anna, amount)


async def test_without_a_bot_it_is_said_plainly(db, config, keys, clock, anna):
    with pytest.raises(PaymentsUnavailable, match="no Telegram bot"):
        await Payments(db, config, keys, clock, None).top_up(anna, 500)


async def test_telegram_out_of_reach_is_unavailable(payments, till, anna):
    till.trouble = [Unavailable()]

    with pytest.raises(Unavailable):
        await payments.top_up(anna, 500)


class TestCheckout:
    @pytest.fixture
    async def query(self, payments, till, anna) -> CheckoutQuery:
        await payments.top_up(anna, 1_000)
        return CheckoutQuery(ANNA, till.offers[0].payload, "XTR", 770)

    async def test_open_invoice_may_be_paid(self, payments, query):
        assert await payments.check_out(query) is None

    @pytest.mark.parametrize(
        "change",
        [{"telegram_id": BORIS}, {"payload": "other"}, {"currency": "USD"}, {"total_amount": 769}],
        ids=lambda change: next(iter(change)),
    )
    async def test_anything_else_than_the_invoice_says_is_refused(self, payments, query, change):
        refusal = await payments.check_out(msgspec.structs.replace(query, **change))

        assert isinstance(refusal, InvoiceNotPayable)

    async def test_expired_invoice_is_refused(self, payments, query, clock):
        clock.move(3_600)

        assert isinstance(await payments.check_out(query), InvoiceNotPayable)

    async def test_paid_invoice_is_refused(self, payments, query, till):
        await payments.receive(till.paid("c1", ANNA))

        assert isinstance(await payments.check_out(query), InvoiceNotPayable)

    async def test_banned_payer_is_refused(self, payments, query, db, anna):
        async with db.begin() as uow:
            (await uow.accounts.get_user(anna)).is_banned = True

        assert isinstance(await payments.check_out(query), UserBanned)

    async def test_database_out_of_order_is_an_answer_too(self, query, config, keys, clock, till, tmp_path):
        empty = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")

        refusal = await Payments(empty, config, keys, clock, till).check_out(query)
        await empty.close()

        assert isinstance(refusal, Unavailable)
