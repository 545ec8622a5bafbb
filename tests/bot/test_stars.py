"""The gateway over HTTP: what is asked of Telegram, and what its answers mean."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.stars import StarsGateway, invoice_words, open_gateway
from core.errors import Invalid, RefundRefused, Unavailable
from core.payments.gateway import InvoiceOffer

TOKEN = "42:TEST"
OFFER = InvoiceOffer(payload="secret", stars=771, amount=1_001, currency="USD", language="en")
ANNA = {"type": "user", "user": {"id": 101, "is_bot": False, "first_name": "Anna"}}
PAID = {**ANNA, "transaction_type": "invoice_payment", "invoice_payload": "secret"}


class Telegram:
    """Answers each method with what it was told to, and keeps what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, Any]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def handle(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.asked.append((method, {name: str(value) for name, value in (await request.post()).items()}))
        status, answer = self.answers[method]
        if isinstance(answer, str) and status != 200:
            body = {"ok": False, "error_code": status, "description": answer}
            return web.json_response(body, status=status)
        return web.json_response({"ok": True, "result": answer}, status=status)


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
async def gateway(telegram: Telegram) -> AsyncIterator[StarsGateway]:
    app = web.Application()
    app.router.add_post(f"/bot{TOKEN}/{{method}}", telegram.handle)
    async with TestServer(app) as server, open_gateway(TOKEN, str(server.make_url(""))) as opened:
        yield opened


async def test_where_the_bot_is_written_to_is_asked_for_once(gateway, telegram):
    telegram.answers["getMe"] = (
        200,
        {"id": 42, "is_bot": True, "first_name": "B", "username": "ttboost_bot"},
    )

    assert [await gateway.address() for _ in range(2)] == ["https://t.me/ttboost_bot"] * 2
    assert [method for method, _ in telegram.asked] == ["getMe"]


async def test_invoice_is_in_stars_with_one_price(gateway, telegram):
    telegram.answers["createInvoiceLink"] = (200, "https://t.me/$abc")

    assert await gateway.create_invoice_link(OFFER) == "https://t.me/$abc"

    [(_, asked)] = telegram.asked
    assert (asked["currency"], asked["payload"]) == ("XTR", "secret")
    assert json.loads(asked["prices"]) == [{"label": "Balance: 10.01 USD", "amount": 771}]


@pytest.mark.parametrize("answer", [(500, "Internal"), (429, "Too Many Requests"), (401, "Unauthorized")])
async def test_no_invoice_is_unavailable(gateway, telegram, answer):
    telegram.answers["createInvoiceLink"] = answer

    with pytest.raises(Unavailable):
        await gateway.create_invoice_link(OFFER)


async def test_refund_names_payer_and_charge(gateway, telegram):
    telegram.answers["refundStarPayment"] = (200, True)

    await gateway.refund(101, "c1")

    assert telegram.asked[0][1] == {"user_id": "101", "telegram_payment_charge_id": "c1"}


async def test_refunded_before_is_refunded(gateway, telegram):
    telegram.answers["refundStarPayment"] = (400, "Bad Request: CHARGE_ALREADY_REFUNDED")

    await gateway.refund(101, "c1")


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ((400, "Bad Request: CHARGE_ID_INVALID"), RefundRefused),
        ((403, "Forbidden"), RefundRefused),
        ((429, "Too Many Requests"), Unavailable),
        ((502, "Bad Gateway"), Unavailable),
    ],
)
async def test_a_refusal_for_good_is_told_from_one_for_now(gateway, telegram, answer, refusal):
    telegram.answers["refundStarPayment"] = answer

    with pytest.raises(refusal):
        await gateway.refund(101, "c1")


async def test_transactions_of_persons_are_read(gateway, telegram):
    lines = [
        {"id": "c1", "amount": 771, "date": 1_767_225_600, "source": PAID},
        {"id": "c1", "amount": 771, "date": 1_767_225_700, "receiver": PAID},
        {"id": "w1", "amount": 900, "date": 1_767_225_800, "receiver": {"type": "fragment"}},
        {
            "id": "g1",
            "amount": 5,
            "date": 1_767_225_900,
            "receiver": {**ANNA, "transaction_type": "gift_purchase"},
        },
    ]
    telegram.answers["getStarTransactions"] = (200, {"transactions": lines})

    page = await gateway.transactions(100, 50)

    assert telegram.asked[0][1] == {"offset": "100", "limit": "50"}
    assert page.size == 4
    told = [(one.charge_id, one.stars, one.telegram_id, one.payload) for one in page.transactions]
    assert told == [("c1", 771, 101, "secret")] * 2
    assert [one.is_refund for one in page.transactions] == [False, True]


async def test_a_transaction_nobody_can_read_takes_no_other_along(gateway, telegram):
    lines = [
        {"id": "n1", "amount": 1, "date": 1_767_225_600, "source": {"type": "something brand new"}},
        {"id": "n2", "amount": "many", "date": 1_767_225_600, "source": PAID},
        "nonsense",
        {"id": "c1", "amount": 771, "date": 1_767_225_600, "source": PAID},
    ]
    telegram.answers["getStarTransactions"] = (200, {"transactions": lines})

    page = await gateway.transactions(0, 50)

    assert page.size == 4
    assert [one.charge_id for one in page.transactions] == ["c1"]


async def test_nobody_there_is_unavailable():
    async with open_gateway(TOKEN, "http://127.0.0.1:9") as gateway:
        assert gateway.account == "42"
        with pytest.raises(Unavailable):
            await gateway.transactions(0, 100)


async def test_what_is_no_token_is_said_plainly():
    with pytest.raises(Invalid, match=r"telegram\.token"):
        async with open_gateway("nonsense", "http://127.0.0.1:9"):
            pass


@pytest.mark.parametrize("language", ["en", "ru", "es", "xx"])
@pytest.mark.parametrize("plan", [None, "Standard", "A very long title of a plan that nobody can read"])
def test_words_fit_telegrams_limits(language, plan):
    offer = InvoiceOffer(
        payload="p", stars=1, amount=10**13, currency="USD", language=language, plan=plan, days=30
    )

    title, description = invoice_words(offer)

    assert 1 <= len(title) <= 32
    assert 1 <= len(description) <= 255


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("en", 30, "30 days of Tom & Co <live>"),
        ("ru", 31, "«Tom & Co <live>» на 31 день"),
        ("ru", 30, "«Tom & Co <live>» на 30 дней"),
        ("es", 1, "1 día de Tom & Co <live>"),
        ("xx", 1, "1 day of Tom & Co <live>"),
    ],
)
def test_a_license_is_described_in_the_payers_language(language, days, said):
    offer = InvoiceOffer(
        payload="p", stars=1, amount=1, currency="USD", language=language, plan="Tom & Co <live>", days=days
    )

    assert invoice_words(offer) == ("Tom & Co <live>", said)
