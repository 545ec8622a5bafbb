"""Promotion in a browser: a price as one types, too little money, an order that moves, its receipt."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.test_app_stats import fits, speak

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

VIDEO = "https://www.tiktok.com/@demo_streamer/video/7300000000000000001"


async def price(page: Page, text: str) -> None:
    await expect(page.locator("[data-price]")).to_have_text(text)


async def test_from_a_price_to_an_order_and_its_receipt(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/promotion", bypass_csp=True, refused=("400",))
    submit = page.locator("#order-form [type=submit]")
    await expect(submit).to_be_disabled()
    await assert_accessible(page)

    await page.click("[data-count='5000']")
    await price(page, "$17.50")
    await expect(page.locator("[data-after]")).to_have_text("Paste the link of the video to order.")
    await expect(submit).to_be_disabled()
    await page.fill("[name=video_url]", "https://example.com/<b>")
    await expect(page.locator("#link-problem")).to_contain_text("not a link to a TikTok video")
    await page.fill("[name=view_count]", "99")
    await expect(page.locator("#views-problem")).to_have_text("At least 100 views.")
    await page.fill("[name=view_count]", "100.5")
    await expect(page.locator("#views-problem")).to_have_text("Write a whole number.")
    await shoot(page, "app-promotion-problems")

    await page.fill("[name=video_url]", VIDEO)
    await page.fill("[name=view_count]", "100000")
    await price(page, "$350.00")
    await expect(page.locator("[data-after]")).to_contain_text("is missing")
    await expect(submit).to_be_hidden()
    await page.click("[data-top-up]")
    await expect(page.locator("#top-up")).to_contain_text("is missing for your order")
    await shoot(page, "app-wallet-missing")
    await page.click("text=Back to your order")
    await expect(page.locator("[name=video_url]")).to_have_value(VIDEO)
    await expect(page.locator("[name=view_count]")).to_have_value("100000")

    await page.fill("[name=view_count]", "1500")
    await price(page, "$5.25")
    await expect(page.locator("[data-after]")).to_contain_text("Balance afterwards: $")
    await shoot(page, "app-promotion")
    await submit.click()
    await page.wait_for_url(re.compile("/app/promotion/ORD-"))
    await expect(page.locator("#view .head")).to_contain_text("ORD-")
    await expect(page.locator(".head .pill").first).to_have_text("Being shown", timeout=30_000)
    await expect(page.locator("svg.chart")).to_be_visible(timeout=30_000)
    await assert_accessible(page)
    await shoot(page, "app-order")

    await page.click("text=Cancel the order")
    await expect(page.locator("#ask-text")).to_contain_text("comes back to your balance")
    await page.click("#ask [value=yes]")
    await expect(page.locator(".head .pill").first).to_have_text(
        re.compile("Partly done|Cancelled"), timeout=30_000
    )
    await page.click("text=Receipt")
    await expect(page.locator(".receipt")).to_contain_text("Paid from the balance")
    await page.emulate_media(media="print")
    await expect(page.locator(".nav")).to_be_hidden()
    await shoot(page, "app-receipt-print")


async def test_every_language_in_the_dark_at_320(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/account", color_scheme="dark", viewport={"width": 320, "height": 700})
    for language in ("ru", "es", "en"):
        await speak(page, language)
        for name in ("promotion", "wallet"):
            await goto(page, f"/app/{name}")
            assert await fits(page)
            await shoot(page, f"app-{name}-{language}-dark")
        await goto(page, f"/app/promotion?video={VIDEO}&views=1000")
        await expect(page.locator("#order-form [type=submit]")).to_be_enabled()
        await shoot(page, f"app-promotion-form-{language}-dark")
