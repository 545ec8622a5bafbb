"""Statistics in a browser: periods, one LIVE, a table saved; in every language, light and dark."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import noted

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

TITLES = {"ru": "Статистика", "es": "Estadísticas", "en": "Statistics"}


async def speak(page: Page, language: str) -> None:
    await goto(page, "/app/account")
    async with page.expect_response("**/app/view/frame"):
        await page.check(f"[name=language][value={language}]")


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def test_periods_one_live_and_a_table(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/stats", bypass_csp=True, timezone_id="Europe/Madrid")
    await expect(page.locator(".tabs [aria-current]")).to_have_text("7 days")
    await expect(page.locator("svg.chart[role=img]")).to_have_count(4)
    await assert_accessible(page)
    await shoot(page, "app-stats")

    await page.click("text=All time")
    await expect(page.locator(".tabs [aria-current]")).to_have_text("All time")
    await expect(page.locator("[data-key^=live-]")).to_have_count(11)
    async with page.expect_download() as saved:
        await page.click("[data-save=gifters]")
    download = await saved.value
    assert download.suggested_filename == "ttboost-gifters.csv"
    heads = (await download.path()).read_text("utf-8-sig").splitlines()[0]
    assert heads == "Name,@name,Diamonds,Gifts"
    await noted(page, "The table was saved.")

    await page.locator("[data-key^=live-] a").nth(2).click()
    await expect(page.locator("#view h1")).to_contain_text("LIVE of")
    await expect(page.locator("svg.chart[role=img]").first).to_have_attribute(
        "aria-label", re.compile("Viewers")
    )
    await expect(page.locator("[data-key^=minute-]").first).to_contain_text("diamonds")
    await assert_accessible(page)
    await shoot(page, "app-stats-live")


async def test_every_language_light_and_dark_narrow_and_wide(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/account", color_scheme="dark", viewport={"width": 320, "height": 700})
    for language, title in TITLES.items():
        await speak(page, language)
        for path in ("/app/stats?period=month", "/app/stats/8"):
            await goto(page, path)
            assert await fits(page)
            await shoot(page, f"app-stats{'-live' if path.endswith('8') else ''}-{language}-dark")
        await goto(page, "/app/stats?period=month")
        await expect(page.locator("#view h1")).to_have_text(title)

    await page.set_viewport_size({"width": 1200, "height": 900})
    await page.emulate_media(color_scheme="light")
    await shoot(page, "app-stats-wide")
