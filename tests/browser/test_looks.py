"""What people see: sizes, languages, light and dark, states of a LIVE. Screenshots are to be looked at."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.stand_in import StandIn

pytestmark = pytest.mark.asyncio(loop_scope="session")

SMALL = {"viewport": {"width": 320, "height": 568}, "device_scale_factor": 2}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
KEYS_IN_REACH = """[...document.querySelectorAll('.key')].every((key) => {
  const {left, right, top, bottom} = key.getBoundingClientRect();
  const isLarge = bottom - top >= 48 && right - left >= 48;
  return left >= 0 && right <= innerWidth && bottom <= innerHeight && isLarge;
})"""
NO_SIDEWAYS = "document.documentElement.scrollWidth <= innerWidth"


async def busy(server: StandIn) -> None:
    """A LIVE in full swing."""
    server.seconds = 30
    rose = {"gift_name": "Rose", "gift_id": 5655, "diamonds": 1}
    await server.publish("viewer", current=1482, total=30211)
    await server.publish("like", user="Leo", count=15, total=12304)
    await server.publish("follow", user="Марина", username="marina", sound_url=None, tts_url=None)
    await server.publish("chat", user="王小明", username="xm", message="你好！第一次来 👋", tts_url=None)
    await server.publish("share", user="Lucía Fernández", username="lu", sound_url=None, tts_url=None)
    await server.publish("chat", user="سارة", username="sara", message="مرحبا من القاهرة", tts_url=None)
    await server.publish(
        "gift", user="Anna-Sophia von Hohenstein", count=5, sound_url=server.media("rose")[0], **rose
    )
    await server.publish("subscribe", user="Kai", username="kai", sound_url=server.media("sub")[0])
    await server.publish(
        "chat", user="Ben", message="Who knows the song that played a minute ago?", test=True
    )
    await server.publish("viewer_join", user="Mia 🌸", username="mia", sound_url=None, tts_url=None)
    await server.say("queue", pending=3, seconds=12.4, paused=False, dropped=["7-4"])


async def buttons_are_within_reach(page: Page) -> bool:
    within: bool = await page.evaluate(KEYS_IN_REACH)
    return within


@pytest.mark.parametrize(
    ("locale", "scheme", "words"),
    [
        ("en-GB", "dark", "You are LIVE"),
        ("ru-RU", "light", "Вы в эфире"),
        ("es-MX", "dark", "Estás en LIVE"),
    ],
)
async def test_a_small_phone_shows_everything_in_its_language(
    locale: str,
    scheme: str,
    words: str,
    browser: Browser,
    open_page: OpenPage,
    server: StandIn,
    shoot: Shoot,
) -> None:
    page = await open_page(browser, server.url("player"), **SMALL, locale=locale, color_scheme=scheme)
    await server.visited()
    await busy(server)

    await expect(page.locator("#situation-title")).to_have_text(words)
    await expect(page.locator("#now")).to_have_attribute("data-state", "playing")
    await expect(page.locator("#demo")).to_be_visible()
    await shoot(page, f"player-320-{locale[:2]}-{scheme}")
    assert await page.evaluate(NO_SIDEWAYS)
    assert await buttons_are_within_reach(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_usual_phone(
    scheme: str, browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("player"), **PHONE, color_scheme=scheme)
    await server.visited()
    await busy(server)

    await expect(page.locator("#now-who")).to_have_text("Anna-Sophia von Hohenstein")
    await expect(page.locator("#now-what")).to_have_text("Rose ×5")
    await expect(page.locator("#viewers")).to_have_text("1,482 watching")
    await shoot(page, f"player-390-{scheme}")


async def test_a_wide_screen(browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot) -> None:
    page = await open_page(browser, server.url("player"), viewport={"width": 1280, "height": 800})
    await server.visited()
    await busy(server)

    await expect(page.locator("#feed .row")).to_have_count(7)
    await shoot(page, "player-wide")


async def test_the_state_of_the_live_comes_with_its_cure(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("player"), **PHONE)
    await server.visited()
    title, hint = page.locator("#situation-title"), page.locator("#situation-hint")
    off_air = {**server.status, "live": False, "viewers": None, "last_seq": 0, "paused": False, "demo": True}

    await server.say("status", **off_air | {"state": "waiting"})
    await expect(title).to_have_text("Waiting for your LIVE")
    await expect(hint).to_have_text("@mira.live is not live yet. It starts by itself.")
    await shoot(page, "player-waiting")
    await server.say("status", **off_air | {"state": "connecting"})
    await expect(title).to_have_text("Joining your LIVE…")
    await server.say("status", **off_air | {"state": "failed", "error": "TikTok knows no @mira.live"})
    await expect(title).to_have_text("Cannot listen to the LIVE")
    await expect(hint).to_have_text("TikTok knows no @mira.live")
    await shoot(page, "player-failed")


async def test_a_live_that_is_off_can_be_started_here(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    server.status |= {"state": "off", "live": False, "viewers": None}
    page = await open_page(browser, server.url("player"), **PHONE, color_scheme="dark")
    button = page.get_by_role("button", name="Start listening")
    await button.wait_for()
    await shoot(page, "player-off")

    await button.click()

    await server.say("error", code="license_expired", message="license expired")
    await expect(page.locator("#feed")).to_contain_text("license expired")
    assert await server.heard_of("connect_tiktok") == [{"action": "connect_tiktok"}]


async def test_a_phone_on_its_side(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("player"), viewport={"width": 667, "height": 375})
    await server.visited()
    await busy(server)

    await expect(page.locator("#now")).to_have_attribute("data-state", "playing")
    await shoot(page, "player-sideways")
    assert await buttons_are_within_reach(page)


async def test_before_the_tap_a_live_that_is_off_is_ready(
    strict_browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    server.status |= {"state": "off", "live": False, "viewers": None}

    page = await open_page(strict_browser, server.url("player"), **PHONE)

    await expect(page.locator("#situation-title")).to_have_text("Ready when you are")
    await expect(page.locator("#act")).to_be_hidden()
    await shoot(page, "player-ready")


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("ru-RU", "dark"), ("es-ES", "light")])
async def test_landing_and_missing_pages(
    locale: str,
    scheme: str,
    browser: Browser,
    open_page: OpenPage,
    complaints: Complaints,
    server: StandIn,
    shoot: Shoot,
) -> None:
    complaints.expected = ("status of 404",)
    look = {**SMALL, "locale": locale, "color_scheme": scheme}
    landing = await open_page(browser, f"{server.base}/", **look)
    await shoot(landing, f"landing-{locale[:2]}-{scheme}")
    missing = await open_page(browser, f"{server.base}/player/mistyped", **look)
    await shoot(missing, f"missing-{locale[:2]}-{scheme}")

    assert await landing.evaluate(NO_SIDEWAYS)
    assert await missing.evaluate(NO_SIDEWAYS)
