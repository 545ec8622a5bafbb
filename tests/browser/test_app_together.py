"""Two browsers of one streamer: what is changed in one is seen in the other, without anybody reloading."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.app_kit import OpenApp, demo, goto, open_app
from tests.browser.dragging import drop_below, hold
from tests.browser.hearing import noted
from tests.browser.stand_in import tone

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

VIDEO = "https://www.tiktok.com/@demo_streamer/video/7300000000000000077"
DELETE = """async (id) => {
    const main = document.querySelector("script[type=module]").src;
    await (await import(main.replace("main.js", "session.js"))).call("/triggers/delete", {id});
}"""
SOON = 10_000  # milliseconds; a change comes by itself


async def two(open_app: OpenApp, path: str, **options: object) -> tuple[Page, Page]:
    return await open_app(path, **options), await open_app(path, **options)


async def test_triggers(open_app: OpenApp):
    here, there = await two(open_app, "/app/triggers")
    first = there.locator("#list > li").first
    await expect(first.locator("[name=enabled]")).to_be_checked()
    await here.locator("#list > li").first.locator("label.switch").click()
    await expect(first.locator("[name=enabled]")).not_to_be_checked(timeout=SOON)
    await here.locator("#list > li").first.locator("label.switch").click()
    await expect(first.locator("[name=enabled]")).to_be_checked(timeout=SOON)

    count = await there.locator("#list > li").count()
    last = there.locator("#list > li").last.locator("[name=enabled]")
    await here.locator("#list > li").last.locator("[data-menu]").click()
    await here.click("#sheet >> text=Delete")
    await expect(last).not_to_be_checked(timeout=SOON)  # it is gone once it is too late for Undo
    await here.locator(".toast button:has-text('Undo')").last.click()
    await expect(last).to_be_checked(timeout=SOON)
    await expect(there.locator("#list > li")).to_have_count(count)


async def test_a_row_in_hand_is_not_taken_away_by_somebody_elses_order(open_app: OpenApp):
    here, there = await two(open_app, "/app/triggers")
    await hold(there)

    await here.locator(".handle").first.press("ArrowDown")
    await noted(here, re.compile("is number 2|2 of"))
    await noted(here, re.compile("New order saved"))
    await here.wait_for_timeout(1_000)  # until it is known there
    await drop_below(there, 1)

    await noted(there, re.compile("New order saved"))


async def test_a_trigger_changed_meanwhile_is_saved_over_only_where_that_is_wanted(open_app: OpenApp):
    here, there = await two(open_app, "/app/triggers/2", refused=("409",))
    for page in (here, there):
        await page.click("#advanced > summary")
    await here.fill("[name=name]", "Theirs")
    await here.click("#editor [type=submit]")
    await expect(here.locator("#list")).to_be_visible()

    await there.fill("[name=name]", "Mine")
    for answer in ("", "yes"):
        await there.click("#editor [type=submit]")
        await expect(there.locator("#ask")).to_contain_text("changed meanwhile")
        await there.click(f"#ask [value='{answer}']")
        if not answer:
            await expect(there.locator("[name=name]")).to_have_value("Mine")
            await expect(here.locator("#list")).to_contain_text("Theirs")
    await expect(there.locator("#list")).to_contain_text("Mine")
    await expect(here.locator("#list")).to_contain_text("Mine", timeout=SOON)


async def test_a_trigger_deleted_meanwhile_can_be_saved_as_a_new_one(open_app: OpenApp):
    page = await open_app("/app/triggers/new", refused=("404",))
    await page.click("#advanced > summary")
    await page.fill("[name=name]", "Goes and comes")
    await page.click("#editor [type=submit]")
    row = page.locator("#list > li", has_text="Goes and comes")
    number = await row.get_attribute("data-id")
    await goto(page, f"/app/triggers/{number}")
    await page.click("#advanced > summary")
    await page.fill("[name=cooldown_seconds]", "7")
    await page.evaluate(DELETE, int(number or 0))
    await page.click("#editor [type=submit]")
    await expect(page.locator("#ask")).to_contain_text("deleted meanwhile")
    await page.click("#ask [value=yes]")
    await expect(row).to_be_visible()
    assert await row.get_attribute("data-id") != number


async def test_settings_change_elsewhere_and_what_is_being_typed_stays(open_app: OpenApp):
    here, there = await two(open_app, "/app/chat")
    await there.fill("#try [name=name]", "Somebody else")
    await there.fill("#try [name=text]", "Half a sen")
    await there.fill("[name=blocked_users]", "@half")  # not left yet

    await here.locator("label:has(> [value=follower])").click()
    await here.fill("[name=chat_tts_max_length]", "77")
    await here.locator("[name=chat_tts_max_length]").blur()

    await expect(there.locator("[value=follower]")).to_be_checked(timeout=SOON)
    await expect(there.locator("[name=chat_tts_max_length]")).to_have_value("77", timeout=SOON)
    await expect(there.locator("#try [name=name]")).to_have_value("Somebody else")
    await expect(there.locator("#try [name=text]")).to_have_value("Half a sen")
    await expect(there.locator("[name=blocked_users]")).to_have_value("@half")


async def test_two_may_add_to_one_list(open_app: OpenApp):
    here, there = await two(open_app, "/app/chat")
    words = "[name=blocked_words]"
    await here.fill(words, "first")
    await here.locator(words).blur()
    await noted(here, "Saved")
    await expect(there.locator(words)).to_have_value("first", timeout=SOON)
    await there.fill(words, "theirs")  # one taken away, one added, and not left yet
    await here.fill(words, "first\nmine")
    await here.locator(words).blur()
    await noted(here, "Saved")
    await there.locator(words).blur()

    for page in (here, there):
        await expect(page.locator(words)).to_have_value("mine\ntheirs", timeout=SOON)


async def test_sounds(open_app: OpenApp):
    here, there = await two(open_app, "/app/sounds")
    file = {"name": "shared.wav", "mimeType": "audio/wav", "buffer": tone(0.4)}
    await here.set_input_files("#files", file)

    row = there.locator('.sound[data-name="shared.wav"]')
    await expect(row).to_be_visible(timeout=30_000)
    await row.locator(".more").click()
    await row.locator("[data-rename]").click()
    await there.fill("#renaming [name=filename]", "renamed.wav")
    await there.click("#renaming [type=submit]")
    await expect(here.locator('.sound[data-name="renamed.wav"]')).to_be_visible(timeout=SOON)


async def test_a_live_that_goes_on_and_off(open_app: OpenApp):
    here, there = await two(open_app, "/app", reduced_motion="reduce")
    for page in (here, there):
        await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)
    await here.click("#switch-off")
    await expect(there.locator("#live-title")).to_have_text("TTBoost is off", timeout=SOON)
    await there.click("#live .switch-on, #switch-on")
    for page in (here, there):
        await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)


async def held_back(page: Page) -> asyncio.Event:
    """The page is drawn anew; its socket is let in when the event is set."""
    is_let_in = asyncio.Event()

    async def late(route: Route) -> None:
        await is_let_in.wait()
        await route.continue_()

    await page.route("**/api/ws/ticket", late)
    async with page.expect_request("**/api/ws/ticket"):
        await page.reload()
    return is_let_in


async def test_a_live_that_went_off_before_the_page_could_hear_it(open_app: OpenApp):
    here, there = await two(open_app, "/app", reduced_motion="reduce")
    for page in (here, there):
        await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)
    is_let_in = await held_back(there)
    await expect(there.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)
    await here.click("#switch-off")
    await expect(here.locator("#live-title")).to_have_text("TTBoost is off", timeout=SOON)
    is_let_in.set()
    await expect(there.locator("#live-title")).to_have_text("TTBoost is off", timeout=SOON)
    await here.click("#switch-on")
    for page in (here, there):
        await expect(page.locator("#live-title")).to_have_text("You are LIVE", timeout=30_000)


async def test_what_was_saved_before_the_page_could_hear_it(open_app: OpenApp):
    here, there = await two(open_app, "/app/triggers")
    first = there.locator("#list > li").first
    is_let_in = await held_back(there)
    await expect(first.locator("[name=enabled]")).to_be_checked()
    await here.locator("#list > li").first.locator("label.switch").click()
    await expect(here.locator("#list > li").first.locator("[name=enabled]")).not_to_be_checked()
    await asyncio.sleep(3)  # longer than what was saved is told to who is late
    is_let_in.set()
    await expect(first.locator("[name=enabled]")).not_to_be_checked(timeout=SOON)
    await here.locator("#list > li").first.locator("label.switch").click()
    await expect(first.locator("[name=enabled]")).to_be_checked(timeout=SOON)


async def test_orders(open_app: OpenApp):
    here, there = await two(open_app, "/app/promotion")
    count = await there.locator("[data-key^=ORD-]").count()
    await there.fill("[name=view_count]", "4321")
    await here.fill("[name=video_url]", VIDEO)
    await here.fill("[name=view_count]", "1000")
    await here.click("#order-form [type=submit]")
    await here.wait_for_url("**/app/promotion/ORD-*")
    number = here.url.rsplit("/", 1)[1]

    row = there.locator(f"[data-key='{number}']")
    await expect(row).to_be_visible(timeout=SOON)
    await expect(there.locator("[data-key^=ORD-]")).to_have_count(count + 1)
    await expect(row).to_contain_text("Being shown", timeout=30_000)
    await expect(there.locator("[name=view_count]")).to_have_value("4321")
    await here.click("text=Cancel the order")
    await here.click("#ask [value=yes]")
    await expect(row).not_to_contain_text("Being shown", timeout=30_000)


async def test_a_language_chosen_there_is_not_forced_upon_what_is_read_here(open_app: OpenApp):
    here, there = await two(open_app, "/app/account")
    await goto(there, "/app/sounds")
    await here.check("[name=language][value=es]")
    await expect(here.locator("#view h1")).to_have_text("Cuenta")
    await there.reload()
    await expect(there.locator("#view h1")).to_have_text("Sonidos")
    await here.check("[name=language][value=en]")
    await expect(here.locator("#view h1")).to_have_text("Account")
