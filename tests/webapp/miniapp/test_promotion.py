"""The pages of promotion as the server makes them."""

import pytest

from core.audit import Act
from core.config import Config, Tier
from core.config import Orders as Tariff
from core.money import ledger
from core.money.ledger import Movement
from storage.models import AccountKind, EntryKind
from tests.orders_kit import VIDEO

HOSTILE = "<b>\"&'"
STAFF = "tg:77"


@pytest.fixture
def tiers() -> list[Tier]:
    return [Tier(from_count=50_000, per_thousand="2.50")]


@pytest.fixture
def config(tmp_path, limits, tiers) -> Config:
    tariff = Tariff(provider="manual", tiers=tiers)
    return Config(data_dir=tmp_path, limits=limits, orders=tariff, telegram={"token": "42:TEST"})


@pytest.fixture
async def who(enter, services):
    """With 100.00 on the balance."""
    headers = await enter()
    movement = Movement(kind=EntryKind.CREDIT, key="test", by=Act("cli", services.clock.now()))
    async with services.db.begin() as uow:
        await ledger.credit(uow, 1, 10_000, AccountKind.ADJUSTMENTS, movement)
    return headers


@pytest.fixture
def get(client, who):
    async def page(path, headers=who):
        async with client.get(f"/app/view{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    return page


@pytest.fixture
async def order(services, who):
    return await services.orders.create(1, VIDEO, 1_000, "key", Act("user:1", services.clock.now()))


@pytest.fixture
def report(services, order, clock):
    async def told(sent, delivered, note="", *, final=False):
        clock.move(60)
        by = Act(STAFF, services.clock.now())
        await services.orders.report(order.order_id, sent, delivered, note, by, final=final)

    return told


async def test_the_form_shows_prices_and_what_can_be_ordered(get):
    status, html = await get("/promotion")

    assert status == 200
    assert "TikTok’s own advertising" in html
    assert "no bots" in html
    assert 'data-available="10000"' in html
    assert 'min="100"' in html
    assert "From 100 to 1,000,000." in html
    assert 'data-count="1000"' in html
    assert "from 50,000 views" in html
    assert "$2.50 for 1,000" in html
    assert "The more views, the less" in html
    assert "No orders yet" in html
    assert "This is a demo" not in html


@pytest.mark.parametrize("tiers", [[]])
async def test_one_price_is_not_said_to_fall_with_more_views(get):
    _, html = await get("/promotion")

    assert "for 1,000" in html
    assert "The more views" not in html


async def test_the_link_is_taken_out_of_what_tiktok_shares(client, who):
    body = {"video_url": f"Look at this! {VIDEO}?_t=8x #fyp", "view_count": 1_000}
    async with client.post("/api/orders/quote", json=body, headers=who) as answer:
        quote = await answer.json()

    assert quote["video_url"] == VIDEO


async def test_the_form_begins_with_what_one_comes_back_with(get):
    _, html = await get("/promotion?video=https%3A%2F%2Ft%2F%22%3E%3Cb%3E&views=5000")

    assert 'value="https://t/&#34;&gt;&lt;b&gt;"' in html
    assert 'value="5000"' in html
    assert (
        'name="view_count" type="number" inputmode="numeric" min="100" max="1000000" step="1" value=""'
        in (await get("/promotion?views=%22%3E"))[1]
    )


async def test_orders_are_listed_with_their_state_in_words(get, order, report):
    await report(400, 300)
    _, html = await get("/promotion")

    assert order.order_id in html
    assert "Being shown" in html
    assert "300 of 1,000 views" in html
    assert 'width="30%"' in html


async def test_an_order_says_where_its_numbers_come_from(get, order, report):
    await report(400, 300, HOSTILE)
    await report(600, 500)
    await report(800, 700)
    status, html = await get(f"/promotion/{order.order_id}")

    assert status == 200
    assert '<svg class="chart"' in html
    assert "700 of 1,000 views delivered by" in html
    assert "Our team" in html
    assert "700 delivered, 800 sent out" in html
    assert "500 of 1,000 views" not in html.partition('<ol class="steps">')[2]  # the chart has it
    assert "&lt;b&gt;&#34;&amp;&#39;" in html
    assert HOSTILE not in html


async def test_cancelling_says_what_comes_back(get, order, report):
    _, waiting = await get(f"/promotion/{order.order_id}")
    assert "All of it, $3.50, comes back" in waiting

    await report(400, 300)
    _, begun = await get(f"/promotion/{order.order_id}")
    assert "300 views were delivered so far and are paid ($1.05). About $2.45 comes back" in begun


async def test_what_has_ended_cannot_be_cancelled(get, order, report):
    await report(700, 640, final=True)
    _, html = await get(f"/promotion/{order.order_id}")

    assert "/cancel" not in html
    assert "Partly done" in html
    assert "<strong>$2.24</strong>" in html
    assert "<strong>$1.26</strong>" in html


async def test_a_receipt_says_what_was_paid(get, order, report):
    _, still_open = await get(f"/promotion/{order.order_id}/receipt")
    assert "$3.50 is set aside for it" in still_open

    await report(700, 640, final=True)
    _, html = await get(f"/promotion/{order.order_id}/receipt")

    assert "Came back</dt><dd>$1.26" in html
    assert "Paid from the balance</dt><dd>$2.24" in html
    assert "tg:77" not in html


@pytest.mark.parametrize("path", ["", "/receipt"])
async def test_somebody_elses_order_is_not_there(get, order, enter, path):
    stranger = await enter(telegram_id=43)

    assert (await get(f"/promotion/{order.order_id}{path}", stranger))[0] == 404
    assert (await get(f"/promotion/nothing{path}"))[0] == 404


@pytest.mark.parametrize("language", ["ru", "es"])
async def test_every_language_is_spoken(get, services, order, report, language):
    await report(700, 640)
    await services.accounts.update_settings(1, {"language": language})

    for path in ("", f"/{order.order_id}", f"/{order.order_id}/receipt"):
        status, html = await get(f"/promotion{path}")
        assert status == 200
        assert "3,50" in html


async def test_a_price_is_told_without_a_video(client, who):
    async with client.get("/api/prices/quote?view_count=50000", headers=who) as answer:
        assert await answer.json() == {
            "success": True, "price": 125.0, "unit_price": 2.5, "view_count": 50_000, "currency": "USD",
        }  # fmt: skip


@pytest.mark.parametrize("query", ["view_count=99", "view_count=x", "", "view_count=99999999999999999999"])
async def test_a_number_that_cannot_be_ordered_has_no_price(client, who, query):
    async with client.get(f"/api/prices/quote?{query}", headers=who) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["details"]["field"] == "view_count"


async def test_what_was_cancelled_in_the_middle_is_not_called_a_failure_to_do_the_rest(
    get, order, report, services
):
    await report(400, 300)
    await services.orders.cancel(1, order.order_id, Act("user:1", services.clock.now()))
    await report(400, 300, "stopped", final=True)
    _, html = await get(f"/promotion/{order.order_id}")
    _, receipt = await get(f"/promotion/{order.order_id}/receipt")

    assert "The order was cancelled. You paid for the views delivered until then" in html
    assert "could not be delivered" not in html
    assert ">Cancelled</span>" in html
    assert "<dd>Cancelled</dd>" in receipt
