"""The player when the network or the server goes away."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import heard
from tests.browser.stand_in import StandIn, served, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_was_not_loaded_when_the_network_went_is_played_after_it(
    browser: Browser, open_page: OpenPage, complaints: Complaints, shoot: Shoot
) -> None:
    complaints.expected = ("Failed to load resource", "WebSocket connection", "net::ERR")
    server = StandIn()
    server.seconds = 3
    async with served(server):
        page = await open_page(browser, server.url("player"))
        await server.visited()
        for name in ("one", "two", "three"):
            await server.publish("chat", user="Ben", message=name, tts_url=server.media(name)[0])
        await until(lambda: "two" in server.asked)  # got ready while the first one plays

    assert await heard(page, 2) == ["one", "two"]
    await expect(page.locator("#now-who")).to_have_text("Waiting for the network")
    await expect(page.locator("#situation-title")).to_have_text("TTBoost does not answer")
    await shoot(page, "player-outage")
    async with served(server, urlsplit(server.base).port or 0):
        await server.visited(2)
        assert await heard(page, 3) == ["one", "two", "three"]
        assert [said["id"] for said in await server.heard_of("played", 3)] == ["7-1", "7-2", "7-3"]


async def test_a_network_that_goes_is_told_at_once(
    browser: Browser, open_page: OpenPage, server: StandIn, complaints: Complaints
) -> None:
    complaints.expected = ("WebSocket connection", "net::ERR")
    page = await open_page(browser, server.url("player"))
    await server.visited()
    await expect(page.locator("#now-who")).to_have_text("Quiet right now")

    await page.context.set_offline(True)  # noticed by silence alone it takes half a minute
    await expect(page.locator("#now-who")).to_have_text("Waiting for the network", timeout=15_000)
    await expect(page.locator("#situation-title")).to_have_text("No internet")
    await page.context.set_offline(False)
    await expect(page.locator("#now-who")).to_have_text("Quiet right now")


async def test_a_long_cut_is_made_up_for_once(
    browser: Browser, open_page: OpenPage, complaints: Complaints
) -> None:
    complaints.expected = ("WebSocket connection",)
    server = StandIn()
    async with served(server):
        page = await open_page(browser, server.url("player"))
        await server.visited()
        await server.publish("chat", user="Ben", message="one", tts_url=server.media("one")[0])
        await heard(page, 1)

    await server.publish("chat", user="Ben", message="two", tts_url=server.media("two")[0])
    async with served(server, urlsplit(server.base).port or 0):
        again = await server.visited(2)
        await again.ws.close(code=1011)
        await server.visited(3)

        assert again.since == 1
        assert await heard(page, 2) == ["one", "two"]
        await expect(page.locator("#feed .row")).to_have_count(2)


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (4400, "TikTok name is missing"),
        (4401, "This link no longer works"),
        (4403, "No license at the moment"),
        (4429, "Too many connections"),
    ],
)
async def test_a_refusal_is_said_in_plain_words(
    code: int, title: str, browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    server.refuse_with = code

    page = await open_page(browser, server.url("player"))

    await expect(page.locator("#situation-title")).to_have_text(title)
    await expect(page.locator("body")).to_have_attribute("data-tone", "trouble")


async def test_what_is_lost_is_said(browser: Browser, open_page: OpenPage, server: StandIn) -> None:
    server.status |= {"gap": 12}

    page = await open_page(browser, server.url("player"))

    await expect(page.locator("#feed")).to_contain_text("Missed while away: 12")
