"""The list of triggers and the page of voices: what they say is there is there."""

from urllib.parse import urlsplit

import pytest


@pytest.fixture
async def who(enter):
    return await enter(settings={"language": "en"})


@pytest.fixture
def get(client, who):
    async def page(path):
        async with client.get(f"/app/view{path}", headers=who) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()

    return page


@pytest.fixture
def post(client, who):
    async def sent(path, body):
        async with client.post(f"/api{path}", json=body, headers=who) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    return sent


async def test_a_set_is_offered_until_all_of_it_is_there(get, post):
    assert 'data-set="chat"' in await get("/triggers")

    await post("/triggers/sets", {"set": "chat"})
    html = await get("/triggers")
    assert 'data-set="chat"' not in html
    assert 'data-set="gifts"' in html

    await post("/settings", {"chat_tts_mode": "off"})
    assert 'data-set="chat"' in await get("/triggers")


async def test_a_voice_is_called_fine_once_it_has_spoken(get, post, client, voice):
    voice.go_on.set()
    assert "It has not spoken yet" in await get("/voices")

    said = await post("/settings/try-line", {"name": "Ann", "text": "hello"})
    async with client.get(urlsplit(said["tts_url"]).path) as audio:
        assert audio.status == 200
        await audio.read()

    html = await get("/voices")
    assert "It has not spoken yet" not in html
    assert "Everything is as it should be." in html
