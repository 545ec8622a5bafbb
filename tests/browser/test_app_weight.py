"""What a first visit of a page costs: everything it loads, as it comes over the wire, without audio."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.app_kit import UNREACHED, demo
from tests.browser.conftest import Complaints, OpenPage
from tests.browser.test_demo import Demo

__all__ = ["demo"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIMIT = 150_000  # bytes
PAGES = (
    "", "/triggers", "/triggers/new", "/history", "/sounds", "/voices", "/chat", "/overlay", "/stats",
    "/promotion", "/wallet", "/account", "/more",
)  # fmt: skip
AUDIO = "/media/"


class Scale:
    """Bytes of each response of a page, headers and all."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}
        self.bytes: dict[str, int] = {}

    def listen(self, network: Any) -> None:
        network.on("Network.requestWillBeSent", self._asked)
        network.on("Network.loadingFinished", self._loaded)

    def _asked(self, event: dict[str, Any]) -> None:
        self.urls[event["requestId"]] = event["request"]["url"]

    def _loaded(self, event: dict[str, Any]) -> None:
        url = self.urls.get(event["requestId"], "")
        if AUDIO not in url and not url.startswith("blob:"):
            self.bytes[url] = self.bytes.get(url, 0) + int(event["encodedDataLength"])


@pytest.mark.parametrize("path", PAGES)
async def test_a_first_visit_is_light(
    browser: Browser, open_page: OpenPage, demo: Demo, complaints: Complaints, path: str
):
    complaints.expected = UNREACHED
    address, _, ticket = demo.said["app"].partition("#")
    page = await open_page(browser, "about:blank")
    complaints.expected = (*UNREACHED, demo.base)
    scale = Scale()
    network = await page.context.new_cdp_session(page)
    await network.send("Network.enable")
    scale.listen(network)

    await page.goto(f"{address}{path}#{ticket}")
    await expect(page.locator("#view > *")).to_be_visible()
    await page.wait_for_load_state("networkidle")

    heaviest = sorted(scale.bytes.items(), key=lambda one: -one[1])
    assert sum(scale.bytes.values()) < LIMIT, (sum(scale.bytes.values()), heaviest[:12])
