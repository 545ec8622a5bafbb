"""What a page has really played."""

import asyncio

from playwright.async_api import Page


async def heard(page: Page, count: int, seconds: float = 20) -> list[str]:
    """Media names that reached `ended`, once there are `count` of them."""
    async with asyncio.timeout(seconds):
        while len(found := await page.evaluate("heard")) < count:
            await asyncio.sleep(0.05)
    names: list[str] = found
    return names
