"""Overlay setup as it is served."""

import re
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from webapp.miniapp.overlay import FONTS, ICONS
from webapp.miniapp.wording import catalogue

HOSTILE = """<b>"&'"""


@pytest.fixture
async def me(client: TestClient, streamer: dict[str, str]) -> dict[str, str]:
    login = {"username": "streamer123", "password": "SecurePass123!"}
    answer = await client.post("/api/auth/login", json=login)
    return {"Authorization": f"Bearer {(await answer.json())['token']}"}


async def shown(client: TestClient, me: dict[str, str]) -> str:
    answer = await client.get("/app/view/overlay", headers=me)
    assert answer.status == 200
    return await answer.text()


async def style(client: TestClient, me: dict[str, str], **changes: Any) -> None:
    answer = await client.post("/api/overlay/look", json=changes, headers=me)
    assert answer.status == 200


async def test_both_addresses_are_shown_with_their_pictures(client: TestClient, me: dict[str, str]) -> None:
    text = await shown(client, me)

    pages = await (await client.get("/api/overlay", headers=me)).json()
    assert f'data-copy="{pages["url"]}"' in text
    assert f'data-copy="{pages["player_url"]}"' in text
    assert text.count('class="qr"') == 2
    assert re.findall(r" style=| on\w+=|<style", text) == []
    assert len(text.encode()) < 60_000


async def test_nothing_open_says_so_and_shows_what_to_do(client: TestClient, me: dict[str, str]) -> None:
    text = await shown(client, me)

    assert text.count("Not open anywhere right now.") == 2
    assert '<details id="how" open>' in text
    assert "No overlay is open right now" in text


async def test_what_is_open_is_told_by_its_program(client: TestClient, me: dict[str, str]) -> None:
    pages = await (await client.get("/api/overlay", headers=me)).json()
    path = "/overlay/" + pages["url"].rpartition("/")[2]
    async with client.ws_connect(f"{path}/ws", headers={"User-Agent": f"{HOSTILE} OBS/31.0"}) as socket:
        await socket.receive_str()
        text = await shown(client, me)

    assert "OBS Studio, since" in text
    assert "1 open" in text
    assert '<details id="how">' in text
    assert HOSTILE not in text


async def test_titles_are_escaped_wherever_they_stand(client: TestClient, me: dict[str, str]) -> None:
    await style(client, me, likes={"title": HOSTILE + "</script>"})

    text = await shown(client, me)

    assert "<b>" not in text
    assert text.count("</script>") == 2


async def test_alerts_without_a_trigger_lead_to_one(client: TestClient, me: dict[str, str]) -> None:
    assert "None of your triggers shows an alert yet." in await shown(client, me)
    body = {"event_type": "follow", "action": "alert", "action_params": {"text_template": "{user}"}}
    assert (await client.post("/api/triggers", json=body, headers=me)).status == 200

    assert "None of your triggers shows an alert yet." not in await shown(client, me)


async def test_the_way_back_is_offered_where_something_was_changed(
    client: TestClient, me: dict[str, str]
) -> None:
    assert 'id="standard"' not in await shown(client, me)

    await style(client, me, feed={"on": True})

    text = await shown(client, me)
    assert 'id="standard"' in text
    assert "data-undo=" in text


@pytest.mark.parametrize(
    ("language", "word"), [("en", "How it looks"), ("ru", "Как это выглядит"), ("es", "Cómo se ve")]
)
async def test_it_is_said_in_every_language(
    client: TestClient, me: dict[str, str], language: str, word: str
) -> None:
    await client.post("/api/settings", json={"language": language}, headers=me)

    assert word in await shown(client, me)


@pytest.mark.parametrize("language", ["en", "ru", "es"])
def test_every_widget_and_font_has_its_words(language: str) -> None:
    words = catalogue(language, "overlay")

    assert set(words["widgets"]) == set(words["script"]["names"]) == set(ICONS)
    assert set(words["fonts"]) == set(FONTS)
    assert len(words["spots"]) == 9


async def test_the_preview_may_stand_in_our_own_frame_and_in_telegrams(client: TestClient) -> None:
    answer = await client.get("/overlay/preview?lang=ru")
    text = await answer.text()

    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://web.telegram.org" in policy
    assert "<audio" not in text
    assert "js/overlay/preview.js" in text
    assert '<html lang="ru">' in text
