"""What a frame of the overlay costs, and that one sees through it wherever nothing is drawn."""

import asyncio
import base64
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.hearing import until_true
from tests.browser.stand_in import StandIn
from tests.browser.test_overlay_widgets import MOVED, WATCH_FRAMES, gifter, layouts, look, opened, totals

pytestmark = pytest.mark.asyncio(loop_scope="session")

OF_EVERY_KEYFRAME = {"offset", "computedOffset", "easing", "composite"}
NEXT_FRAMES = """count => new Promise((resolve) => {
  const next = (left) => (left ? requestAnimationFrame(() => next(left - 1)) : resolve());
  next(count);
})"""
SEEN_THROUGH = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const {data: pixels} = canvas.getImageData(0, 0, image.width, image.height);
  let clear = 0;
  for (let at = 3; at < pixels.length; at += 4) clear += pixels[at] === 0;
  return clear / (image.width * image.height);
}"""


STAYS = {"duration": 20}  # seconds: it does not go while frames are counted, however slow they are


def alert(text: str) -> dict[str, Any]:
    return {"trigger_id": 1, "action": "alert", "text": text, "image": "party", "duration": 2}


async def seen_through(page: Page) -> float:
    """The share of the picture that is nothing at all."""
    picture = await page.screenshot(omit_background=True)
    return float(await page.evaluate(SEEN_THROUGH, base64.b64encode(picture).decode()))


async def settled(page: Page, devtools: CDPSession) -> int:
    """Layouts so far, once what has come stands in its place."""
    before = -1
    async with asyncio.timeout(30):
        while before != (before := await layouts(devtools)):
            await page.evaluate(NEXT_FRAMES, 3)
    return before


async def layouts_in(frames: int, page: Page, devtools: CDPSession) -> int:
    before = await layouts(devtools)
    await page.evaluate(NEXT_FRAMES, frames)
    return await layouts(devtools) - before


async def test_alerts_and_reached_goals_move_by_transform_and_opacity_alone(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(browser, open_page, server)
    await server.say("look", look=look())
    await server.say("totals", **totals(likes=1, gifters=[gifter("Ben", 1)]))
    await page.evaluate(WATCH_FRAMES)

    await server.publish(
        "gift", user="Anna", username="anna", gift_name="Rose", count=1, effects=[alert("Hi")]
    )
    gifters = [gifter("Anna", 9), gifter("Ben", 1)]
    await server.say("totals", **totals(likes=10_000, diamonds=1_000, gifters=gifters))
    await expect(page.locator(".alert.is-shown")).to_be_visible()
    await expect(page.locator(".alert")).to_have_count(0, timeout=30_000)  # come, settled and gone

    properties = set(await page.evaluate("[...moved]"))
    assert properties - OF_EVERY_KEYFRAME == set(MOVED)


async def test_while_something_moves_nothing_is_laid_out(
    whole_browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(whole_browser, open_page, server)
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    await server.say("look", look=look())
    await server.publish(
        "gift", user="Anna", username="anna", gift_name="Rose", count=1, effects=[alert("Hi") | STAYS]
    )
    await server.say("totals", **totals(likes=10_000))
    await until_true(page, "document.querySelector('.alert.is-shown img')?.complete === true")
    await settled(page, devtools)

    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    laid_out = []
    while await page.evaluate(moving) > 0 and len(laid_out) < 3:
        laid_out.append(await layouts_in(15, page, devtools))

    assert min(laid_out) <= 1  # not once a frame; what comes to its end meanwhile is laid out, too


async def test_all_but_what_is_drawn_is_seen_through(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(browser, open_page, server, color_scheme="dark")
    server.status["demo"] = False
    await server.say("status", last_seq=0, paused=False, **server.status | {"demo": False})
    await expect(page.locator("#demo")).to_be_hidden()
    assert await seen_through(page) == 1

    await server.say("look", look=look(alerts={"on": False}))
    await server.say("totals", **totals(likes=10, gifters=[gifter("Ben", 1)]))
    await expect(page.locator(".gifter-name")).to_be_visible()
    await page.wait_for_timeout(900)

    assert 0.5 < await seen_through(page) < 1
