"""The Mini App as Telegram opens it: signed words in the address, Telegram's script, its colours."""

import asyncio
import json
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.bot_kit import server, telegram
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.e2e.kit import Server
from tests.fake_telegram.server import TOKEN
from tests.init_data_kit import ANNA, init_data

__all__ = ["server", "telegram"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = {"https://telegram.org/**": Path(__file__).with_name("telegram_stand_in.js")}
DARK = {
    "bg_color": "#17212b", "secondary_bg_color": "#232e3c", "section_bg_color": "#17212b",
    "text_color": "#f5f5f5", "hint_color": "#708499", "link_color": "#6ab3f3",
    "button_color": "#5288c1", "button_text_color": "#ffffff", "destructive_text_color": "#ec3942",
}  # fmt: skip
BEN = {"id": 78, "first_name": "Ben", "language_code": "en"}


def address(server: Server, raw: str) -> str:
    opened = {"tgWebAppData": raw, "tgWebAppVersion": "9.1", "tgWebAppThemeParams": json.dumps(DARK)}
    return f"{server.url}/app#{urlencode(opened)}"


def signed(age: float = 0, user: object = None) -> str:
    return init_data(time.time() - age, user, TOKEN)


async def test_it_signs_in_by_itself_and_speaks_the_language_of_the_account(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints, shoot: Shoot
):
    complaints.expected = ("telegram.org",)
    page = await open_page(browser, address(server, signed()), served=SCRIPT)

    await expect(page.locator(".nav a").first).to_have_text("Главная")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    assert {"ready", "expand"} <= set(await page.evaluate("asked"))
    await expect(page.locator("#view h1")).to_be_visible()
    await shoot(page, "app-telegram-dark")


async def test_telegrams_colours_win_over_the_systems(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org",)
    page = await open_page(browser, address(server, signed()), served=SCRIPT, color_scheme="light")

    await expect(page.locator(".nav")).to_be_visible()
    await expect(page.locator("body")).to_have_css("background-color", "rgb(35, 46, 60)")
    await expect(page.locator("html")).to_have_css("color-scheme", "dark only")


async def test_without_telegrams_script_it_signs_in_all_the_same(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org", "net::ERR")
    page = await open_page(browser, address(server, signed()))

    await expect(page.locator(".nav")).to_be_visible()


async def test_telegrams_back_button_goes_back(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org",)
    page = await open_page(browser, address(server, signed(user=BEN)), served=SCRIPT)
    await page.click(".nav .more")
    await expect(page.locator("#view h1")).to_have_text("More")
    assert "back shown" in await page.evaluate("asked")

    await page.evaluate("press_back()")

    await expect(page.locator(".nav a[aria-current]")).to_have_text("Home")


async def opened_stale(page: Page) -> None:
    await expect(page.locator("#stale")).to_be_visible()
    await expect(page.locator("#stale-hint")).to_contain_text("open it from the bot again")
    await expect(page.locator("#sign")).to_be_hidden()


async def test_words_too_old_lead_to_one_step(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints, shoot: Shoot
):
    complaints.expected = ("telegram.org", "401")
    page = await open_page(browser, address(server, signed(age=7200)), served=SCRIPT)

    await opened_stale(page)
    await shoot(page, "app-stale")
    await page.click("#close")
    assert "close" in await page.evaluate("asked")


async def test_telegrams_script_may_come_after_all_the_rest(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org", "401")
    page = await open_page(browser, f"{server.url}/healthz")
    may_come = asyncio.Event()

    async def late(route: Route) -> None:
        await may_come.wait()
        await route.fulfill(path=SCRIPT["https://telegram.org/**"])

    await page.context.route("https://telegram.org/**", late)
    await page.goto(address(server, signed(age=7200)), wait_until="commit")
    await opened_stale(page)
    await expect(page.locator("#close")).to_be_hidden()
    may_come.set()

    await page.click("#close")
    assert "close" in await page.evaluate("asked")


async def test_words_of_another_bot_lead_to_the_same_step(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org", "401")
    foreign = init_data(time.time(), None, "43:OTHER")
    page = await open_page(browser, address(server, foreign), served=SCRIPT)

    await expect(page.locator("#stale")).to_be_visible()


async def test_another_account_in_the_same_window_does_not_see_the_first_ones(
    browser: Browser, open_page: OpenPage, server: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org",)
    page = await open_page(browser, address(server, signed(user=ANNA)), served=SCRIPT)
    await expect(page.locator(".nav a").first).to_have_text("Главная")

    await page.goto("about:blank")
    other = {"id": 79, "first_name": "Cid", "language_code": "es"}
    await page.goto(address(server, signed(user=other)))

    await expect(page.locator(".nav a").first).to_have_text("Inicio")
