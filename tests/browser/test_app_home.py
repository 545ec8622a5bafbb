"""The first page: a newcomer's way from nothing to being heard, and a LIVE as it happens."""

import re
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import heard, noted
from tests.browser.losing import answer_lost
from tests.browser.test_demo import Demo
from tests.e2e.kit import Server, running
from tests.fake_telegram.server import TOKEN, FakeTelegram
from tests.init_data_kit import init_data

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
EVA = {"id": 91, "first_name": "Eva", "language_code": "en"}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """As people meet it through Telegram; every LIVE is the demo's recording."""
    folder = tmp_path_factory.mktemp("home")
    async with FakeTelegram().running() as telegram:
        settings = {"telegram__token": TOKEN, "telegram__api_url": telegram.url, "live__source": "replay"}
        settings["plans__standard__stars"] = "770"
        async with running(folder / "data", **settings) as started:
            yield started


async def test_a_newcomer_is_led_to_hear_their_own_live(
    browser: Browser, open_page: OpenPage, product: Server, complaints: Complaints, shoot: Shoot
):
    complaints.expected = ("telegram.org", "net::ERR", "400")
    opened = urlencode({"tgWebAppData": init_data(time.time(), EVA, TOKEN), "tgWebAppVersion": "9.1"})
    page = await open_page(
        browser,
        f"{product.url}/app#{opened}",
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    title = page.locator("#live-title")
    await expect(title).to_have_text("What is your TikTok name?")
    await shoot(page, "app-home-new")

    await page.fill("#live [name=tiktok_username]", "no such name!")
    await page.click("#live [type=submit]")
    await expect(page.locator("#live .field-problem")).to_contain_text("Only letters, digits, _ and .")
    await page.fill("#live [name=tiktok_username]", "https://www.tiktok.com/@Eva.Live?_t=ZN-8&_r=1")
    await page.click("#live [type=submit]")
    await expect(title).to_have_text("One thing is missing: a license")
    await expect(page.locator('[data-key="step-name"].is-done')).to_contain_text("@eva.live")

    await page.click("text=Try it free for 3 days")
    await expect(title).to_have_text("TTBoost is off")
    await expect(page.locator("#step-place")).to_have_attribute("open", "")

    await page.click("#way-second summary")
    await expect(page.locator("#way-second .qr path")).to_be_visible()
    await page.click("#way-second [data-copy]")
    link = await page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{product.url}/player/")
    await expect(page.locator("#way-second .note")).to_contain_text("answers on this computer alone")

    await page.click("#step-sound summary")
    await page.click("#step-sound [data-call='/triggers']")
    await expect(page.locator("#step-sound button")).to_have_count(0)

    await page.click("#step-heard summary")
    await expect(page.locator("#step-heard .note")).to_contain_text("First open the player")
    await page.click("#step-heard [data-try] >> nth=0")
    await expect(page.locator("#try-news")).to_have_text("Sent. Listen…")

    player = await open_page(browser, link)
    await expect(page.locator("#live .where")).to_contain_text("plays on the phone")
    await heard(player, 1)
    await expect(title).to_have_text("You are LIVE", timeout=30_000)
    await expect(page.locator("#guide")).to_have_count(0)
    following = page.locator("#guide-next")
    await expect(following).to_contain_text("What is next?")
    await expect(following).to_be_in_viewport()
    await shoot(page, "app-home-next")
    before = len(await player.evaluate("heard"))
    await following.locator("text=A Rose").click()
    await expect(following.locator("#try-news")).to_have_text("Sent. Listen…")
    await heard(player, before + 1)
    await page.click("#live [data-call='/live/stop']")
    await expect(title).to_have_text("TTBoost is off")
    await expect(following).to_be_visible()  # also of a page made fresh
    await following.get_by_role("button", name="Close").click()
    await expect(following).to_have_count(0)
    for said in ("Saved", "Your free trial has begun", "Copied", "Saved"):
        await noted(page, said)
    await noted(page, re.compile("all five steps are done"))


async def test_who_has_a_key_and_no_telegram_begins_in_the_browser(
    browser: Browser, open_page: OpenPage, product: Server, complaints: Complaints, shoot: Shoot
):
    complaints.expected = ("telegram.org", "net::ERR", "400", "404")
    page = await open_page(browser, f"{product.url}/app", locale="es-ES", **PHONE)
    await page.click("#begin summary")
    form = page.locator("#begin-form")
    await form.locator("[name=username]").fill("Nova señal")
    await form.locator("[name=password]").fill("river-stone-9")
    await form.locator("[name=license_key]").fill("TTB-AAAA-AAAA-AAAA")
    await form.locator("button").click()
    await expect(form.locator(".problem")).to_contain_text("La clave está mal escrita.")
    await shoot(page, "app-begin")

    await form.locator("[name=license_key]").fill(await product.license_key())
    await form.locator("button").click()
    await expect(form.locator("[name=username] ~ .field-problem")).to_contain_text("Solo letras sin acento")
    await form.locator("[name=username]").fill("@Nova.Live")
    await form.locator("button").click()

    await expect(page.locator(".nav a").first).to_have_text("Inicio")
    await expect(page.locator('[data-key="step-name"].is-done')).to_contain_text("@nova.live")

    await goto(page, "/app/triggers")
    await page.click("[data-set=likes]")
    await expect(page.locator("#list > li")).to_have_count(3)
    await expect(page.locator("details[data-key=sets] > summary")).to_be_visible()  # it was a plain card


async def begin(page: Page, product: Server, username: str) -> None:
    await page.click("#begin summary")
    form = page.locator("#begin-form")
    key = await product.license_key()
    for name, value in {"username": username, "password": "river-stone-9", "license_key": key}.items():
        await form.locator(f"[name={name}]").fill(value)
    await form.locator("button").click()
    await expect(page.locator(".nav")).to_be_visible()


async def test_a_license_is_paid_once_though_the_first_answer_got_lost(
    browser: Browser, open_page: OpenPage, product: Server, complaints: Complaints, shoot: Shoot
):
    complaints.expected = ("telegram.org", "net::ERR", "404")
    page = await open_page(browser, f"{product.url}/app", **PHONE)
    await begin(page, product, "payer")
    await product.command("wallet", "credit", "payer", "25", "--reason", "a test")

    await goto(page, "/app/account")
    buy = page.locator("[data-call='/license/buy']")
    await expect(buy).to_be_enabled(timeout=30_000)
    sent: list[str | None] = []  # without a key the server knows it again for ten seconds alone
    page.on(
        "request", lambda one: sent.append(one.headers.get("idempotency-key")) if "/buy" in one.url else None
    )
    await answer_lost(page, "**/api/license/buy")
    for said, is_bad in ((re.compile("No connection"), True), (re.compile("^Bought"), False)):
        await buy.click()
        await page.click("#ask [value=yes]")
        await noted(page, said, is_bad=is_bad)
        await goto(page, "/app")  # the page comes anew, and the thing to be done is the same
        await goto(page, "/app/account")
    await shoot(page, "app-account-bought")
    await goto(page, "/app")
    await expect(page.locator(".glance")).to_contain_text("$15.00")
    first, second = sent
    assert first == second is not None


async def test_a_report_that_ends_an_order_is_asked_about(
    browser: Browser, open_page: OpenPage, product: Server, complaints: Complaints
):
    complaints.expected = ("telegram.org", "net::ERR", "404")
    page = await open_page(browser, f"{product.url}/app", **PHONE)
    await begin(page, product, "worker")
    await product.command("wallet", "credit", "worker", "5", "--reason", "a test")
    await product.command("admin", "grant", "worker")
    await goto(page, "/app/promotion")
    await page.fill("[name=video_url]", "https://www.tiktok.com/@worker/video/7300000000000000001")
    await page.fill("[name=view_count]", "1000")
    await page.click("#order-form [type=submit]")
    await page.wait_for_url("**/app/promotion/ORD-*")
    await noted(page, re.compile("^Ordered"))

    await goto(page, f"/app/admin/orders/{page.url.rpartition('/')[2]}")
    report = page.locator("form[data-call$='/report']")
    for delivered, is_final in (("300", False), ("400", True)):
        await report.locator("[name=sent]").fill(delivered)
        await report.locator("[name=delivered]").fill(delivered)
        if is_final:
            await report.locator("label.switch").click()
        await report.locator("[type=submit]").click()
        if is_final:
            await expect(page.locator("#ask-text")).to_contain_text("End the order with 400 views delivered?")
            await page.click("#ask [value=yes]")
        await noted(page, "Done.")
    await expect(report).to_have_count(0)


async def test_a_live_goes_on_before_ones_eyes_and_is_held_from_here(
    browser: Browser, open_app: OpenApp, open_page: OpenPage, demo: Demo, shoot: Shoot
):
    page = await open_app(reduced_motion="reduce")
    await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)
    rows = page.locator("#feed > li")
    before = await rows.count()
    player = await open_page(browser, demo.said["player"])
    await heard(player, 2, seconds=60)

    assert await rows.count() > before
    await expect(rows.first.locator("a")).to_have_attribute(
        "href", re.compile(r"^/app/history\?event=\d+-\d+")
    )
    await expect(page.locator("#now")).to_have_attribute("data-state", "playing", timeout=30_000)
    await expect(page.locator("#now-who")).not_to_have_text("A sound")
    assert int(await page.locator("#count-likes").get_attribute("data-value") or 0) > 0
    await shoot(page, "app-home-live")

    await page.click("#now-pause")
    await expect(page.locator("#now-who")).to_have_text("Paused")
    await expect(player.locator("#now-who")).to_have_text("Paused")
    await page.click("[data-control=clear]")
    await expect(page.locator("#now-backlog")).to_have_text("", timeout=30_000)
    await page.click("#now-pause")
    await expect(player.locator("#now-who")).not_to_have_text("Paused")

    await page.click("#switch-off")
    await expect(page.locator("#live-title")).to_have_text("TTBoost is off")
    await page.click(".toast button")
    await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)


async def test_what_a_page_opened_again_says_is_not_told_to_it_once_more(open_app: OpenApp):
    page = await open_app()
    address = page.url
    await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)
    await something_happens(page)
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))

    await page.goto("about:blank")
    await page.wait_for_timeout(4_000)  # of which the demo is full
    await page.goto(address)

    await something_happens(page)
    assert len(sockets) == 1
    assert "since=" not in sockets[0]
    told = await page.locator("#feed > li time").evaluate_all("all => all.map((one) => one.dateTime)")
    assert told == sorted(told, reverse=True)


@pytest.mark.parametrize(
    ("language", "scheme", "width", "title"),
    [
        ("en", "light", 390, "You are LIVE"),
        ("ru", "dark", 320, "Вы в эфире"),
        ("es", "light", 1200, "Estás en LIVE"),
    ],
)
async def test_every_language_fits_and_is_accessible(
    open_app: OpenApp, shoot: Shoot, language: str, scheme: str, width: int, title: str
):
    page = await open_app(
        bypass_csp=True,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 800},
    )
    await say_in(page, language)
    await expect(page.locator("#live-title")).to_have_text(title, timeout=30_000)

    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await shoot(page, f"app-home-{language}-{scheme}")
    await assert_accessible(page)


async def something_happens(page: Page) -> None:
    newest = page.locator("#feed > li time").first
    seen = await newest.get_attribute("datetime")
    await expect(newest).not_to_have_attribute("datetime", seen or "")


async def say_in(page: Page, language: str) -> None:
    await page.evaluate(
        "async language => (await import(document.querySelector('script[type=module]').src"
        ".replace('main.js', 'session.js'))).call('/settings', {language})",
        language,
    )
    await page.reload()
    await expect(page.locator(".nav")).to_be_visible()
