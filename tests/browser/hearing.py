"""What a page has really played and said."""

import asyncio
import re

from playwright.async_api import Page


async def heard(page: Page, count: int, seconds: float = 30) -> list[str]:
    """Media names that reached `ended`, once there are `count` of them."""
    async with asyncio.timeout(seconds):
        while len(found := await page.evaluate("heard")) < count:
            await asyncio.sleep(0.05)
    names: list[str] = found
    return names


async def noted(page: Page, words: str | re.Pattern[str], *, is_bad: bool = False) -> None:
    """The next short note says so, with its button: it may be gone by now. A pattern: a part of it."""
    await until_true(page, "noted.length > 0")
    text, was_bad = await page.evaluate("noted.shift()")
    assert words.search(text) if isinstance(words, re.Pattern) else text == words, text
    assert was_bad is is_bad, text


async def until_true(page: Page, expression: str, seconds: float = 30) -> None:
    """Playwright's own waiting would need `eval`, which our policy forbids."""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)
