"""The Mini App where answers are slow: the last word holds, nothing is done twice, nothing typed is lost."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.app_kit import OpenApp, demo, goto, open_app
from tests.browser.hearing import noted
from tests.browser.losing import answer_lost

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

Slow = Callable[[Page, str, Sequence[float]], Awaitable[list[str]]]


@pytest_asyncio.fixture(loop_scope="session")
async def slow() -> AsyncIterator[Slow]:
    """`await slow(page, "**/api/settings", [1.5, 0])`: seconds each is held back, the rest as the last.

    Returns what was sent so far, which grows.
    """

    async def made(page: Page, address: str, seconds: Sequence[float]) -> list[str]:
        sent: list[str] = []

        async def late(route: Route) -> None:
            place = min(len(sent), len(seconds) - 1)
            sent.append(route.request.post_data or "")
            await asyncio.sleep(seconds[place])
            await route.continue_()

        await page.route(address, late)
        return sent

    yield made


async def until(sent: list[str], count: int) -> None:
    async with asyncio.timeout(30):
        while len(sent) < count:
            await asyncio.sleep(0.05)


async def write_trigger(page: Page, name: str) -> None:
    await page.click("#editor details:has([name=name]) > summary")
    await page.fill("#editor [name=name]", name)


async def test_of_quick_changes_the_last_one_holds(open_app: OpenApp, slow: Slow):
    page = await open_app("/app/chat")
    box = page.locator("[name=tts_enabled]")
    await expect(box).to_be_checked()
    sent = await slow(page, "**/api/settings", [1.5, 0])
    for _ in range(2):
        await page.locator("label.switch:has([name=tts_enabled])").click()

    await until(sent, 2)
    await noted(page, "Saved")
    await page.unroute_all(behavior="wait")
    await page.reload()
    await expect(box).to_be_checked()


async def test_what_is_typed_while_the_page_is_looked_up_stays_and_keeps_the_focus(
    open_app: OpenApp, slow: Slow
):
    page = await open_app("/app/triggers")
    asked = await slow(page, "**/app/view/triggers?q=*", [1.5, 0])
    find = page.locator("#find")
    await find.press_sequentially("big")
    await until(asked, 1)
    await find.press_sequentially(" gifts")

    await until(asked, 2)
    await expect(page.locator("#list > li")).to_have_count(1)
    await expect(find).to_have_value("big gifts")
    await expect(find).to_be_focused()


async def test_an_order_sent_twice_is_one(open_app: OpenApp, slow: Slow):
    page = await open_app("/app/promotion")
    sent = await slow(page, "**/api/orders", [1.5])
    await page.fill("[name=video_url]", "https://www.tiktok.com/@demo_streamer/video/7301234567890123456")
    await page.fill("[name=view_count]", "100")
    order = page.locator("#order-form [type=submit]")
    await expect(order).to_be_enabled()
    await order.dblclick()
    await page.press("[name=view_count]", "Enter")

    await page.wait_for_url("**/app/promotion/ORD-*")
    await page.unroute_all(behavior="wait")
    assert len(sent) == 1


async def test_a_second_enter_neither_closes_nor_claims_what_is_not_done_yet(open_app: OpenApp, slow: Slow):
    page = await open_app("/app/chat")
    sent = await slow(page, "**/api/settings", [1.5])
    await page.fill("#name-it [name=name]", "Zoë")
    say = page.locator("#name-it [name=say]")
    await say.fill("Zo-ee")
    await say.press("Enter")
    await until(sent, 1)
    await say.press("Enter")

    await expect(say).to_have_value("Zo-ee")
    await expect(page.locator(".toast")).to_have_count(0)
    await expect(page.locator("#names [data-name=Zoë]")).to_be_visible()
    await expect(say).to_have_value("")


async def test_who_went_on_is_not_called_back_by_a_late_answer(open_app: OpenApp, slow: Slow):
    page = await open_app("/app/triggers/new")
    sent = await slow(page, "**/api/triggers", [1.5])
    await write_trigger(page, "Saved late")
    await page.click("#editor [type=submit]")
    await until(sent, 1)
    await page.click(".nav a[href='/app/sounds']")
    await page.click("#ask [value=yes]")
    await expect(page.locator("#drop")).to_be_visible()

    await expect(page.locator(".toast")).to_be_visible()
    await expect(page.locator("#drop")).to_be_visible()
    assert page.url.endswith("/app/sounds")
    await goto(page, "/app/triggers")
    await expect(page.locator("#list")).to_contain_text("Saved late")


async def test_a_trigger_whose_answer_got_lost_is_saved_once(open_app: OpenApp):
    page = await open_app("/app/triggers", refused=("net::ERR",))
    count = await page.locator("#list > li").count()
    await page.click("#view a[href='/app/triggers/new']")
    await write_trigger(page, "Said into the void ")
    await answer_lost(page, "**/api/triggers")
    await page.click("#editor [type=submit]")
    await expect(page.locator("#editor > .problem")).to_contain_text("No connection")
    await page.click("#editor [type=submit]")
    await expect(page.locator("#list")).to_contain_text("Said into the void")
    await expect(page.locator("#list > li")).to_have_count(count + 1)

    await page.go_back()  # not to another new one
    await expect(page.locator("#list > li")).to_have_count(count + 1)


async def test_leaving_what_is_not_saved_asks_once(open_app: OpenApp):
    page = await open_app("/app/triggers")
    await page.click("#view a[href='/app/triggers/new']")
    await write_trigger(page, "Half done")

    await page.click(".nav a[href='/app/sounds']")
    await expect(page.locator("#ask-text")).to_have_text("Leave without saving?")
    await page.click("#ask [value='']")
    await expect(page.locator("#editor [name=name]")).to_have_value("Half done")
    await page.evaluate("history.back()")
    await expect(page.locator("#ask")).to_be_visible()
    await page.wait_for_url("**/app/triggers/new")  # it is asked at once, the address follows
    await page.click("#ask [value='']")
    await expect(page.locator("#editor [name=name]")).to_have_value("Half done")

    await page.evaluate("history.back()")
    await page.click("#ask [value=yes]")
    await expect(page.locator("#list")).to_be_visible()
    await page.go_forward()
    await expect(page.locator("#editor [name=name]")).to_have_value("")


async def test_a_question_right_after_another_is_answered_by_its_own_word(open_app: OpenApp):
    page = await open_app("/app/triggers/new")
    await write_trigger(page, "Half done")
    await page.click(".nav a[href='/app/sounds']")
    await page.evaluate(
        """() => {
          document.querySelector("#ask [value='']").click();
          document.querySelector(".nav a[href='/app/sounds']").click();
        }"""
    )

    await expect(page.locator("#ask")).to_be_visible()
    await page.click("#ask [value=yes]")
    await expect(page.locator("#drop")).to_be_visible()


async def test_what_was_changed_back_needs_no_question(open_app: OpenApp):
    page = await open_app("/app/triggers/new")
    await write_trigger(page, "Not kept")
    await page.fill("#editor [name=name]", "")

    await page.click(".nav a[href='/app/sounds']")
    await expect(page.locator("#drop")).to_be_visible()


async def test_an_open_menu_stays_open_when_the_page_is_made_fresh(open_app: OpenApp):
    page = await open_app("/app/sounds")
    bell = page.locator('#built-in [data-name="bell"]')
    await bell.locator(".more").click()
    async with page.expect_response("**/app/view/sounds"):
        await page.evaluate("dispatchEvent(new Event('online'))")
    await page.wait_for_timeout(100)

    await expect(bell.locator(".more")).to_have_attribute("aria-expanded", "true")
    await expect(bell.locator(".sound-acts")).to_be_visible()


async def test_gifts_that_cannot_be_fetched_are_told_and_can_be_looked_for_again(open_app: OpenApp):
    page = await open_app("/app/triggers/new", refused=("net::ERR",))
    await page.route("**/api/gifts?*", lambda route: route.abort())
    await page.click("[data-slot=gift]")
    await expect(page.locator("#sheet .problem")).to_contain_text("No connection")
    await expect(page.locator("#sheet .choice")).to_have_count(1)  # any gift can be chosen all the same

    await page.unroute_all()
    await page.fill("#sheet [type=search]", "unheard of")
    await expect(page.locator("#sheet .btn.wide")).to_contain_text("unheard of")
    await expect(page.locator("#sheet .problem")).to_have_count(0)


async def test_what_changed_while_something_was_typed_is_seen_once_it_is_given_up(open_app: OpenApp):
    page, other = await open_app(), await open_app()
    await page.click("#rename summary")
    name = page.locator("#rename [name=tiktok_username]")
    await name.fill("somebody.else")
    await other.click("label.switch:has([name=auto_connect_live])")
    await noted(other, "Saved")

    await page.wait_for_timeout(500)
    await expect(page.locator("[name=auto_connect_live]")).not_to_be_checked()
    await name.fill("demo_streamer")
    await expect(page.locator("[name=auto_connect_live]")).to_be_checked()
    await page.click("label.switch:has([name=auto_connect_live])")
    await noted(page, "Saved")


async def test_taking_back_what_fails_can_be_tried_again(open_app: OpenApp):
    page = await open_app("/app/triggers", refused=("net::ERR", "WebSocket", "Failed to load"))
    row = page.locator("#list > li", has_text="New follower")
    await row.locator("[data-menu]").click()
    await page.locator("#sheet .choice").last.click()
    await expect(row).to_be_hidden()

    await page.context.set_offline(True)
    await page.click(".toast button")
    await noted(page, "“New follower” deletedUndo")
    await noted(page, re.compile("No connection"), is_bad=True)
    await page.context.set_offline(False)
    await page.click(".toast.is-bad button")
    await expect(row).to_be_visible()


async def test_a_page_comes_with_its_script(open_app: OpenApp, slow: Slow):
    page = await open_app()
    scripts = await slow(page, "**/app/pages/triggers.js", [1.5])

    await goto(page, "/app/triggers")
    assert len(scripts) == 1
    await page.locator("#list [data-menu]").first.click()

    await expect(page.locator("#sheet")).to_be_visible()
