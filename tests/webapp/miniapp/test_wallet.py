"""The wallet as the server makes it."""

from typing import Any

import pytest

from core.audit import Act
from core.money import ledger
from core.money.ledger import Movement
from storage.models import AccountKind, EntryKind
from tests.orders_kit import VIDEO

HOSTILE = "<b>\"&'"


@pytest.fixture
async def who(enter):
    return await enter()


@pytest.fixture
def get(client, who):
    async def page(path, headers=who):
        async with client.get(f"/app/view{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    return page


@pytest.fixture
def book(services, who):
    """Moves money of the first account."""

    async def done(kind: EntryKind, amount: int, key: str, move: Any = ledger.credit, **more: Any) -> None:
        movement = Movement(kind=kind, key=key, by=Act("cli", services.clock.now()), **more)
        async with services.db.begin() as uow:
            await move(uow, 1, amount, AccountKind.ADJUSTMENTS, movement)

    return done


async def test_an_empty_wallet_says_what_to_do(get):
    status, html = await get("/wallet")

    assert status == 200
    assert "$0.00" in html
    assert "Nothing has happened here yet" in html
    assert "Set aside" not in html
    assert "You owe" not in html


async def test_every_movement_is_a_sentence(get, book, services):
    await book(EntryKind.TOP_UP, 5_000, "a")
    await book(EntryKind.CREDIT, 100, "b", reason=HOSTILE)
    order = await services.orders.create(1, VIDEO, 1_000, "key", Act("user:1", services.clock.now()))
    _, html = await get("/wallet")

    assert "Added with Stars" in html
    assert "+$50.00" in html
    assert "&lt;b&gt;&#34;&amp;&#39;" in html
    assert HOSTILE not in html
    assert "Set aside for an order" in html
    assert f'href="/app/promotion/{order.order_id}"' in html
    assert f"Order {order.order_id}" in html
    assert '<strong class="sum">$47.50</strong>' in html
    assert "<strong>$51.00</strong>" in html


async def test_money_spent_of_what_was_set_aside_takes_nothing_twice(get, book, services, clock):
    await book(EntryKind.TOP_UP, 5_000, "a")
    by = Act("user:1", clock.now())
    order = await services.orders.create(1, VIDEO, 1_000, "key", by)
    await services.orders.report(order.order_id, 1_000, 1_000, "", Act("tg:77", clock.now()), final=True)
    _, html = await get("/wallet")

    assert '<span class="row-end muted">$3.50</span>' in html
    assert html.count("-$3.50") == 1


async def test_a_debt_is_said_in_plain_words(get, book):
    await book(EntryKind.REFUND, 700, "a", ledger.take_back)
    _, html = await get("/wallet")

    assert "You owe $7.00" in html
    assert "The next money that comes in pays this first." in html


@pytest.mark.parametrize("till", [None])
async def test_where_nothing_can_be_paid_it_says_so(get, till):
    _, html = await get("/wallet")

    assert "Whoever gave you the license can add money" in html
    assert 'name="amount"' not in html


async def test_topping_up_tells_the_price_of_one(get):
    _, html = await get("/wallet")

    assert 'data-rate="77"' in html
    assert 'data-most="129870"' in html
    assert "$1.00 costs 77 Stars." in html


async def test_what_is_missing_is_filled_in_with_a_way_back(get):
    _, html = await get("/wallet?amount=12.5&back=%2Fapp%2Fpromotion%3Fviews%3D5")

    assert 'value="12.50"' in html
    assert "$12.50 is missing for your order." in html
    assert '<a class="btn wide" href="/app/promotion?views=5">' in html


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/api/x"])
async def test_the_way_back_stays_within_the_app(get, back):
    _, html = await get(f"/wallet?amount=x&back={back}")

    assert "Back to your order" not in html
    assert "evil" not in html
    assert "missing" not in html.partition('id="top-up"')[2].partition("<form")[0]


async def test_a_long_history_is_paged(get, book):
    for number in range(22):
        await book(EntryKind.CREDIT, 100 + number, f"k{number}")
    _, first = await get("/wallet")
    _, second = await get("/wallet?offset=20")

    assert first.count('data-key="entry-') == 20
    assert second.count('data-key="entry-') == 2
    assert 'href="/app/wallet?offset=20"' in first


async def test_a_receipt_of_a_movement(get, book, enter):
    await book(EntryKind.TOP_UP, 1_000, "a", details={"stars": 770})
    status, html = await get("/wallet/1")

    assert status == 200
    assert "Added with Stars" in html
    assert "770 Stars" in html
    assert "$10.00" in html
    assert (await get("/wallet/2"))[0] == 404
    assert (await get("/wallet/x"))[0] == 404
    assert (await get("/wallet/1", await enter(telegram_id=43)))[0] == 404


@pytest.mark.parametrize("language", ["ru", "es"])
async def test_every_language_is_spoken(get, book, services, language):
    await book(EntryKind.TOP_UP, 5_000, "a", details={"stars": 770})
    await services.accounts.update_settings(1, {"language": language})

    for path in ("/wallet", "/wallet/1"):
        status, html = await get(path)
        assert status == 200
        assert "50,00" in html
