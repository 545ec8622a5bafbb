"""The look of the overlay by the WebApp API, and where it is open."""

import asyncio
import json

import pytest

LOGIN = {"username": "streamer123", "password": "SecurePass123!"}


@pytest.fixture
async def webapp(client, streamer):
    async with client.post("/api/auth/login", json=LOGIN) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['token']}"}


@pytest.fixture
async def address(client, webapp):
    """The path of the overlay's page."""
    async with client.get("/api/overlay", headers=webapp) as answer:
        return "/overlay/" + (await answer.json())["url"].rpartition("/")[2]


async def hear(socket, kind):
    async with asyncio.timeout(30):
        while True:
            message = json.loads(await socket.receive_str())
            if message["type"] == kind:
                return message


async def test_the_standard_look_shows_alerts_alone(client, webapp):
    async with client.get("/api/overlay/look", headers=webapp) as answer:
        look = await answer.json()

    assert answer.status == 200
    assert [name for name, widget in look.items() if isinstance(widget, dict) and widget["on"]] == ["alerts"]


async def test_a_subset_is_changed_and_kept(client, webapp):
    changes = {"likes": {"on": True, "target": 500}, "feed": {"text": "#ABCDEF"}}
    async with client.post("/api/overlay/look", json=changes, headers=webapp) as answer:
        assert answer.status == 200
    async with client.get("/api/overlay/look", headers=webapp) as answer:
        look = await answer.json()

    assert (look["likes"]["on"], look["likes"]["target"], look["feed"]["text"]) == (True, 500, "#ABCDEF")
    assert look["alerts"]["on"] is True


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"feed": {"x": 101}}, "feed.x"),
        ({"feed": {"x": None}}, "feed.x"),
        ({"feed": {"text": "red;}"}}, "feed.text"),
        ({"feed": {"glow": 3}}, "feed.glow"),
        ({"clock": {}}, "clock"),
        ({"likes": {"target": 0}, "feed": {"on": True}}, "likes.target"),
    ],
)
async def test_what_does_not_fit_is_refused_at_its_field_and_nothing_is_changed(
    client, webapp, changes, field
):
    async with client.post("/api/overlay/look", json=changes, headers=webapp) as answer:
        refused = await answer.json()
        assert answer.status == 400
    async with client.get("/api/overlay/look", headers=webapp) as answer:
        look = await answer.json()

    assert refused["error"]["details"]["field"] == field
    assert look["feed"]["on"] is False


async def test_it_is_nobody_elses(client, webapp, streamer):
    for headers in ({}, streamer):  # a phone's token is none of the Mini App's
        async with client.post("/api/overlay/look", json={"feed": {"on": True}}, headers=headers) as answer:
            assert answer.status == 401


async def test_an_open_overlay_follows_without_being_loaded_again(client, webapp, address):
    async with client.ws_connect(f"{address}/ws") as socket:
        first = await hear(socket, "look")
        async with client.post("/api/overlay/look", json={"feed": {"on": True}}, headers=webapp):
            second = await hear(socket, "look")

    assert (first["look"]["feed"]["on"], second["look"]["feed"]["on"]) == (False, True)


async def test_where_it_is_open_is_told_and_news_to_the_app(client, webapp, address):
    async with client.ws_connect("/api/ws", headers=webapp, params={"role": "monitor"}) as app:
        async with client.ws_connect(f"{address}/ws", headers={"User-Agent": "OBS/31.0"}) as overlay:
            await hear(overlay, "look")
            assert (await hear(app, "changed"))["what"] == "place"
            async with client.get("/api/overlay/places", headers=webapp) as answer:
                [place] = (await answer.json())["places"]
        assert (await hear(app, "changed"))["what"] == "place"

    assert (place["place"], place["agent"]) == ("overlay", "OBS/31.0")
    assert place["since"].endswith("Z")
