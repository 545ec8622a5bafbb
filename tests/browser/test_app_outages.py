"""The Mini App without network or server: it says so, stays usable, and catches up by itself."""

import re
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from playwright.async_api import Browser, Page, expect

from tests.browser.app_kit import UNREACHED, OpenApp, demo, goto, open_app
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import noted
from tests.browser.test_demo import Demo, running, signed_in

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

CUT = ("Failed to load resource", "WebSocket connection", "net::ERR")


async def add_trigger(demo: Demo, name: str) -> None:
    """As another device of the streamer."""
    async with ClientSession() as session:
        headers = await signed_in(session, demo)
        trigger: dict[str, Any] = {"event_type": "follow", "action": "play_sound", "name": name}
        trigger |= {"action_params": {"sound_filename": "pop"}}
        async with session.post(f"{demo.base}/v2/triggers/set", json=trigger, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


async def test_without_a_network_the_page_stays_and_catches_up(open_app: OpenApp, demo: Demo, shoot: Shoot):
    page = await open_app("/app/triggers", refused=CUT)
    await page.evaluate("window.stayed = true")
    switch = page.locator("#list [name=enabled]").first
    await page.context.set_offline(True)
    await expect(page.locator("#offline")).to_have_text("Offline")
    await add_trigger(demo, "Made elsewhere meanwhile")

    await page.locator("#list label.switch").first.click()
    await noted(page, re.compile("No connection"), is_bad=True)
    await expect(switch).to_be_checked()  # as it still is
    await shoot(page, "app-offline")
    await goto_failing(page, "/app/stats")
    await expect(page.locator("#view .empty p")).to_contain_text("No connection")
    await page.go_back()
    await expect(page.locator("#view .empty button")).to_have_text("Try again")

    await page.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()
    await expect(page.locator("#list")).to_contain_text("Made elsewhere meanwhile", timeout=30_000)
    await page.locator("#list [data-menu]").first.click()
    await expect(page.locator("#sheet")).to_be_visible()  # its script lives again, too
    assert await page.evaluate("stayed") is True


async def goto_failing(page: Page, path: str) -> None:
    await page.evaluate(
        "path => { const link = document.createElement('a'); link.href = path;"
        " document.body.append(link); link.click(); link.remove(); }",
        path,
    )
    await expect(page.locator("#view .empty")).to_be_visible()


async def test_a_server_that_is_away_is_said_and_what_was_missed_is_seen_when_it_is_back(
    browser: Browser, open_page: OpenPage, complaints: Complaints, tmp_path: Path, shoot: Shoot
):
    complaints.expected = (*UNREACHED, *CUT)
    async with running(tmp_path) as killed:
        page = await open_page(browser, killed.said["app"], color_scheme="dark")
        await expect(page.locator("#view > *")).to_be_visible()
        await goto(page, "/app/triggers")
        await page.evaluate("window.stayed = true")
        await page.wait_for_timeout(500)
        killed.process.kill()
        await killed.process.wait()
    await expect(page.locator("#offline")).to_be_visible(timeout=30_000)
    await expect(page.locator("#list > li").first).to_be_visible()
    await shoot(page, "app-server-away-dark")

    async with running(tmp_path, int(killed.base.rsplit(":", 1)[1])) as back:
        await add_trigger(back, "Made before it was noticed")
        await expect(page.locator("#offline")).to_be_hidden(timeout=30_000)
        await expect(page.locator("#list")).to_contain_text("Made before it was noticed", timeout=30_000)
        assert await page.evaluate("stayed") is True


async def test_what_is_typed_survives_an_outage(open_app: OpenApp):
    page = await open_app("/app/chat", refused=CUT)
    await page.fill("#name-it [name=name]", "Zoë")
    await page.fill("#name-it [name=say]", "Zo-ee")
    await page.context.set_offline(True)
    await expect(page.locator("#offline")).to_be_visible()
    await page.click("#name-it [type=submit]")
    await expect(page.locator("#name-it .problem")).to_contain_text("No connection")
    await page.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()

    await expect(page.locator("#name-it [name=say]")).to_have_value("Zo-ee")
    await page.click("#name-it [type=submit]")
    await expect(page.locator("#names [data-name=Zoë]")).to_be_visible()
