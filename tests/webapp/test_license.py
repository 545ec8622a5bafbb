"""License and top-ups over HTTP, on the surface both APIs share."""

import pytest
from aiohttp.test_utils import TestClient

from core.config import Config, Plan
from core.money import ledger
from core.money.ledger import Movement
from core.services import Services
from storage.models import AccountKind, EntryKind
from tests.core.payments.till import Till
from tests.webapp.conftest import Serve
from webapp.api import mount
from webapp.app import build_app
from webapp.routes import licensing, topups
from webapp.surfaces import V2


@pytest.fixture
def config(tmp_path, limits) -> Config:
    plans = {"standard": Plan(title="Standard", days=30, stars=500, trial_days=3)}
    return Config(data_dir=tmp_path, limits=limits, plans=plans)


@pytest.fixture
async def client(aiohttp_client: Serve, services: Services) -> TestClient:
    app = build_app(services)
    mount(app, V2, [licensing.calls, topups.calls])
    return await aiohttp_client(app)


@pytest.fixture
def call(client: TestClient, streamer):
    async def call(method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict]:
        sent = {**streamer, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with client.request(method, f"/v2{path}", json=body, headers=sent) as response:
            return response.status, await response.json()

    return call


@pytest.fixture
def change(services: Services):
    """Something done to the only account: money given, a Telegram account linked."""

    async def change(*, money: int = 0, telegram_id: int | None = None) -> None:
        from core.audit import Act

        async with services.db.begin() as uow:
            user = await uow.accounts.get_by_username("streamer123")
            user.telegram_id = telegram_id
            if money:
                by = Act("cli", services.clock.now())
                movement = Movement(kind=EntryKind.CREDIT, key=f"gift:{money}", by=by)
                await ledger.credit(uow, user.id, money, AccountKind.ADJUSTMENTS, movement)

    return change


async def test_the_page_tells_all(call):
    status, page = await call("GET", "/license")

    assert status == 200
    assert page["plan"] == "standard"
    assert page["license_expires_at"].endswith("Z")
    [held] = page["history"]
    assert (held["source"], held["status"], held["days_left"], held["price"]) == ("key", "active", 30.0, None)
    assert page["offers"] == [
        {
            "plan": "standard",
            "title": "Standard",
            "days": 30,
            "stars": 500,
            "price": 6.5,
            "currency": "USD",
            "rate": 77.0,
            "tiktok_usernames": 3,
            "triggers": 200,
            "sound_quota_bytes": 200_000_000,
            "speech_characters_per_day": 200_000,
        }
    ]
    assert page["trial"] is None


async def test_a_key_adds_its_days(call, issue):
    _, before = await call("GET", "/license")

    status, now = await call("POST", "/license/activate", {"license_key": await issue(10)})

    assert status == 200
    assert now["plan"] == "standard"
    assert now["license_expires_at"] > before["license_expires_at"]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("nonsense", 400, "invalid_license_key"),
        ("TTB-0000-0000-0000", 404, "license_not_found"),
        (7, 400, "invalid"),
    ],
)
async def test_keys_that_are_none_are_refused(call, key, status, code):
    got, problem = await call("POST", "/license/activate", {"license_key": key})

    assert (got, problem["code"]) == (status, code)


async def test_trial_needs_telegram_and_is_had_once(call, change):
    assert (await call("POST", "/license/trial"))[1]["code"] == "telegram_required"
    await change(telegram_id=7)
    assert (await call("GET", "/license"))[1]["trial"] == {"plan": "standard", "title": "Standard", "days": 3}

    assert (await call("POST", "/license/trial"))[0] == 200
    assert (await call("POST", "/license/trial"))[1]["code"] == "trial_used"


async def test_buying_from_the_balance(call, change):
    status, problem = await call("POST", "/license/buy", {"plan": "standard", "pay": "balance"})
    assert (status, problem["code"]) == (402, "insufficient_funds")
    await change(money=2_000)

    first = await call("POST", "/license/buy", {"plan": "standard", "pay": "balance"}, Idempotency_Key="a")
    again = await call("POST", "/license/buy", {"plan": "standard", "pay": "balance"}, Idempotency_Key="a")

    assert first == again
    status, done = first
    assert status == 200
    assert (done["pay"], done["price"], done["currency"], done["days"]) == ("balance", 6.5, "USD", 30)
    assert len((await call("GET", "/license"))[1]["history"]) == 2


async def test_buying_by_stars_gives_a_link(call, till: Till):
    status, done = await call("POST", "/license/buy", {"plan": "standard", "pay": "stars"})

    assert status == 200
    assert (done["invoice_link"], done["stars"], done["rate"]) == ("https://t.me/$invoice1", 500, 77.0)
    assert done["license_expires_at"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"plan": "none", "pay": "stars"}, 404),
        ({"plan": "standard", "pay": "card"}, 400),
        ({"plan": "standard"}, 400),
    ],
)
async def test_what_cannot_be_bought_is_refused(call, body, status):
    assert (await call("POST", "/license/buy", body))[0] == status


async def test_top_up_gives_a_link_and_the_rate(call):
    status, asked = await call("POST", "/wallet/topups", {"amount": 10.01})

    assert status == 200
    assert asked == {
        "invoice_link": "https://t.me/$invoice1",
        "stars": 771,
        "amount": 10.01,
        "currency": "USD",
        "rate": 77.0,
    }


@pytest.mark.parametrize("amount", [0, -1, 1.001, 1e12, "ten", None])
async def test_amounts_that_are_none_are_refused(call, amount):
    assert (await call("POST", "/wallet/topups", {"amount": amount}))[0] == 400


async def test_nothing_without_a_token(client: TestClient):
    async with client.get("/v2/license") as response:
        assert response.status == 401
