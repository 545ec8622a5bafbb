"""Chromium, and pages that tell what they played and what they complained of."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Playwright, Route, async_playwright, expect

from tests.browser.stand_in import StandIn, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHELL = shutil.which("chromium-headless-shell") or CHROMIUM  # the same engine without a window: half the work
SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
WATCH = """
window.heard = []; window.volumes = []; window.violations = []; window.noted = [];
document.addEventListener("ended", ({target}) => {
  heard.push(new URL(target.currentSrc).pathname.split("/").pop());
  volumes.push(Math.round(target.volume * 100));
}, true);
const violated = ({violatedDirective}) => violations.push(violatedDirective);
document.addEventListener("securitypolicyviolation", violated);
new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (!node.classList?.contains("toast")) continue;
    noted.push([node.textContent, node.classList.contains("is-bad")]);
  }
}).observe(document, {childList: true, subtree: true});
"""

OpenPage = Callable[..., Awaitable[Page]]

expect.set_options(timeout=30_000)  # a wait ends when it is so; on a busy machine that is late


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium")
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(absent)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


async def _launch(playwright: Playwright, program: str | None, autoplay: str) -> Browser:
    args = [*FLAGS, f"--autoplay-policy={autoplay}"]
    return await playwright.chromium.launch(executable_path=program, headless=True, args=args)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Lets sound start by itself, as OBS does."""
    launched = await _launch(playwright, SHELL, "no-user-gesture-required")
    yield launched
    await launched.close()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def whole_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """As `browser`, with what only a window has: a screen to be kept on, frames at its pace."""
    launched = await _launch(playwright, CHROMIUM, "no-user-gesture-required")
    yield launched
    await launched.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def strict_browser(playwright: Playwright) -> AsyncIterator[Browser]:
    """Wants a tap before any sound, as phones do."""
    launched = await _launch(playwright, SHELL, "document-user-activation-required")
    yield launched
    await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[StandIn]:
    async with served(StandIn()) as running:
        yield running


class Complaints(list[str]):
    """What the console, the content policy and the network of the pages of a test said. Must stay empty."""

    expected: tuple[str, ...] = ()


@pytest_asyncio.fixture(loop_scope="session")
async def complaints() -> AsyncIterator[Complaints]:
    found = Complaints()
    yield found
    assert [one for one in found if not any(part in one for part in found.expected)] == []


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(complaints: Complaints, server: StandIn) -> AsyncIterator[OpenPage]:
    """Pages are closed before the server goes, so that none complains of its going."""
    contexts: list[BrowserContext] = []

    async def opened(
        browser: Browser, url: str, *, script: str = "", served: dict[str, Path] | None = None, **options: Any
    ) -> Page:
        """`served`: files in the place of what other hosts have."""
        context = await browser.new_context(**{"viewport": {"width": 390, "height": 800}, **options})
        contexts.append(context)
        await context.add_init_script(WATCH + script)
        for address, file in (served or {}).items():
            await context.route(address, partial(_serve, file))
        page = await context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        origin = urlsplit(url).netloc
        page.on("request", lambda one: complaints.append(one.url) if _origin(one.url) != origin else None)
        await page.goto(url)
        return page

    yield opened
    for context in contexts:
        for page in context.pages:
            complaints.extend(await page.evaluate("violations"))
        await context.close()


def _origin(url: str) -> str:
    return urlsplit(url.removeprefix("blob:")).netloc  # a page's own bytes are of its origin


async def _serve(file: Path, route: Route) -> None:
    await route.fulfill(path=file)


Shoot = Callable[[Page, str], Awaitable[None]]


@pytest.fixture(scope="session")
def shoot() -> Shoot:
    SCREENSHOTS.mkdir(exist_ok=True)

    async def taken(page: Page, name: str) -> None:
        await page.screenshot(path=SCREENSHOTS / f"{name}.png", omit_background=True)

    return taken
