"""Overlay setup in a browser: addresses, each widget's look on the real overlay beside it, trying it out."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from core.overlay_look import STANDARD
from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import noted, until_true
from tests.browser.test_app_stats import fits, speak
from tests.browser.test_demo import Demo

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}
FULL_HD = {"viewport": {"width": 1920, "height": 1080}}
DESK = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"}
PUT = """([name, value]) => {
  const field = document.querySelector(`[name="${name}"]`);
  if (field.type === "checkbox") field.checked = value;
  else field.value = value;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, {bubbles: true}));
}"""
DRAWN = """name => {
  const node = document.querySelector(`[data-widget=${name}]`);
  const {left, top, right, bottom} = node.getBoundingClientRect();
  const plane = node.parentElement.getBoundingClientRect();
  const style = getComputedStyle(node);
  return {
    shown: !node.hidden, font: node.dataset.font, colour: style.color,
    accent: style.getPropertyValue("--accent"), ground: style.getPropertyValue("--ground"),
    scale: style.getPropertyValue("--scale"),
    fromRight: Math.round(plane.right - right), fromBottom: Math.round(plane.bottom - bottom),
  };
}"""


async def put(page: Page, name: str, value: object) -> None:
    """As a change of that field, wherever it is folded away."""
    async with page.expect_response("**/api/overlay/look"):
        await page.evaluate(PUT, [name, value])


async def overlay_of(browser: Browser, open_page: OpenPage, page: Page) -> Page:
    url = await page.inner_text("#address-overlay")
    overlay = await open_page(browser, url, **FULL_HD)
    await expect(overlay.locator("body")).to_have_attribute("data-connection", "open")
    return overlay


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("likes.target", "0", "A whole number from 1 to 1,000,000,000."),
        ("likes.target", "", "A whole number from 1 to 1,000,000,000."),
        ("likes.target", "99999999999999", "A whole number from 1 to 1,000,000,000."),
        ("likes.x", "500", "A whole number from 0 to 100."),
    ],
)
async def test_a_number_that_cannot_be_is_refused_with_what_can(
    open_app: OpenApp, shoot: Shoot, name: str, value: str, said: str
):
    page = await open_app("/app/overlay", refused=("400",), is_mobile=True, has_touch=True)
    await page.click("#more-likes summary")
    field = page.locator(f"[name='{name}']")
    await field.fill(value)
    await field.blur()

    problem = page.locator("#widget-likes .field-problem")
    await expect(problem).to_have_text(said)
    bar = await page.locator(".nav").bounding_box()
    box = await problem.bounding_box()
    assert bar is not None
    assert box is not None
    assert box["y"] + box["height"] <= bar["y"]
    await shoot(page, "app-overlay-wrong")


async def test_an_address_is_copied_and_said_once(open_app: OpenApp, demo: Demo, shoot: Shoot):
    page = await open_app("/app/overlay", is_mobile=True, has_touch=True, **CLIPBOARD)
    await page.click("#for-obs [data-copy]")
    await expect(page.locator(".toast")).to_have_text(["Copied"])
    assert await page.evaluate("navigator.clipboard.readText()") == demo.said["overlay"]
    await page.click("#qr-overlay summary")
    await expect(page.locator("#qr-overlay svg path")).to_be_visible()
    await shoot(page, "app-overlay")

    await page.click("#for-phone [data-copy]")
    assert await page.evaluate("navigator.clipboard.readText()") == demo.said["player"]


async def test_where_copying_is_not_allowed_the_address_is_marked(open_app: OpenApp):
    forbidden = "Object.defineProperty(navigator, 'clipboard', {}); document.execCommand = () => false;"
    page = await open_app("/app/overlay", script=forbidden)
    await page.click("#for-obs [data-copy]")

    await noted(page, re.compile(r"Copying is not allowed here\."), is_bad=True)
    marked = await page.evaluate("getSelection().toString()")
    assert marked == await page.inner_text("#address-overlay")


@pytest.mark.parametrize("name", STANDARD.__struct_fields__)
async def test_what_is_chosen_for_a_widget_is_drawn_by_the_overlay(
    browser: Browser, open_page: OpenPage, open_app: OpenApp, shoot: Shoot, name: str
):
    page = await open_app("/app/overlay", color_scheme="dark", **DESK)
    overlay = await overlay_of(browser, open_page, page)
    await put(page, f"{name}.on", True)
    await page.click(f"#more-{name} summary")
    async with page.expect_response("**/api/overlay/look"):
        await page.click(f"#more-{name} [data-spot='100 100']")
    await noted(page, "Saved")
    chosen = {"size": 140, "opacity": 50, "font": "serif"}
    colours = {"text": "#ffee00", "ground": "#102030", "accent": "#00ff00"}
    for key, value in {**chosen, **colours}.items():
        await put(page, f"{name}.{key}", value)
    await shoot(page, f"app-overlay-{name}-dark")

    await until_true(overlay, f"({DRAWN})('{name}').accent === '#00ff00'")
    await until_true(overlay, f"({DRAWN})('{name}').fromRight === 0")
    assert await overlay.evaluate(DRAWN, name) == {
        "shown": True,
        "font": "serif",
        "colour": "rgb(255, 238, 0)",
        "accent": "#00ff00",
        "ground": "rgba(16, 32, 48, 0.5)",
        "scale": "1.4",
        "fromRight": 0,
        "fromBottom": 0,
    }
    await overlay.reload()
    await until_true(overlay, f"({DRAWN})('{name}').font === 'serif'")
    await put(page, f"{name}.on", False)
    await until_true(overlay, f"!({DRAWN})('{name}').shown")
    await put(page, f"{name}.on", getattr(STANDARD, name).on)


async def test_it_is_moved_in_the_preview_by_dragging_and_by_keys(
    browser: Browser, open_page: OpenPage, open_app: OpenApp
):
    page = await open_app("/app/overlay", **DESK)
    overlay = await overlay_of(browser, open_page, page)
    await put(page, "follows.on", True)
    handle = page.locator("[data-handle=follows]")
    await expect(handle).to_be_visible()
    box = await handle.bounding_box()
    screen = await page.locator("#screen").bounding_box()
    assert box
    assert screen
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(screen["x"] + screen["width"] - 4, screen["y"] + screen["height"] - 4, steps=8)
    async with page.expect_response("**/api/overlay/look"):
        await page.mouse.up()
    await expect(page.locator("[name='follows.x']")).to_have_value("100")
    async with page.expect_response("**/api/overlay/look"):
        await handle.press("Shift+ArrowLeft")

    await expect(page.locator("[name='follows.x']")).not_to_have_value("100")
    x = await page.input_value("[name='follows.x']")
    shown = "getComputedStyle(document.querySelector('[data-widget=follows]')).getPropertyValue('--x')"
    await until_true(overlay, f"{shown} === '{x}'")


async def test_what_is_tried_is_in_the_preview_and_if_wanted_on_the_overlay(
    browser: Browser, open_page: OpenPage, open_app: OpenApp, shoot: Shoot
):
    page = await open_app("/app/overlay", **DESK)
    overlay = await overlay_of(browser, open_page, page)
    await put(page, "feed.on", True)
    preview = page.frame_locator("#screen iframe")
    await page.click("[data-try=follow]")
    await expect(preview.locator(".feed-row").last).to_contain_text("followed")
    await page.click("[data-try=gift]")
    await expect(preview.locator(".alert.is-shown:not(.is-sample)")).to_be_visible()
    await shoot(page, "app-overlay-tried")

    await page.click("label:has(#in-obs)")
    await page.click("[data-try=follow]")
    await noted(page, "Saved")
    await noted(page, "Sent to OBS")
    await expect(overlay.locator(".alert.is-shown", has_text="follows you")).to_be_visible(timeout=30_000)
    await page.click("[data-shape=tall]")
    await expect(page.locator("#screen")).to_have_attribute("data-shape", "tall")


async def test_whether_it_is_tried_in_obs_stays_as_chosen_where_the_page_is_made_fresh(open_app: OpenApp):
    page = await open_app("/app/overlay", **DESK)
    await page.click("label:has(#in-obs)")
    await page.evaluate(
        "document.querySelector('#view > *').addEventListener('freshened', () => { window.isFresh = true; })"
    )
    await page.evaluate("dispatchEvent(new Event('online'))")
    await until_true(page, "window.isFresh === true")
    await expect(page.locator("#in-obs")).to_be_checked()


async def test_back_to_how_it_was_at_first_can_itself_be_taken_back(open_app: OpenApp):
    page = await open_app("/app/overlay", **DESK)
    await put(page, "likes.title", "Дойдём!")
    await expect(page.locator("[name='likes.title']")).to_have_attribute("value", "Дойдём!")
    await page.click("#standard")
    await expect(page.locator("[name='likes.title']")).to_have_value("")
    await expect(page.locator("#standard")).to_have_count(0)
    await page.click(".toast button:has-text('Undo')")
    await expect(page.locator("[name='likes.title']")).to_have_value("Дойдём!")


@pytest.mark.parametrize(
    ("language", "scheme", "width", "title"),
    [("ru", "light", 390, "Оверлей"), ("es", "dark", 320, "Overlay")],
)
async def test_every_language_fits_and_is_accessible(
    open_app: OpenApp, shoot: Shoot, language: str, scheme: str, width: int, title: str
):
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 700}, "bypass_csp": True}
    page = await open_app("/app/account", **look)
    await speak(page, language)
    await goto(page, "/app/overlay")
    await expect(page.locator("#view h1")).to_have_text(title)
    await page.click("#more-likes summary")

    assert await fits(page)
    await shoot(page, f"app-overlay-{language}-{scheme}")
    await assert_accessible(page)
    await speak(page, "en")


async def test_new_addresses_end_the_old_pages(
    browser: Browser, open_page: OpenPage, open_app: OpenApp, complaints: Complaints
):
    page = await open_app("/app/overlay", refused=("404",), **DESK)
    overlay = await overlay_of(browser, open_page, page)
    before = await page.inner_text("#address-overlay")
    await page.click("[data-call='/overlay/rotate']")
    await page.click("#ask [value='']")
    assert await page.inner_text("#address-overlay") == before
    await page.click("[data-call='/overlay/rotate']")
    await page.click("#ask [value=yes]")

    await expect(page.locator("#address-overlay")).not_to_have_text(before)
    await expect(overlay.locator("#notice")).to_contain_text("no longer works", timeout=30_000)
    again = await open_page(browser, before)
    await expect(again.locator("[data-widget]")).to_have_count(0)
    fresh = await overlay_of(browser, open_page, page)
    await expect(fresh.locator("#notice")).to_be_hidden()
