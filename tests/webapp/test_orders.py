"""Orders over HTTP: the seed's fields, refusals, the operator's callback."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from core.audit import Act
from core.config import Config, Fulfilment, Limits, OperatorFulfilment
from core.config import Orders as Tariff
from core.money import ledger
from core.money.ledger import Movement
from core.services import Services
from storage.models import AccountKind, EntryKind
from tests.fake_operator import SECRET, callback
from tests.orders_kit import VIDEO

Enter = Callable[..., Awaitable[dict[str, str]]]
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture
def config(tmp_path, limits: Limits) -> Config:
    operator = OperatorFulfilment(url="https://operator.example", secret=SECRET)
    return Config(
        data_dir=tmp_path,
        limits=limits,
        orders=Tariff(provider="operator"),
        fulfilment=Fulfilment(operator=operator),
    )


@pytest.fixture
async def poor(enter: Enter) -> dict[str, str]:
    """The headers of somebody without money."""
    return await enter()


@pytest.fixture
async def rich(services: Services, poor: dict[str, str]) -> dict[str, str]:
    """The same headers, once there are 100.00 on the balance."""
    by = Act("cli", services.clock.now())
    async with services.db.begin() as uow:
        movement = Movement(kind=EntryKind.CREDIT, key="test", by=by)
        await ledger.credit(uow, 1, 10_000, AccountKind.ADJUSTMENTS, movement)
    return poor


async def said(response: Any, status: int = 200) -> dict[str, Any]:
    """What was answered; of a refusal its error, with the details beside the code."""
    assert response.status == status, await response.text()
    told = await response.json()
    if told["success"]:
        return told
    return told["error"] | told["error"]["details"]


def body(**more: Any) -> dict[str, Any]:
    return {"video_url": VIDEO, "view_count": 1_000} | more


async def order(client: TestClient, headers: dict[str, str], key: str = "k1", **more: Any) -> dict[str, Any]:
    sent = await client.post("/api/orders", json=body(**more), headers=headers | {"Idempotency-Key": key})
    return (await said(sent, 201))["order"]


async def test_an_order_has_the_fields_of_the_seed(client: TestClient, rich: dict[str, str]):
    made = await order(client, rich)

    assert re.fullmatch(r"ORD-\d{8}-[0-9A-Z]{6}", made["order_id"])
    assert re.fullmatch(MOMENT, made["created_at"])
    seed = {
        "video_url": VIDEO,
        "video_id": "7300000000000000001",
        "view_count": 1_000,
        "view_count_sent": 0,
        "view_count_delivered": 0,
        "status": "pending",
        "price": 3.50,
        "payment_method": "balance",
        "payment_status": "held",
        "started_at": None,
        "completed_at": None,
    }
    assert {name: made[name] for name in seed} == seed
    assert type(made["id"]) is int
    assert type(made["price"]) is float


async def test_a_followed_order_has_progress_and_methods_of_the_seed(
    client: TestClient, services: Services, rich: dict[str, str]
):
    made = await order(client, rich)
    by = Act("tg:7", services.clock.now())
    await services.orders.report(made["order_id"], 500, 450, "", by, final=False)
    await services.orders.report(made["order_id"], 850, 800, "thank you", by, final=True)

    found = await said(await client.get(f"/api/orders/{made['order_id']}", headers=rich))

    assert found["success"] is True
    assert (found["order"]["status"], found["order"]["payment_status"]) == ("partial", "partially_refunded")
    assert (found["order"]["price"], found["order"]["refunded"]) == (3.5, 0.7)
    assert re.fullmatch(MOMENT, found["order"]["completed_at"])
    first, *_, last = found["progress"]
    assert set(first) == {"timestamp", "progress_percent", "status", "details"}
    assert (first["progress_percent"], first["status"], first["details"]) == (0, "created", {})
    assert [step["progress_percent"] for step in found["progress"]] == [0, 0, 45, 80, 80]
    assert last["status"] == "partial"
    [method] = found["methods"]
    assert method == {
        "method_name": "manual",
        "views_sent": 850,
        "views_delivered": 800,
        "success_rate": 94.1,
        "start_time": found["order"]["started_at"],
        "end_time": found["order"]["completed_at"],
        "status": "partial",
    }


async def test_orders_come_in_pages(client: TestClient, rich: dict[str, str]):
    for key in "abc":
        await order(client, rich, key)

    found = await said(await client.get("/api/orders?status=pending&limit=2&offset=1", headers=rich))

    assert (len(found["orders"]), found["total"], found["limit"], found["offset"]) == (2, 3, 2, 1)
    assert (await said(await client.get("/api/orders?status=", headers=rich)))["limit"] == 20
    assert (await said(await client.get("/api/orders?status=failed", headers=rich)))["orders"] == []


@pytest.mark.parametrize("query", ["status=done", "limit=0", "limit=101", "limit=x", "offset=-1"])
async def test_a_wrong_page_is_refused(client: TestClient, rich: dict[str, str], query: str):
    await said(await client.get(f"/api/orders?{query}", headers=rich), 400)


async def test_the_same_key_is_the_same_order(client: TestClient, rich: dict[str, str]):
    assert (await order(client, rich))["order_id"] == (await order(client, rich))["order_id"]


async def test_the_same_key_with_another_body_is_a_conflict(client: TestClient, rich: dict[str, str]):
    await order(client, rich)
    headers = rich | {"Idempotency-Key": "k1"}

    again = await client.post("/api/orders", json=body(view_count=2_000), headers=headers)

    assert (await said(again, 409))["code"] == "key_reused"


@pytest.mark.parametrize("key", [None, "", "a b", "k" * 256, "ключ"])
async def test_a_key_is_needed(client: TestClient, rich: dict[str, str], key: str | None):
    headers = rich if key is None else rich | {"Idempotency-Key": key}

    refused = await said(await client.post("/api/orders", json=body(), headers=headers), 400)

    assert refused["field"] == "Idempotency-Key"


async def test_two_keys_are_no_key(client: TestClient, rich: dict[str, str]):
    headers = [*rich.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    await said(await client.post("/api/orders", json=body(), headers=headers), 400)


async def test_without_money_402_says_how_much_is_needed(client: TestClient, poor: dict[str, str]):
    headers = poor | {"Idempotency-Key": "k"}

    refused = await said(await client.post("/api/orders", json=body(), headers=headers), 402)

    assert (refused["code"], refused["available"], refused["required"]) == ("insufficient_funds", 0, 3.5)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"video_url": "https://evil.example/@a/video/1"}, 400, "invalid_video_url"),
        ({"video_url": 5}, 400, "invalid"),
        ({"video_url": "https://vm.tiktok.com/nowhere"}, 404, "video_not_found"),
        ({"view_count": 99}, 400, "view_count_out_of_range"),
        ({"view_count": 1_000_001}, 400, "view_count_out_of_range"),
        ({"view_count": -5}, 400, "view_count_out_of_range"),
        ({"view_count": "1000"}, 400, "invalid"),
        ({"view_count": True}, 400, "invalid"),
        ({"view_count": 1000.5}, 400, "invalid"),
        ({"view_count": None}, 400, "invalid"),
    ],
)
async def test_a_wrong_order_is_refused_naming_the_field(
    client: TestClient, rich: dict[str, str], change: dict[str, Any], status: int, code: str
):
    for path in ("/api/orders", "/api/orders/quote"):
        headers = rich | {"Idempotency-Key": "k"}
        refused = await said(await client.post(path, json=body(**change), headers=headers), status)
        assert (refused["code"], refused["field"]) == (code, next(iter(change)))


async def test_a_quote_is_what_is_paid(client: TestClient, rich: dict[str, str]):
    quote = await said(await client.post("/api/orders/quote", json=body(view_count=1_234), headers=rich))

    assert quote == {
        "success": True,
        "price": 4.32,
        "unit_price": 3.5,
        "video_id": "7300000000000000001",
        "video_url": VIDEO,
        "view_count": 1_234,
        "currency": "USD",
        "simulated": False,
    }
    assert (await order(client, rich, view_count=1_234))["price"] == 4.32


async def test_prices_are_told(client: TestClient, rich: dict[str, str]):
    found = await said(await client.get("/api/prices", headers=rich))

    assert (found["currency"], found["minimum"], found["maximum"]) == ("USD", 100, 1_000_000)
    assert found["tiers"] == [{"from_count": 1, "unit_price": 3.5}]
    assert {"view_count": 10_000, "price": 35.0, "unit_price": 3.5} in found["packages"]


async def test_an_order_is_cancelled_once(client: TestClient, rich: dict[str, str]):
    path = f"/api/orders/{(await order(client, rich))['order_id']}/cancel"

    cancelled = (await said(await client.post(path, headers=rich)))["order"]

    assert (cancelled["status"], cancelled["payment_status"], cancelled["refunded"]) == (
        "cancelled",
        "refunded",
        3.5,
    )
    assert (await said(await client.post(path, headers=rich), 409))["code"] == "order_ended"


async def test_somebody_elses_order_is_not_found(client: TestClient, rich: dict[str, str], enter: Enter):
    made, stranger = await order(client, rich), await enter(43)

    for path in (made["order_id"], "ORD-20260101-AAAAAA", "1"):
        assert (await said(await client.get(f"/api/orders/{path}", headers=stranger), 404))["code"] == (
            "order_not_found"
        )
    await said(await client.post(f"/api/orders/{made['order_id']}/cancel", headers=stranger), 404)


@pytest.mark.parametrize("path", ["/api/prices", "/api/orders", "/api/orders/ORD-1"])
async def test_without_a_token_nothing_is_told(client: TestClient, path: str):
    await said(await client.get(path), 401)


class Callback:
    """Sends what the operator's service would."""

    def __init__(self, client: TestClient, services: Services) -> None:
        self.client = client
        self.now = services.clock.now().timestamp()

    async def __call__(self, told: dict[str, Any], message_id: str = "m1", **headers: str) -> Any:
        message = callback(told, message_id, self.now)
        signed = {
            "webhook-id": message.id,
            "webhook-timestamp": message.timestamp,
            "webhook-signature": message.signature,
        }
        return await self.client.post("/api/fulfilment/callback", data=message.body, headers=signed | headers)


@pytest.fixture
def call_back(client: TestClient, services: Services) -> Callback:
    return Callback(client, services)


async def test_the_operators_message_is_taken(call_back: Callback, client: TestClient, rich: dict[str, str]):
    made = await order(client, rich)
    told = {"order_id": made["order_id"], "status": "completed", "sent": 1_000, "delivered": 1_000}

    assert await said(await call_back(told)) == {"success": True, "status": "taken"}
    assert await said(await call_back(told)) == {"success": True, "status": "known"}

    found = await said(await client.get(f"/api/orders/{made['order_id']}", headers=rich))
    assert (found["order"]["status"], found["order"]["payment_status"]) == ("completed", "paid")
    assert [one["method_name"] for one in found["methods"]] == ["operator"]


async def test_a_message_about_an_unknown_order_is_refused(call_back: Callback):
    told = {"order_id": "ORD-20260101-AAAAAA", "status": "completed", "sent": 1, "delivered": 1}

    refused = await said(await call_back(told), 404)

    assert refused["code"] == "order_not_found"


async def test_an_unsigned_message_is_refused(call_back: Callback):
    told = {"order_id": "ORD-20260101-AAAAAA", "status": "completed"}

    refused = await said(await call_back(told, **{"webhook-signature": "v1,AAAA"}), 401)

    assert refused["code"] == "invalid_signature"


async def test_a_message_that_is_nonsense_is_refused(call_back: Callback, client: TestClient):
    await said(await call_back({"order_id": 5}), 400)
    await said(await client.post("/api/fulfilment/callback", data=b"{"), 401)
    await said(await client.post("/api/fulfilment/callback"), 401)


async def test_a_message_that_is_too_long_is_not_read(call_back: Callback):
    await said(await call_back({"order_id": "x" * 17_000}), 413)
