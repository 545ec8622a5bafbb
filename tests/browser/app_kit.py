"""The Mini App in a browser: against a demo of its own, signed in by the link it prints."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, OpenPage
from tests.browser.test_demo import Demo, running

UNREACHED = ("telegram.org", "net::ERR")  # Telegram's own script, which no test reaches

OpenApp = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    async with running(tmp_path_factory.mktemp("app")) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def open_app(browser: Browser, open_page: OpenPage, demo: Demo, complaints: Complaints) -> OpenApp:
    """`await open_app("/app/triggers", **options of the browser's context)`: that page, signed in."""

    async def opened(path: str = "/app", *, refused: tuple[str, ...] = (), **options: object) -> Page:
        """`refused`: statuses the page is to meet, such as `"400"`."""
        complaints.expected = (*complaints.expected, *UNREACHED, *refused)
        page = await open_page(browser, demo.said["app"], **options)
        await expect(page.locator("#view > *")).to_be_visible()
        if path != "/app":
            await goto(page, path)
        return page

    return opened


async def goto(page: Page, path: str) -> None:
    """Within the app, as a click would, and until the other page is there."""
    await page.evaluate(
        "path => { document.querySelector('#view > *').dataset.old = '';"
        " const link = document.createElement('a'); link.href = path;"
        " document.body.append(link); link.click(); link.remove(); }",
        path,
    )
    await page.wait_for_url(f"**{path}")
    await expect(page.locator("#view > :not([data-old])")).to_be_visible()


async def assert_accessible(page: Page) -> None:
    """Nothing axe-core calls serious or critical. It adds styles: open the page with `bypass_csp=True`."""
    await page.emulate_media(reduced_motion="reduce")  # what still fades in has other colours
    found = await Axe().run(page, options={"preload": False})
    bad = [
        f"{one['id']}: {node['html'][:120]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert bad == [], bad
