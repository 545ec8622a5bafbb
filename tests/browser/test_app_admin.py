"""The operators' desk in a browser: finding somebody, giving money, making keys, verifying the ledger."""

import asyncio
import os
import re
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import noted
from tests.browser.losing import answer_lost
from tests.browser.test_demo import START, Demo, running

__all__ = ["open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("desk")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(folder: Path) -> AsyncIterator[Demo]:
    """With the streamer as its admin."""
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


@pytest.fixture(scope="module")
def ticket(folder: Path, demo: Demo) -> int:
    """Asks with one word of 300 letters. Opened in the database: people open them in the bot."""
    at = "2026-01-01 00:00:00.000000"
    with closing(sqlite3.connect(folder / "data/demo/ttboost.db")) as db, db:
        made = db.execute(
            "INSERT INTO tickets (user_id, topic, status, last_side, snapshot, created_at, updated_at)"
            " VALUES (1, 'support', 'open', 'user', '{}', ?, ?)",
            (at, at),
        )
        db.execute(
            "INSERT INTO ticket_messages (ticket_id, at, side, actor, text)"
            " VALUES (?, ?, 'user', 'user:1', ?)",
            (made.lastrowid, at, "W" * 300),
        )
    assert made.lastrowid
    return made.lastrowid


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

    form = page.get_by_role("form", name="Give money")
    await form.locator("[name=amount]").fill("12.50")
    await form.locator("[name=reason]").fill("a bank transfer")
    await form.locator("[type=submit]").click()
    await expect(page.locator("#ask-text")).to_have_text("Give 12.5 to demo_streamer?")
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


async def test_days_and_keys_are_given_once_though_the_first_answer_got_lost(open_app: OpenApp):
    page = await open_app("/app/admin/licenses", refused=("net::ERR",))
    await page.click("tbody tr:last-child a")
    days = page.locator(".facts dd").nth(1)
    before = int((await days.inner_text()).replace(",", ""))
    await answer_lost(page, "**/extend")
    await page.click("form[data-call$='/extend'] [type=submit]")
    await noted(page, re.compile("No connection"), is_bad=True)
    await page.click("form[data-call$='/extend'] [type=submit]")
    await noted(page, "Done.")
    await expect(days).to_have_text(f"{before + 30:,}")

    await goto(page, "/app/admin/licenses")
    count = await page.locator("tbody tr").count()
    await answer_lost(page, "**/api/admin/licenses")
    await page.click("text=Make keys")
    await page.click("text=Make and show")
    await expect(page.locator("#issue-form .problem")).to_contain_text("No connection")
    await page.click("text=Make and show")
    await expect(page.locator("#once pre")).to_contain_text("TTB-")
    await page.click("#once [value=close]")
    await expect(page.locator("tbody tr")).to_have_count(count + 1)


async def test_what_others_do_is_seen_without_asking(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/admin/broadcasts")
    await page.click("text=Write one")
    await page.fill("[name='texts.en']", "Soon there is more")
    await page.click("text=Save the draft")
    await page.click("tbody tr:first-child a")
    await page.click(".acts >> text=Start")
    await confirm(page)
    await expect(page.locator(".head .muted")).to_have_text("being sent")
    other = await open_app(urlsplit(page.url).path)

    await other.click("text=Pause")

    await expect(page.locator(".head .muted")).to_have_text("paused", timeout=9_000)
    await expect(page.locator(".acts >> text=Go on")).to_be_visible()
    await goto(page, "/app/admin/audit")
    await shoot(page, "app-admin-audit")


async def test_a_batch_is_kept_while_its_keys_are_looked_through(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/admin/batches")
    await page.locator("tbody a").first.click()
    await page.wait_for_url("**/licenses?batch=*")
    await page.select_option("[name=status]", "new")
    await page.wait_for_url("**/licenses?*status=new*")

    await expect(page.locator(".pin strong")).to_be_visible()
    assert "batch=" in page.url
    await shoot(page, "app-admin-batch")
    await page.click(".pin a")
    await page.wait_for_url("**/licenses?status=new")


async def test_the_desk_fits_a_phone_and_is_accessible(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/admin", bypass_csp=True, viewport={"width": 320, "height": 700})
    await assert_accessible(page)
    await shoot(page, "app-admin-phone")
    for path in ("orders", "audit", "live", "users/1"):
        await goto(page, f"/app/admin/{path}")
        await assert_accessible(page)
        assert await page.evaluate("document.documentElement.scrollWidth") == 320, path
    await page.get_by_role("form", name="Give money").scroll_into_view_if_needed()
    await shoot(page, "app-admin-user-phone")


async def test_the_tab_of_a_page_is_in_sight_where_the_page_is_the_first(open_app: OpenApp):
    page = await open_app("/app/admin/audit", viewport={"width": 320, "height": 700})
    await page.reload()

    here = page.locator(".tabs [aria-current]")
    await expect(here).to_be_in_viewport(ratio=0.9)


async def test_a_long_word_in_a_ticket_breaks(open_app: OpenApp, ticket: int, shoot: Shoot):
    page = await open_app(f"/app/admin/tickets/{ticket}", viewport={"width": 320, "height": 700})
    await expect(page.locator(".talk p")).to_have_text("W" * 300)
    await shoot(page, "app-admin-ticket-phone")

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
