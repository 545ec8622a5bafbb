"""Why? in a browser: an event of the demo opened, filtered, played again; light, dark, in every language."""

import json
import re

import pytest
from playwright.async_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import OpenPage, Shoot
from tests.browser.hearing import noted, until_true
from tests.browser.stand_in import until
from tests.browser.test_demo import Demo

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

TITLES = {"ru": "Почему?", "es": "¿Por qué?", "en": "Why?"}
MARKS = {"ru": "Нужно не меньше", "es": "Pide al menos", "en": "It needs at least"}
PATIENCE = 30_000  # until the demo's LIVE has sent what is looked for


def seq_of(frame: str | bytes) -> int:
    return int(json.loads(frame).get("seq", 0))


def gifts(page: Page) -> Locator:
    return page.locator(".event:has(use[href$='#gift'])")


async def fits(page: Page) -> bool:
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


async def filtered(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        async with page.expect_response("**/app/view/history?*"):
            await page.select_option(f"[name={name}]", value)
    await expect(page.locator("#loading")).to_be_hidden()


async def test_from_the_feed_to_why_a_trigger_did_not_fire(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app", bypass_csp=True)
    await page.locator("#feed [data-type=gift] a", has_text="Rose").first.click(timeout=PATIENCE)

    await expect(page.locator(".event details")).to_have_attribute("open", "")
    await expect(page.locator(".why-not")).to_have_text("No player and no overlay was connected.")
    await expect(page.locator(".reasons").first).to_contain_text("It needs at least 99 diamonds; it was")
    await expect(page.locator(".reasons").first.locator("li")).to_have_count(4)
    await assert_accessible(page)
    await shoot(page, "app-history-event")

    await page.click("[data-replay]")
    await noted(page, re.compile(r"Nothing that plays is connected\."), is_bad=True)

    await page.click(".reasons a >> text=Big gifts")
    await page.wait_for_url("**/app/triggers/*")
    await expect(page.locator("#view h1")).to_have_text("Trigger")


async def test_filters_newer_ones_and_again(
    open_app: OpenApp, open_page: OpenPage, browser: Browser, demo: Demo, shoot: Shoot
):
    page = await open_app("/app/history", bypass_csp=True)
    await filtered(page, type="gift")
    await expect(gifts(page).first).to_be_visible()
    assert await page.locator(".event").count() == await gifts(page).count()
    who = await page.locator(".event strong").first.inner_text()

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "person=" in request.url else None)
    async with page.expect_response("**/app/view/history?*"):
        await page.locator("[name=person]").press_sequentially(who, delay=20)
    await expect(page.locator("#loading")).to_be_hidden()
    await expect(page.locator("[name=person]")).to_have_value(who)
    await expect(page.locator("[name=person]")).to_be_focused()
    assert "person=" in page.url
    assert len(asked) < len(who)
    assert all(who in name for name in await page.locator(".event strong").all_inner_texts())
    async with page.expect_response("**/app/view/history?*missed=true*"):
        await page.check("[name=missed]")
    await expect(page.locator(".event .pill").first).to_have_text("not heard")

    await open_page(browser, demo.said["player"])
    row = page.locator(".event").first
    await row.locator("summary").click()
    async with page.expect_response("**/replay"):
        await row.locator("[data-replay]").click()
    await noted(page, "Played again, as a test.")
    await expect(page.locator("#newer")).to_have_text("There are new events")  # the test is one, too
    await shoot(page, "app-history-filtered")

    await page.click("#newer")
    await expect(page.locator("#newer")).to_be_hidden()
    assert "missed=true" in page.url
    await page.fill("[name=person]", "nobody of this name")
    await page.press("[name=person]", "Enter")
    await expect(page.locator(".empty h2")).to_have_text("Nothing fits")
    await assert_accessible(page)
    await page.click(".empty .btn")
    await expect(page.locator(".event").first).to_be_visible()


NOT_CONFIRMED = """
const said = [], { send } = WebSocket.prototype;
let isHeld = true;
WebSocket.prototype.send = function (text) {
  if (isHeld && JSON.parse(text).action === "played") said.push([this, text]);
  else send.call(this, text);
};
window.confirm = () => {
  isHeld = false;
  for (const [socket, text] of said) send.call(socket, text);
};
"""  # what the player says of what it played is on its way until `confirm()`


async def test_what_was_sent_becomes_heard_by_itself(
    open_app: OpenApp, open_page: OpenPage, browser: Browser, demo: Demo
):
    player = await open_page(browser, demo.said["player"], script=NOT_CONFIRMED)
    page = await open_app("/app/history")
    before = await page.locator(".event").first.get_attribute("id")
    sent = page.locator(f".event:has([data-outcome=sent]):has(~ #{before})")
    while not await sent.count():
        await page.click("#newer", timeout=PATIENCE)
    row = page.locator(f"#{await sent.first.get_attribute('id')}")
    await row.locator("summary").click()
    await expect(row.locator(".why")).to_contain_text("No device has said that it played it.")

    await player.evaluate("confirm()")
    await expect(row.locator(".pill")).to_have_text("heard", timeout=PATIENCE)
    await expect(row.locator(".why")).to_contain_text("Played on the device at")
    await expect(row.locator("details")).to_have_attribute("open", "")


async def test_only_what_is_newer_and_looked_for_is_counted(open_app: OpenApp):
    page = await open_app("/app/account")
    late: list[tuple[WebSocketRoute, str | bytes]] = []
    told: list[int] = []
    is_late = True

    def pass_on(socket: WebSocketRoute) -> None:
        def heard(frame: str | bytes) -> None:
            if is_late and seq_of(frame):
                late.append((socket, frame))
                return
            socket.send(frame)
            told.append(seq_of(frame))

        socket.connect_to_server().on_message(heard)

    await page.route_web_socket("**/api/ws?*", pass_on)
    await page.reload()
    await until(lambda: len(late) > 5)
    newest = 0
    while newest < seq_of(late[5][1]):  # the journal is written a moment later
        await goto(page, "/app/account")
        await goto(page, "/app/history")
        newest = int(await page.locator(".history").get_attribute("data-newest") or 0)
    for socket, frame in late:
        if seq_of(frame) <= newest:  # the page shows it already
            socket.send(frame)
            told.append(seq_of(frame))
    assert len(told) > 5
    await until_true(page, "document.querySelector('#newer').hidden")
    is_late = False
    await expect(page.locator("#newer")).to_be_visible(timeout=PATIENCE)
    count = int((await page.locator("#newer").inner_text()).split()[0])
    assert count <= sum(seq > newest for seq in told)

    await goto(page, "/app/history?person=nobody+of+this+name")
    before = len(told)
    await until(lambda: len([seq for seq in told[before:] if seq]) > 3)
    await expect(page.locator("#newer")).to_be_hidden()

    await goto(page, "/app/history?missed=true")
    await expect(page.locator("#newer")).to_have_text("There are new events", timeout=PATIENCE)


async def test_every_language_light_and_dark_narrow_and_wide(open_app: OpenApp, shoot: Shoot):
    page = await open_app(
        "/app/account", color_scheme="dark", viewport={"width": 320, "height": 700}, bypass_csp=True
    )
    for language, title in TITLES.items():
        await goto(page, "/app/account")
        if not await page.is_checked(f"[name=language][value={language}]"):
            async with page.expect_response("**/app/view/frame"):
                await page.check(f"[name=language][value={language}]")
        await goto(page, "/app/history")
        await expect(page.locator("#view h1")).to_have_text(title)
        await shoot(page, f"app-history-{language}-dark")
        rose = gifts(page).filter(has_text="Rose").first
        await rose.locator("summary").click()
        await expect(rose.locator(".why")).to_contain_text(MARKS[language])
        assert await fits(page)
        await rose.scroll_into_view_if_needed()
        await shoot(page, f"app-history-open-{language}-dark")
    await assert_accessible(page)

    await page.set_viewport_size({"width": 1200, "height": 900})
    await page.emulate_media(color_scheme="light")
    await shoot(page, "app-history-wide")
