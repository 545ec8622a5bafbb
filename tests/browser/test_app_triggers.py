"""Triggers in a browser: made as a sentence, tried, put in order, deleted and taken back, kept in files."""

import json
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import noted

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def names(page: Page) -> list[str]:
    return await page.locator("#list .trigger-main strong").all_inner_texts()


async def test_a_trigger_is_made_as_a_sentence_and_fires(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers", refused=("400",))
    await expect(page.locator("#list > li")).to_have_count(6)
    await shoot(page, "app-triggers")
    await page.click("text=New trigger")
    await expect(page.locator("#sentence")).to_have_text("When somebody sends any gift, play bell")

    await page.click("[data-slot=gift]")
    await page.fill("#sheet [type=search]", "Rose")
    await page.click("#sheet-body :is(.choice, .btn):has-text('Rose')")  # seen already, or by its name
    await page.click("#adds >> text=Worth at least")
    await page.fill("#sheet [name=value]", "10")
    await page.click("#sheet >> text=Done")
    await page.click("[data-slot=done]")
    await shoot(page, "app-trigger-sounds")
    await page.click("#sheet .choice:has-text('fanfare')")
    await expect(page.locator("#sentence")).to_have_text(
        "When somebody sends Rose worth at least 10 diamonds, play fanfare"
    )
    await shoot(page, "app-trigger")
    await page.click("#try")
    await noted(page, re.compile("Played here"))
    await page.click("text=Save")

    await expect(page.locator("#list > li")).to_have_count(7)
    assert "When somebody sends Rose worth at least 10 diamonds, play fanfare" in await names(page)


async def test_what_is_said_shows_an_example_and_what_is_wrong(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers/new", refused=("400",), color_scheme="dark")
    await page.click("[data-slot=action]")
    await page.click("#sheet .choice:has-text('Say something')")
    await page.fill("[name=say]", "Thanks ")
    await page.click("[data-into=say][data-insert='{user}']")
    await expect(page.locator("[data-example=say]")).to_have_text("For example: Thanks Anna")
    await shoot(page, "app-trigger-say-dark")

    await page.fill("[name=say]", "Thanks {nobody}")
    await page.click("#editor [type=submit]")

    await expect(page.locator("[data-act=tts] .field-problem")).to_contain_text(
        "Something is wrong in this text"
    )


async def test_order_by_keys_deleting_and_taking_back(open_app: OpenApp):
    page = await open_app("/app/triggers")
    before = await names(page)
    await page.locator(".handle").nth(1).press("ArrowUp")
    await noted(page, f"{before[1]}: place 1 of {len(before)}")
    await noted(page, re.compile("New order saved"))
    assert (await names(page))[:2] == [before[1], before[0]]

    await page.locator("#list > li").first.locator("[data-menu]").click()
    await page.click("#sheet >> text=Delete")
    await noted(page, re.compile(re.escape(f"“{before[1]}” deleted")))
    await expect(page.locator("#list > li")).to_have_count(len(before) - 1)
    await page.locator(".toast button:has-text('Undo')").last.click()
    await expect(page.locator("#list > li")).to_have_count(len(before))


async def test_order_by_dragging_is_kept(open_app: OpenApp):
    page = await open_app("/app/triggers")
    before = await names(page)
    handle = await page.locator(".handle").first.bounding_box()
    third = await page.locator("#list > li").nth(2).bounding_box()
    assert handle
    assert third

    await page.mouse.move(handle["x"] + 10, handle["y"] + 10)
    await page.mouse.down()
    await page.mouse.move(handle["x"] + 10, third["y"] + third["height"] - 4, steps=12)
    await page.mouse.up()

    await noted(page, re.compile("New order saved"))
    await page.reload()
    await expect(page.locator("#list")).to_be_visible()
    assert await names(page) == [before[1], before[2], before[0], *before[3:]]


async def test_sets_and_files(open_app: OpenApp):
    page = await open_app("/app/triggers", refused=("400",))
    count = len(await names(page))
    await page.click("text=Ready-made sets")
    await page.click("[data-set=followers]")
    await noted(page, re.compile("added"))
    await expect(page.locator("#list > li")).not_to_have_count(count)
    await page.locator(".toast button:has-text('Undo')").last.click()
    await expect(page.locator("#list > li")).to_have_count(count)

    await page.click("text=Keep or carry over")
    async with page.expect_download() as saved:
        await page.click("[data-export=file]")
    written = json.loads((await (await saved.value).path()).read_text("utf-8"))
    assert len(written["triggers"]) == count
    await page.set_input_files("#import", await (await saved.value).path())
    await noted(page, re.compile(r"Everything in it is here already\."))
    file = {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
    await page.set_input_files("#import", file)
    await expect(page.locator("#import-problem")).to_contain_text("Nothing was loaded.")
    async with page.expect_response("**/app/view/triggers"):
        await page.evaluate("dispatchEvent(new Event('online'))")  # the page is fetched again
    await page.wait_for_timeout(200)
    await expect(page.locator("#import-problem")).to_contain_text("Nothing was loaded.")


@pytest.mark.parametrize("path", ["/app/triggers", "/app/triggers/new"])
async def test_it_fits_a_small_phone_and_is_accessible(open_app: OpenApp, shoot: Shoot, path: str):
    page = await open_app(path, bypass_csp=True, viewport={"width": 320, "height": 640})
    await assert_accessible(page)
    await shoot(page, f"app{path.replace('/', '-')}-320")

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await goto(page, "/app/triggers")
    await page.fill("#find", "rose")
    await expect(page.locator("#list > li")).not_to_have_count(0)
    await page.fill("#find", "nothing of this name")
    await expect(page.locator("#nothing-found")).to_be_visible()
