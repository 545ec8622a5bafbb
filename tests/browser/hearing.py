"""What a page has really played and said."""

import asyncio
import json

from playwright.async_api import Page


async def heard(page: Page, count: int, seconds: float = 30) -> list[str]:
    """Media names that reached `ended`, once there are `count` of them."""
    async with asyncio.timeout(seconds):
        while len(found := await page.evaluate("heard")) < count:
            await asyncio.sleep(0.05)
    names: list[str] = found
    return names


async def noted(page: Page, words: str, seconds: float = 30) -> None:
    """A short note with these words was shown since the last one waited for: it may be gone by now."""
    await until_true(page, f"noted.some((one) => one.includes({json.dumps(words)}))", seconds)
    await page.evaluate("words => noted.splice(0, noted.findIndex((one) => one.includes(words)) + 1)", words)


async def until_true(page: Page, expression: str, seconds: float = 30) -> None:
    """Playwright's own waiting would need `eval`, which our policy forbids."""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)
