"""The first row of the list of triggers, moved by its handle."""

from playwright.async_api import Locator, Page

X = 10  # pixels into the handle


async def hold(page: Page) -> None:
    """Take it in hand and lift it a little."""
    left, top, _ = await _place(page.locator(".handle").first)
    await page.mouse.move(left + X, top + 10)
    await page.mouse.down()
    await page.mouse.move(left + X, top + 20, steps=3)


async def drop_below(page: Page, number: int) -> None:
    """`number`: of the row it then follows, from 0."""
    left, _, _ = await _place(page.locator(".handle").first)
    _, _, bottom = await _place(page.locator("#list > li").nth(number))
    await page.mouse.move(left + X, bottom - 4, steps=12)
    await page.mouse.up()


async def _place(locator: Locator) -> tuple[float, float, float]:
    """Left, top and bottom."""
    box = await locator.bounding_box()
    assert box
    return box["x"], box["y"], box["y"] + box["height"]
