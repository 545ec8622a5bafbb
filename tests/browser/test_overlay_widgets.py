"""What the overlay draws beside alerts: the feed, goals, top gifters; as the app says, and through floods."""

from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, Page, expect

from core.overlay_look import STANDARD, changed
from tests.browser.conftest import OpenPage, Shoot
from tests.browser.stand_in import StandIn

pytestmark = pytest.mark.asyncio(loop_scope="session")

FULL_HD = {"viewport": {"width": 1920, "height": 1080}}
UPRIGHT = {"viewport": {"width": 1080, "height": 1920}}
ON: dict[str, dict[str, Any]] = {name: {"on": True} for name in STANDARD.__struct_fields__}
MOVED = ("transform", "opacity")

FLOOD = 200
ROWS = 6
WATCH_FRAMES = """() => {
  window.frames_at = []; window.moved = new Set();
  const look = (now) => {
    frames_at.push(now);
    for (const one of document.getAnimations()) {
      const steps = one.effect.getKeyframes();
      for (const step of steps) for (const name of Object.keys(step)) moved.add(name);
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def look(**changes: dict[str, Any]) -> Any:
    merged = {name: {**values, **changes.get(name, {})} for name, values in ON.items()}
    return msgspec.to_builtins(changed(STANDARD, merged))


def totals(room_id: str | None = "7001", **numbers: Any) -> dict[str, Any]:
    return {"room_id": room_id, "likes": 0, "follows": 0, "diamonds": 0, "gifters": [], **numbers}


def gifter(user: str, diamonds: int) -> dict[str, Any]:
    return {"user": user, "username": user.lower(), "diamonds": diamonds}


async def opened(browser: Browser, open_page: OpenPage, server: StandIn, **options: Any) -> Page:
    page = await open_page(browser, server.url("overlay"), **{**FULL_HD, **options})
    await server.visited()
    return page


@pytest.mark.parametrize(("name", "shape"), [("wide", FULL_HD), ("tall", UPRIGHT)])
async def test_every_widget_is_drawn_where_and_as_it_is_told(
    name: str, shape: Any, browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await opened(browser, open_page, server, **shape)
    await expect(page.locator(".feed")).to_be_hidden()

    chosen = {"likes": {"title": "Дойдём!", "x": 100, "y": 0, "accent": "#00ff00", "target": 10_000}}
    await server.say("look", look=look(**chosen))
    gifters = [gifter("<b>Anna</b>", 1_340), gifter("Ben", 40)]
    await server.say("totals", **totals(likes=6_200, follows=9, diamonds=1_380, gifters=gifters))
    await server.publish("chat", user="Дима", username="dima", message="<img src=x> hi", tts_url=None)
    await server.publish("follow", user="Carla", username="carla")

    likes = page.locator("[data-widget=likes]")
    await expect(likes).to_contain_text("Дойдём! 6,200 / 10,000")
    await expect(page.locator("[data-widget=diamonds]")).to_have_class("widget goal is-reached")
    await expect(page.locator("[data-widget=follows]")).to_contain_text("New followers 9 / 50")
    await expect(page.locator(".gifter-name")).to_have_text(["<b>Anna</b>", "Ben"])
    await expect(page.locator(".feed-row")).to_have_text(["Дима <img src=x> hi", "Carla followed you"])
    await page.wait_for_timeout(900)
    await shoot(page, f"overlay-widgets-{name}")
    fill = likes.locator(".goal-fill")
    assert await fill.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(0, 255, 0)"
    box, width = await likes.bounding_box(), shape["viewport"]["width"]
    assert box
    assert width - 70 < box["x"] + box["width"] < width
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"


async def test_a_new_look_is_put_on_without_loading_again(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(browser, open_page, server)
    await page.evaluate("window.stayed = true")
    await server.say("look", look=look())
    await server.publish("chat", user="Ben", username="ben", message="hi", tts_url=None)
    await expect(page.locator(".feed-row")).to_have_count(1)

    await server.say("look", look=look(feed={"chat": False}, alerts={"on": False}))

    await expect(page.locator(".feed-row")).to_have_count(0)
    await expect(page.locator("#alerts")).to_be_hidden()
    assert await page.evaluate("stayed") is True


async def test_numbers_are_right_after_a_cut_and_begin_anew_with_the_next_live(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(browser, open_page, server)
    numbers = page.locator("[data-widget=diamonds] .goal-numbers")
    rose = {"user": "Anna", "username": "anna", "gift_name": "Rose", "count": 5, "total_diamonds": 5}
    await server.say("look", look=look())
    await server.say("totals", **totals(diamonds=5))
    await server.publish("gift", **rose)
    await expect(numbers).to_have_text("5 / 1,000")

    await server.visits[0].ws.close(code=1001)
    await server.publish("gift", **rose)  # missed, told again, and in the totals
    await server.visited(2)
    await server.say("totals", **totals(diamonds=10))
    await expect(numbers).to_have_text("10 / 1,000")
    await expect(page.locator(".feed-row")).to_have_count(2)

    await server.say("totals", **totals(None))  # over: what was reached stays to be seen
    await server.say("totals", **totals("7002", diamonds=1))
    await expect(numbers).to_have_text("1 / 1,000")


async def test_what_is_tried_out_is_seen_and_goes_again(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(browser, open_page, server)
    numbers = page.locator("[data-widget=likes] .goal-numbers")
    await server.say("look", look=look())
    await server.say("totals", **totals(likes=100, gifters=[gifter("Ben", 40)]))
    await expect(page.locator(".gifter-name")).to_have_text(["Ben"])

    await server.publish("like", user="Anna", username="anna", count=50, total=50, test=True)
    await server.publish(
        "gift", user="Anna", username="anna", gift_name="Swan", count=1, total_diamonds=699, test=True
    )
    await expect(numbers).to_have_text("150 / 10,000")
    await expect(page.locator(".gifter-name")).to_have_text(["Ben", "Anna"])  # rows are moved, not put anew
    assert await page.locator(".gifter-rank").all_inner_texts() == ["2", "1"]

    await expect(numbers).to_have_text("100 / 10,000", timeout=30_000)
    await expect(page.locator(".gifter:not(.is-leaving) .gifter-name")).to_have_text(["Ben"])


async def test_a_streak_keeps_its_line(browser: Browser, open_page: OpenPage, server: StandIn) -> None:
    page = await opened(browser, open_page, server)
    await server.say("look", look=look())

    for total in (1, 4, 50):
        streak = {"id": "s1", "total": total, "over": total == 50}
        await server.publish("gift", user="Anna", username="anna", gift_name="Rose", count=1, streak=streak)

    await expect(page.locator(".feed-row")).to_have_text(["Anna Rose ×50"])


async def test_a_flood_costs_little_and_moves_nothing_but_transforms(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await opened(browser, open_page, server)
    await server.say("look", look=look(feed={"rows": ROWS}))
    await server.say("totals", **totals(likes=1))
    await expect(page.locator(".feed")).to_be_visible()
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("Performance.enable")
    laid_out = await layouts(devtools)
    await page.evaluate(WATCH_FRAMES)

    for number in range(FLOOD):
        await server.publish("chat", user="Ben", username="ben", message=f"line {number}", tts_url=None)
        gifters = [gifter("Ben", number), gifter("Anna", 100)]
        await server.say("totals", **totals(likes=number, diamonds=number, gifters=gifters))
    await expect(page.locator(".feed-row").last).to_have_text(f"Ben line {FLOOD - 1}")
    await page.wait_for_timeout(500)

    assert await page.locator(".feed-row").count() == ROWS
    assert await page.locator(".gifter").count() == 2
    properties = set(await page.evaluate("[...moved]"))
    assert properties - {"offset", "computedOffset", "easing", "composite"} == set(MOVED)
    frames = await page.evaluate("frames_at.length")
    assert await layouts(devtools) - laid_out <= frames + FLOOD // 4  # once a frame, however much came


async def layouts(devtools: Any) -> int:
    metrics = (await devtools.send("Performance.getMetrics"))["metrics"]
    return next(int(one["value"]) for one in metrics if one["name"] == "LayoutCount")
