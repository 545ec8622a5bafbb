"""The whole product in a browser: `ttboost demo`, its real sockets, its real speech."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import Browser, expect

from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import heard

pytestmark = pytest.mark.asyncio(loop_scope="session")

START = "import sys; from ttboost.cli import main; sys.argv[0] = 'ttboost'; main()"


@dataclass
class Demo:
    process: asyncio.subprocess.Process
    said: dict[str, str]  # the first word of each printed line -> the rest

    @property
    def base(self) -> str:
        return self.said["ready"]

    async def stop(self) -> None:
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 30)


async def start(folder: Path, port: int = 0, **settings: str) -> Demo:
    """`settings`: as `sounds__quota_bytes`."""
    named = {f"TTBOOST__{key.upper()}": value for key, value in settings.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", START, "demo", "--port", str(port), cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin", **named},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout
    said: dict[str, str] = {}
    async with asyncio.timeout(60):
        while "ready" not in said:
            word, _, rest = (await process.stdout.readline()).decode().partition(" ")
            said[word] = rest.strip()
    return Demo(process, said)


@asynccontextmanager
async def running(folder: Path, port: int = 0, **settings: str) -> AsyncIterator[Demo]:
    demo = await start(folder, port, **settings)
    try:
        yield demo
    finally:
        await demo.stop()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    async with running(tmp_path_factory.mktemp("demo")) as started:
        yield started


async def signed_in(session: ClientSession, demo: Demo) -> dict[str, str]:
    name, _, password = demo.said["account"].split()
    body = {"username": name, "password": password}
    async with session.post(f"{demo.base}/v2/auth/login", json=body) as answer:
        return {"Authorization": f"Bearer {(await answer.json())['access_token']}"}


async def test_the_demo_speaks_and_shows_itself_after_one_tap(
    strict_browser: Browser, open_page: OpenPage, demo: Demo, shoot: Shoot
) -> None:
    page = await open_page(strict_browser, demo.said["player"])

    await expect(page.locator("#situation-title")).to_have_text("You are LIVE", timeout=30_000)
    await expect(page.locator("#demo")).to_be_visible()
    await page.get_by_role("button", name="Turn the sound on").click()

    assert len(await heard(page, 3, seconds=60)) >= 3
    await expect(page.locator("#feed .row").first).to_be_visible()
    await shoot(page, "demo-player")


async def test_its_first_steps_are_to_be_done_and_go_once_it_was_heard(
    browser: Browser, open_page: OpenPage, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expected = ("telegram.org", "net::ERR")
    async with running(tmp_path) as demo:
        page = await open_page(browser, demo.said["app"])
        await expect(page.locator("#guide")).to_have_attribute("data-current", "place")

        await heard(await open_page(browser, demo.said["player"]), 1, seconds=60)
        await expect(page.locator("#guide")).to_have_count(0)


async def test_the_overlay_plays_while_no_player_does_and_is_silent_then(
    browser: Browser, open_page: OpenPage, demo: Demo
) -> None:
    overlay = await open_page(browser, demo.said["overlay"])
    assert await heard(overlay, 1, seconds=60)

    player = await open_page(browser, demo.said["player"])
    await heard(player, 2, seconds=60)
    before = len(await overlay.evaluate("heard"))
    await heard(player, len(await player.evaluate("heard")) + 3, seconds=60)

    assert len(await overlay.evaluate("heard")) == before


async def test_a_trigger_tried_by_the_streamer_is_drawn_on_the_overlay(
    browser: Browser, open_page: OpenPage, demo: Demo, shoot: Shoot
) -> None:
    overlay = await open_page(browser, demo.said["overlay"], viewport={"width": 1280, "height": 720})
    await expect(overlay.locator("body")).to_have_attribute("data-connection", "open")
    async with ClientSession() as session:
        headers = await signed_in(session, demo)
        async with session.get(f"{demo.base}/v2/triggers/list", headers=headers) as answer:
            triggers = (await answer.json())["triggers"]
        follow = next(
            one["id"] for one in triggers if (one["event_type"], one["action"]) == ("follow", "alert")
        )
        async with session.post(
            f"{demo.base}/v2/triggers/test", json={"id": follow}, headers=headers
        ) as answer:
            assert answer.status == 200

    alert = overlay.locator(".alert.is-shown", has_text="follows you")
    await expect(alert).to_be_visible(timeout=30_000)
    await expect(alert.locator("img")).to_have_js_property("naturalWidth", 96)
    await overlay.wait_for_timeout(900)
    await shoot(overlay, "demo-alert")


async def test_a_second_player_takes_the_place_and_the_first_takes_it_back(
    browser: Browser, open_page: OpenPage, demo: Demo
) -> None:
    first = await open_page(browser, demo.said["player"])
    await expect(first.locator("body")).to_have_attribute("data-connection", "open")
    second = await open_page(browser, demo.said["player"])

    await expect(first.locator("#situation-title")).to_have_text("Playing somewhere else")
    await first.get_by_role("button", name="Play here").click()

    await expect(second.locator("#situation-title")).to_have_text("Playing somewhere else")
    await expect(first.locator("#situation-title")).to_have_text("You are LIVE")


async def test_pause_reaches_every_device_of_the_streamer(
    browser: Browser, open_page: OpenPage, demo: Demo
) -> None:
    player = await open_page(browser, demo.said["player"])
    await expect(player.locator("body")).to_have_attribute("data-connection", "open")
    watching = await open_page(browser, demo.said["player"])
    await expect(watching.locator("body")).to_have_attribute("data-connection", "open")

    await watching.get_by_role("button", name="Pause").click()
    await player.get_by_role("button", name="Play here").click()

    await expect(player.locator("#now-who")).to_have_text("Paused")
    await player.get_by_role("button", name="Go on").click()
    assert await heard(player, 1, seconds=60)


async def test_a_killed_server_is_found_again_and_plays_on(
    browser: Browser, open_page: OpenPage, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.expected = ("WebSocket connection", "Failed to load resource", "net::ERR")
    async with running(tmp_path) as killed:
        page = await open_page(browser, killed.said["player"])
        await heard(page, 1, seconds=60)
        killed.process.kill()
        await killed.process.wait()
    await expect(page.locator("#situation-title")).to_have_text("TTBoost does not answer", timeout=30_000)
    before = len(await page.evaluate("heard"))

    async with running(tmp_path, int(killed.base.rsplit(":", 1)[1])):
        await expect(page.locator("#situation-title")).to_have_text("You are LIVE", timeout=30_000)
        assert len(await heard(page, before + 2, seconds=60)) >= before + 2
