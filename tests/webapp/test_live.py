"""LIVE, overlay addresses and tickets over HTTP."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from core import licenses
from core.audit import Act
from core.live.source import LiveState, LiveStatus
from tests.webapp.fakes import START
from webapp.tokens import Tokens


@pytest.fixture
def ask(client, streamer):
    async def send(method, path, headers=streamer, **more):
        async with client.request(method, f"/v2{path}", headers=headers, **more) as response:
            return response.status, await response.json()

    return send


async def test_starting_answers_at_once(ask):
    status, body = await ask("POST", "/live/start")

    assert (status, body["state"], body["since"]) == (200, "connecting", "2026-01-01T00:16:40.000Z")
    assert body.keys() >= {"state", "since", "room_id", "viewers", "error", "last_frame_at"}


async def test_stopping(ask):
    await ask("POST", "/live/start", json={})

    assert (await ask("POST", "/live/stop"))[1]["state"] == "off"


async def test_the_status_tells_all(ask, live):
    await ask("POST", "/live/start")
    live.status = LiveStatus(LiveState.LIVE, START, "7300", 12, None, None, START + timedelta(seconds=9))

    status, body = await ask("GET", "/live/status")

    assert (status, body["state"], body["room_id"], body["viewers"]) == (200, "live", "7300", 12)
    assert body["last_frame_at"] == "2026-01-01T00:16:49.000Z"


async def test_another_streamer_can_be_named(ask, live):
    status, _ = await ask("POST", "/live/start", json={"tiktok_username": "@Friend.1"})

    assert (status, live.unique_id) == (200, "friend.1")
    assert (await ask("GET", "/settings/get"))[1]["tiktok_username"] == "friend.1"


async def test_without_a_username_there_is_nothing_to_listen_to(ask):
    await ask("POST", "/settings/update", json={"tiktok_username": None})

    status, body = await ask("POST", "/live/start")

    assert (status, body["detail"]) == (400, "tiktok username not set")


async def test_an_ended_license_allows_everything_but_live(ask, client, join, clock):
    await join("late", days=1)
    clock.move(2 * 86_400)
    body = {"username": "late", "password": "SecurePass123!"}
    async with client.post("/v2/auth/login", json=body) as response:
        late = {"Authorization": f"Bearer {(await response.json())['access_token']}"}

    status, refused = await ask("POST", "/live/start", late)

    assert (status, refused["detail"]) == (403, "license expired")
    assert (await ask("POST", "/settings/update", late, json={"tts_volume": 5}))[0] == 200


@pytest.mark.parametrize("surface", ["/v2", "/api"])
async def test_a_suspended_license_stops_it_at_once_also_while_it_runs(
    client, services, streamer, live, surface
):
    tokens = Tokens(services.secrets, 1, services.clock)
    token = tokens.issue(1, 1, "mobile" if surface == "/v2" else "webapp")
    headers = {"Authorization": f"Bearer {token}"}
    async with client.post(f"{surface}/live/start", headers=headers) as response:
        assert response.status == 200
    async with services.db.begin() as uow:  # as another process does: nobody here has heard of it yet
        (key,) = await uow.licenses.list_of_user(1)
        await licenses.suspend(uow, key, Act("cli", services.clock.now()))

    async with client.post(f"{surface}/live/start", headers=headers) as response:
        body = await response.json()

    assert response.status == 403
    assert body.get("code", body.get("error", {}).get("code")) == "license_required"


async def test_two_addresses_each_with_its_own_secret(ask, client, services):
    _, body = await ask("GET", "/overlay")

    overlay, player = urlsplit(body["url"]), urlsplit(body["player_url"])
    assert overlay.netloc == urlsplit(str(client.make_url("/"))).netloc
    assert overlay.path.startswith("/overlay/")
    assert player.path.startswith("/player/")
    assert overlay.path.rpartition("/")[2] != player.path.rpartition("/")[2]
    assert (await ask("GET", "/overlay"))[1] == body


async def test_rotating_ends_the_old_addresses(ask, client, services):
    _, before = await ask("GET", "/overlay")
    _, after = await ask("POST", "/overlay/rotate")

    assert (await ask("GET", "/overlay"))[1] == after
    nobodys = f"/overlay/{services.accounts.overlay_secret(404, 1)}"
    for path, status in ((before["url"], 404), (after["url"], 200), (nobodys, 404)):
        async with client.get(urlsplit(path).path) as answer:
            assert answer.status == status


async def test_a_ticket_is_handed_out(ask):
    status, body = await ask("POST", "/ws/ticket")

    assert (status, body["expires_in"]) == (200, 30)
    assert len(body["ticket"]) == 43


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/live/start"), ("GET", "/live/status"), ("GET", "/overlay"), ("POST", "/ws/ticket")],
)
async def test_all_of_it_needs_a_token(ask, method, path):
    assert (await ask(method, path, {}))[1]["detail"] == "missing bearer token"
