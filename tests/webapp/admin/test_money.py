import csv
import io

import pytest

from core.money import nightly
from tests.webapp.admin.conftest import Headers, give, order


@pytest.fixture
def adjust(client):
    async def call(who: Headers, user_id: int, what: str, key: str | None = None, **body):
        headers = who | ({"Idempotency-Key": key} if key else {})
        path = f"/api/admin/users/{user_id}/{what}"
        async with client.post(path, headers=headers, json=body) as response:
            return response.status, await response.json()

    return call


async def wallet(ask, boss: Headers, user_id: int) -> float:
    return (await ask(boss, "GET", f"/users/{user_id}"))[1]["wallet"]["available"]


# Wallets


async def test_money_is_given_and_taken_with_a_reason(ask, adjust, world, boss):
    given = await adjust(boss, world["helper"], "credit", amount=12.5, reason="sorry for the outage")
    taken = await adjust(boss, world["helper"], "debit", amount="2.50", reason="too much")

    assert given == (200, {"success": True, "wallet": {"available": 12.5, "held": 0.0, "debt": 0.0}})
    assert taken[0] == 400
    assert (await adjust(boss, world["helper"], "debit", amount=2.5, reason="too much"))[0] == 200
    assert await wallet(ask, boss, world["helper"]) == 10.0
    _, log = await ask(boss, "GET", f"/audit?subject=user:{world['helper']}")
    assert [(one["action"], one["details"]["reason"]) for one in log["entries"]] == [
        ("wallet.debit", "too much"),
        ("wallet.credit", "sorry for the outage"),
    ]


async def test_the_same_key_gives_once(ask, adjust, world, boss):
    for _ in range(2):
        status, _answer = await adjust(boss, world["helper"], "credit", "k1", amount=5, reason="once")
        assert status == 200
    status, answer = await adjust(boss, world["helper"], "credit", "k1", amount=6, reason="once")

    assert (status, answer["error"]["code"]) == (409, "key_reused")
    assert await wallet(ask, boss, world["helper"]) == 5.0


async def test_a_key_of_the_longest_kind_gives_once(adjust, ask, world, boss):
    longest = "k" * 255
    for key in (longest, longest, f"{longest[:-1]}x"):
        status, _answer = await adjust(boss, world["helper"], "credit", key, amount=5, reason="once")
        assert status == 200

    assert await wallet(ask, boss, world["helper"]) == 10.0


@pytest.mark.parametrize(
    "body",
    [
        {"amount": 0, "reason": "x"},
        {"amount": -5, "reason": "x"},
        {"amount": 1.234, "reason": "x"},
        {"amount": 5},
        {"amount": 5, "reason": ""},
        {"amount": 5, "reason": "  "},
        {"amount": 1e18, "reason": "x"},
    ],
)
async def test_a_wrong_amount_or_no_reason_is_refused(adjust, world, boss, body):
    assert (await adjust(boss, world["helper"], "credit", **body))[0] == 400


@pytest.mark.parametrize("key", ["x" * 256, "two words"])
async def test_a_wrong_key_is_refused(adjust, world, boss, key: str):
    assert (await adjust(boss, world["helper"], "credit", key, amount=5, reason="x"))[0] == 400


async def test_no_more_is_taken_than_there_is(adjust, world, boss):
    status, answer = await adjust(boss, world["helper"], "debit", amount=5, reason="x")

    assert (status, answer["error"]["code"]) == (402, "insufficient_funds")


# The ledger


async def test_entries_tell_where_money_came_from(ask, world, boss):
    _, page = await ask(boss, "GET", f"/ledger/entries?user_id={world['ann']}")

    told = [(one["kind"], one["amount"], one["source"], one["target"]) for one in page["entries"]]
    assert told == [
        ("top_up", 5.0, "stars", "wallet"),
        ("hold", 3.5, "wallet", "held"),
        ("credit", 100.0, "adjustments", "wallet"),
    ]
    assert {one["user"]["username"] for one in page["entries"]} == {"ann"}
    _, found = await ask(boss, "GET", f"/ledger/entries?subject={world['order']}&kind=hold")
    assert found["total"] == 1


async def test_accounts_sum_to_nothing(ask, world, boss):
    _, page = await ask(boss, "GET", "/ledger/accounts")
    _, wallets = await ask(boss, "GET", "/ledger/accounts?kind=wallet")

    assert sum(one["balance"] for one in page["accounts"]) == 0
    assert [(one["user"]["username"], one["balance"]) for one in wallets["accounts"]] == [("ann", 101.5)]


async def test_the_ledger_is_verified_and_the_result_kept(ask, world, boss, services):
    _, before = await ask(boss, "GET", "/ledger")
    _, now = await ask(boss, "POST", "/ledger/verify")
    _, after = await ask(boss, "GET", "/ledger")

    assert before["ledger"] is None
    assert (now["ledger"]["broken"], now["ledger"]["entries"]) == (0, 3)
    assert after["ledger"]["entries"] == 3
    assert (await nightly.run(services.db, services.clock)).broken == []


# Payments


async def test_payments_are_found_and_given_back(ask, world, boss, till):
    _, page = await ask(boss, "GET", "/payments?q=c")
    status, refunded = await ask(boss, "POST", "/payments/c1/refund", {"reason": "asked"})

    assert [(one["charge_id"], one["amount"], one["status"]) for one in page["payments"]] == [
        ("c1", 5.0, "booked")
    ]
    assert (status, refunded["payment"]["status"], refunded["payment"]["debt"]) == (200, "refunded", 0.0)
    assert till.refunded == [(1001, "c1")]
    assert (await ask(boss, "GET", "/payments?status=booked"))[1]["total"] == 0
    assert (await ask(boss, "GET", "/payments?problem=true"))[1]["total"] == 0
    assert (await ask(boss, "GET", f"/payments?user_id={world['ann']}"))[1]["total"] == 1


async def test_an_unknown_payment_is_not_found(ask, world, boss):
    assert (await ask(boss, "GET", "/payments/none"))[0] == 404
    assert (await ask(boss, "POST", "/payments/none/refund", {"reason": "x"}))[0] == 404


# Orders


@pytest.mark.parametrize("query", ["", "q=ord-", "q=7300000000000000001", "status=pending"])
async def test_orders_are_found(ask, world, helper, query: str):
    _, page = await ask(helper, "GET", f"/orders?{query}")

    assert [one["order_id"] for one in page["orders"]] == [world["order"]]


async def test_others_are_not(ask, world, helper):
    for query in ("q=nothing", "status=completed", f"user_id={world['helper']}"):
        assert (await ask(helper, "GET", f"/orders?{query}"))[1]["total"] == 0


async def test_support_sees_an_order_without_its_price(ask, world, helper, boss):
    _, seen = await ask(helper, "GET", f"/orders/{world['order']}")
    _, queue = await ask(helper, "GET", "/fulfilment")
    _, whole = await ask(boss, "GET", f"/orders/{world['order']}")

    assert (seen["order"]["price"], seen["order"]["refunded"]) == (None, None)
    assert queue["orders"][0]["price"] is None
    assert whole["order"]["price"] == 3.5
    assert [one["status"] for one in whole["progress"]] == ["created"]
    assert whole["order"]["user"]["username"] == "ann"


async def test_an_order_is_delivered_by_hand(ask, world, boss, services):
    path = f"/fulfilment/{world['order']}"
    await ask(boss, "POST", f"{path}/take")
    await ask(boss, "POST", f"{path}/report", {"sent": 500, "delivered": 400, "note": "half way"})
    status, backwards = await ask(boss, "POST", f"{path}/report", {"sent": 100, "delivered": 100})
    _, done = await ask(boss, "POST", f"{path}/report", {"sent": 900, "delivered": 800, "final": True})

    assert (status, backwards["success"]) == (400, False)
    assert (done["order"]["status"], done["order"]["taken_by"]) == ("partial", f"user:{world['boss']}")
    assert (done["order"]["price"], done["order"]["refunded"]) == (3.5, 0.7)
    assert (await ask(boss, "GET", "/fulfilment"))[1]["total"] == 0
    assert (await nightly.run(services.db, services.clock)).broken == []


async def test_two_admins_do_not_take_one_order(ask, world, boss, enter):
    other = await enter(99, "admin")
    await ask(boss, "POST", f"/fulfilment/{world['order']}/take")

    status, answer = await ask(other, "POST", f"/fulfilment/{world['order']}/take")

    assert (status, answer["error"]["code"]) == (409, "order_taken")


async def test_the_oldest_order_is_first_in_the_queue(ask, world, boss, services):
    second = await order(services, world["helper"], "two")

    _, queue = await ask(boss, "GET", "/fulfilment")

    assert [one["order_id"] for one in queue["orders"]] == [world["order"], second]


async def test_what_cannot_be_delivered_is_paid_back(ask, world, boss):
    _, failed = await ask(boss, "POST", f"/fulfilment/{world['order']}/fail", {"note": "private video"})
    status, again = await ask(boss, "POST", f"/orders/{world['order']}/cancel", {})

    assert (failed["order"]["status"], failed["order"]["payment_status"]) == ("failed", "refunded")
    assert (status, again["error"]["code"]) == (409, "order_ended")


async def test_figures_count_orders(ask, world, boss):
    _, figures = await ask(boss, "GET", "/statistics")

    assert (figures["orders"]["pending"], figures["money"]["held"]) == (1, 3.5)


@pytest.mark.parametrize("path", ["/orders", "/payments", "/ledger/entries"])
async def test_tables_come_as_files(ask, world, boss, services, path: str):
    await give(services, world["helper"], 700)

    _, text = await ask(boss, "GET", f"{path}?format=csv")

    header, *rows = csv.reader(io.StringIO(text))
    assert rows
    assert {row[header.index("user")] for row in rows} <= {"ann", "tg:2"}
