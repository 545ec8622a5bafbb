"""A forgotten password: digits from the bot and a new one; plain words where there is no bot."""

import re
import time

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, expect

from tests.browser.app_kit import assert_accessible, demo
from tests.browser.bot_kit import server, telegram
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.test_demo import Demo
from tests.e2e.kit import Server
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import ME, TOKEN, FakeTelegram
from tests.init_data_kit import init_data

__all__ = ["demo", "server", "telegram"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANN = {"id": 78, "first_name": "Ann", "language_code": "en"}


async def with_credentials(server: Server) -> None:
    """Ann came by Telegram and chose a username and a password."""
    async with ClientSession(server.url) as session:
        opened = {"initData": init_data(time.time(), ANN, TOKEN)}
        async with session.post("/api/auth/telegram", json=opened) as answer:
            who = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        chosen = {"username": "ann.live", "password": "one-that-is-forgotten"}
        async with session.post("/api/account/credentials", json=chosen, headers=who) as answer:
            assert answer.status == 200, await answer.text()


async def test_digits_from_the_bot_and_a_new_password_sign_in(
    browser: Browser,
    open_page: OpenPage,
    server: Server,
    telegram: FakeTelegram,
    complaints: Complaints,
    shoot: Shoot,
):
    complaints.expected = ("telegram.org", "net::ERR", "400")
    ann = Person(telegram, ANN["id"])
    await ann.asks("/start")
    await with_credentials(server)
    page = await open_page(browser, f"{server.url}/app", bypass_csp=True)
    await page.fill("#sign [name=username]", "ann.live")
    await page.click("#forgot summary")

    await expect(page.locator("#bot")).to_have_attribute("href", f"https://t.me/{ME['username']}")
    await expect(page.locator("#forgot-form [name=username]")).to_have_value("ann.live")
    before = len(ann.chat)
    await page.click("#forgot-form [type=submit]")
    await expect(page.locator("#reset-form [name=code]")).to_be_focused()
    await shoot(page, "app-forgot")
    await assert_accessible(page)
    await page.fill("#reset-form [name=code]", "000000")
    await page.fill("#reset-form [name=new_password]", "a-better-one")
    await page.click("#reset-form [type=submit]")
    await expect(page.locator("#reset-form .problem")).to_have_text("This code is wrong or too old.")

    # What else the bot says may come behind it.
    [code] = await telegram.until(
        lambda: re.findall(r"\b\d{6}\b", "\n".join(one["text"] for one in ann.chat[before:]))
    )
    await page.fill("#reset-form [name=code]", code)
    await page.click("#reset-form [type=submit]")
    await expect(page.locator(".nav")).to_be_visible()


async def test_without_a_bot_plain_words_say_whom_to_ask(
    browser: Browser, open_page: OpenPage, demo: Demo, complaints: Complaints
):
    complaints.expected = ("telegram.org", "net::ERR")
    page = await open_page(browser, f"{demo.base}/app")
    await page.click("#forgot summary")

    await expect(page.locator("#forgot p")).to_contain_text("Ask whoever gave you the license key")
    await expect(page.locator("#forgot form")).to_have_count(0)
