"""The operators' desk in a browser: finding somebody, giving money, making keys, verifying the ledger."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import noted
from tests.browser.test_demo import START, Demo, running

__all__ = ["open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """With the streamer as its admin."""
    folder = tmp_path_factory.mktemp("desk")
    async with running(folder) as started:
        env = {
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PATH": os.environ["PATH"],
            "TTBOOST__DATA_DIR": "data/demo",
        }
        granting = await asyncio.create_subprocess_exec(
            sys.executable, "-c", START, "admin", "grant", "demo_streamer", cwd=folder, env=env
        )
        assert await granting.wait() == 0
        await _until_noticed(started)
        yield started


async def _until_noticed(demo: Demo) -> None:
    """A command takes effect in a running server within ten seconds."""
    name, _, password = demo.said["account"].split()
    async with ClientSession(demo.base) as session, asyncio.timeout(30):
        async with session.post("/api/auth/login", json={"username": name, "password": password}) as answer:
            who = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        while (await session.get("/app/view/admin", headers=who)).status != 200:
            await asyncio.sleep(0.2)


async def confirm(page: Page) -> None:
    await page.click("#ask [value=yes]")


async def test_somebody_is_found_and_given_money_with_a_reason(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/admin/users", viewport={"width": 1200, "height": 800})
    await page.fill("[type=search]", "demo")
    await page.press("[type=search]", "Enter")
    await page.wait_for_url("**/users?q=demo")
    await page.click("tbody a")
    await expect(page.locator("#view h1")).to_have_text("demo_streamer")
    await shoot(page, "app-admin-user")

    form = page.locator("form[data-call$='/credit']")
    await form.locator("[name=amount]").fill("12.50")
    await form.locator("[name=reason]").fill("a bank transfer")
    await form.locator("[type=submit]").click()
    await confirm(page)

    await noted(page, "Done.")
    await goto(page, "/app/admin/ledger")
    await expect(page.locator("tbody tr").first).to_contain_text("a bank transfer")
    await page.click("text=Verify now")
    await expect(page.locator(".pill.is-good").first).to_have_text("holds")
    await shoot(page, "app-admin-ledger")


async def test_keys_are_made_and_can_be_read_once(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/admin/licenses", color_scheme="dark")
    await page.click("text=Make keys")
    await page.fill("[name=count]", "3")
    await page.click("text=Make and show")

    await expect(page.locator("#once pre")).to_contain_text("TTB-")
    keys = (await page.locator("#once pre").inner_text()).split()
    assert len(keys) == 3
    assert all(key.startswith("TTB-") for key in keys)
    await shoot(page, "app-admin-keys-dark")
    await page.click("#once [value=close]")
    await expect(page.locator("tbody tr")).to_have_count(4)

    await page.click("tbody tr:first-child a")
    await page.click("text=Put on hold")
    await expect(page.locator(".head .muted")).to_have_text("on hold")


async def test_the_desk_fits_a_phone_and_is_accessible(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/admin", bypass_csp=True, viewport={"width": 320, "height": 700})
    await assert_accessible(page)
    await shoot(page, "app-admin-phone")
    await goto(page, "/app/admin/orders")
    await assert_accessible(page)

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
