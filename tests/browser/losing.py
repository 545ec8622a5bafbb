"""Answers that get lost on the way."""

from playwright.async_api import Page, Route


async def answer_lost(page: Page, path: str) -> None:
    """The first call of `path` reaches the server, and what it says nobody."""

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route(path, lose, times=1)
