"""The account's page as the server makes it."""

import re

import pytest

from webapp.miniapp.wording import catalogue


async def page(client, who):
    async with client.get("/app/view/account", headers=who) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


@pytest.mark.parametrize("language", ["en", "ru", "es"])
async def test_somebody_without_a_license_is_told_what_it_is_for(client, enter, language):
    text = await page(client, await enter(settings={"language": language}))

    words = catalogue(language, "account")
    assert words["license"]["why"] in text
    assert words["ways"]["no_password"] in text
    assert 'data-call="/account/credentials"' in text
    assert 'data-call="/auth/password"' not in text


async def test_what_telegram_says_of_a_person_is_only_text(client, enter):
    text = await page(client, await enter(first_name='<b>"&', telegram_name="<i>"))

    assert "<b>" not in text
    assert "@&lt;i&gt;" in text


async def test_every_license_there_was_is_listed(client, streamer):
    body = {"username": "streamer123", "password": "SecurePass123!"}
    async with client.post("/api/auth/login", json=body) as answer:
        who = {"Authorization": f"Bearer {(await answer.json())['token']}"}

    text = await page(client, who)

    assert 'data-call="/auth/password"' in text
    assert text.count('data-key="…') == 1
    assert 'data-key="device-' in text


async def test_each_device_is_signed_out_by_a_button_of_its_own_name(client, streamer):
    body = {"username": "streamer123", "password": "SecurePass123!"}
    for _ in range(3):
        async with client.post("/api/auth/login", json=body) as answer:
            who = {"Authorization": f"Bearer {(await answer.json())['token']}"}

    names = re.findall(r'aria-label="(Sign out: [^"]+)"', await page(client, who))

    assert len(names) >= 2
    assert len(set(names)) == len(names)
    assert all("last here" in name for name in names)
