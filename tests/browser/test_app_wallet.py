"""The wallet in a browser: plain words in a demo, topping up with Stars until the money is there."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.bot_kit import server, telegram
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import noted
from tests.browser.test_app_in_telegram import SCRIPT, address, signed
from tests.e2e.kit import Server
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

__all__ = ["demo", "open_app", "server", "telegram"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANN = {"id": 78, "first_name": "Ann", "language_code": "en"}
ORDER = "/app/promotion?video=https%3A%2F%2Fwww.tiktok.com%2F%40ann%2Fvideo%2F7300000000000000001&views=1000"


async def test_a_demo_says_plainly_that_nothing_can_be_paid_in(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/wallet", bypass_csp=True)

    await expect(page.locator("#top-up")).to_contain_text("no real money can be paid in")
    await expect(page.locator("[data-key^=entry-]").first).to_be_visible()
    await assert_accessible(page)
    await shoot(page, "app-wallet")
    await page.locator("[data-key^=entry-] a[href^='/app/wallet/']").click()
    await expect(page.locator(".receipt")).to_contain_text("$50.00")


async def test_money_comes_with_stars_and_leads_back_to_the_order(
    browser: Browser,
    open_page: OpenPage,
    server: Server,
    telegram: FakeTelegram,
    complaints: Complaints,
    shoot: Shoot,
):
    complaints.expected = ("telegram.org",)
    page = await open_page(browser, address(server, signed(user=ANN)), served=SCRIPT, bypass_csp=True)
    await expect(page.locator(".nav")).to_be_visible()
    await goto(page, "/app/promotion")
    await page.evaluate("path => history.replaceState(history.state, '', path)", ORDER)
    await page.reload()
    await page.click("[data-top-up]")
    await expect(page.locator("[name=amount]")).to_have_value("3.50")
    pay = page.locator("#top-up [type=submit]")
    await expect(pay).to_have_text("Pay 270 Stars")

    await page.fill("[name=amount]", "12.345")
    await expect(page.locator("#amount-problem")).to_have_text("Write an amount such as 12.50.")
    await expect(pay).to_be_disabled()
    await page.click("[data-amount='1000']")
    await expect(pay).to_have_text("Pay 770 Stars")
    await assert_accessible(page)
    await shoot(page, "app-wallet-top-up-telegram")

    await pay.click()
    await page.wait_for_function("() => window.tell_invoice !== undefined")
    [link] = [said.partition(" ")[2] for said in await page.evaluate("asked") if said.startswith("invoice ")]
    await page.evaluate("tell_invoice('cancelled')")
    await expect(pay).to_be_visible()
    await pay.click()
    await page.wait_for_function(
        "link => !asked.includes(`invoice ${link}`)"
        " || asked.filter(one => one.startsWith('invoice ')).length === 2",
        arg=link,
    )
    link = [said.partition(" ")[2] for said in await page.evaluate("asked") if said.startswith("invoice ")][
        -1
    ]
    await page.evaluate("tell_invoice('paid')")
    await expect(page.locator(".waiting")).to_contain_text("Waiting for the money to arrive")
    await shoot(page, "app-wallet-waiting")

    assert await Person(telegram, ANN["id"]).pays(link)
    await noted(page, re.compile(r"The money has arrived: \$10\.00"))
    await page.wait_for_url("**/app/promotion?**")
    await expect(page.locator("#order-form [type=submit]")).to_be_enabled()
    await expect(page.locator("[data-after]")).to_have_text("Balance afterwards: $6.50")
