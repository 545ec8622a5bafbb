"""The overlay as OBS shows it."""

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.hearing import heard
from tests.browser.stand_in import StandIn, served

pytestmark = pytest.mark.asyncio(loop_scope="session")

FULL_HD = {"viewport": {"width": 1920, "height": 1080}}


async def test_audio_of_messages_is_heard_in_order(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("overlay"))
    await server.visited()
    fanfare, thanks, chime, line = server.media("fanfare", "thanks", "chime", "line")

    await server.publish(
        "gift",
        user="Anna",
        gift_name="Rose",
        count=1,
        sound_url=fanfare,
        tts_url=None,
        effects=[
            {"trigger_id": 1, "action": "play_sound", "sound_url": fanfare, "tts_url": None, "volume": 40},
            {"trigger_id": 2, "action": "tts", "sound_url": None, "tts_url": thanks, "volume": 70},
        ],
    )
    await server.publish("follow", user="Ben", sound_url=chime, sound_volume=50, tts_url=None)
    await server.publish("chat", user="Ben", message="hi", tts_url=line)

    assert await heard(page, 4) == ["fanfare", "thanks", "chime", "line"]
    assert await page.evaluate("volumes") == [40, 70, 50, 100]
    assert [one["id"] for one in await server.heard_of("played", 3)] == ["7-1", "7-2", "7-3"]


async def test_a_message_without_audio_is_never_reported(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("overlay"))
    await server.visited()

    await server.publish("chat", user="Ben", message="hi", tts_url=None)
    await server.publish("chat", user="Ben", message="hi", tts_url=server.media("line")[0])

    assert await heard(page, 1) == ["line"]
    assert [one["id"] for one in await server.heard_of("played")] == ["7-2"]


async def test_an_alert_is_drawn_on_a_transparent_background(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("overlay"), **FULL_HD)
    await server.visited()
    alert = {"trigger_id": 1, "action": "alert", "text": "Anna sent 5 Roses!", "image": "gift", "duration": 2}

    await server.publish("gift", user="Anna", gift_name="Rose", count=5, effects=[alert])

    await expect(page.locator(".alert.is-shown")).to_have_text("Anna sent 5 Roses!")
    await expect(page.locator(".alert-image")).to_have_js_property("naturalWidth", 96)
    await page.wait_for_timeout(900)
    await shoot(page, "overlay-1080p")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    await expect(page.locator(".alert")).to_have_count(0)


async def test_alerts_wait_for_each_other_and_clear_takes_them_away(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("overlay"), viewport={"width": 320, "height": 480})
    await server.visited()
    long = "Вероника Константинопольская 👑 отправляет вселенную: спасибо, что ты с нами каждый вечер!"

    await server.publish("effect", trigger_id=1, action="alert", text=long, image="crown", duration=1)
    await server.publish("effect", trigger_id=2, action="alert", text="second", duration=60)
    await server.publish("effect", trigger_id=3, action="alert", text="third", duration=60)

    await expect(page.locator(".alert.is-shown")).to_have_text(long)
    await page.wait_for_timeout(700)
    await shoot(page, "overlay-320")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(page.locator(".alert.is-shown")).to_have_text("second")
    await server.say("control", action="clear", ids=[])
    await expect(page.locator(".alert")).to_have_count(0)


async def test_a_locked_sound_is_said_and_a_click_unlocks_it(
    strict_browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(strict_browser, server.url("overlay"))
    await server.visited()
    notice = page.locator("#notice")
    await server.publish("chat", user="Ben", message="hi", tts_url=server.media("line")[0])

    await expect(notice).to_contain_text("Click anywhere")
    await shoot(page, "overlay-locked")
    assert await page.evaluate("heard") == []
    await page.mouse.click(100, 100)

    assert await heard(page, 1) == ["line"]
    await expect(notice).to_be_hidden()


async def test_a_stopped_server_is_rejoined_at_once_with_the_last_number(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("overlay"))
    first = await server.visited()
    one, two, three = server.media("one", "two", "three")
    await server.publish("chat", user="Ben", message="1", tts_url=one)
    await heard(page, 1)

    await first.ws.close(code=1001)
    await server.publish("chat", user="Ben", message="2", tts_url=two)
    second = await server.visited(2)
    await server.publish("chat", user="Ben", message="3", tts_url=three)

    assert (first.since, second.since) == (None, 1)
    assert await heard(page, 3) == ["one", "two", "three"]
    assert [said["id"] for said in await server.heard_of("played", 3)] == ["7-1", "7-2", "7-3"]


async def test_what_is_sent_twice_is_played_once(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("overlay"))
    await server.visited()
    one, two = server.media("one", "two")

    first = await server.publish("chat", user="Ben", message="1", tts_url=one)
    await server.say("chat", **{key: value for key, value in first.items() if key != "type"})
    await server.publish("chat", user="Ben", message="again", tts_url=one, id=first["id"])
    await server.publish("chat", user="Ben", message="2", tts_url=two)

    assert await heard(page, 2) == ["one", "two"]


@pytest.mark.parametrize(
    ("code", "words"),
    [(4401, "no longer works"), (4409, "Another overlay")],
)
async def test_an_overlay_that_must_not_come_back_says_why_and_stays_away(
    code: int, words: str, browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("overlay"))
    visit = await server.visited()

    await visit.ws.close(code=code)

    await expect(page.locator("#notice")).to_contain_text(words)
    await expect(page.locator("body")).to_have_attribute("data-connection", "stopped")
    await page.wait_for_timeout(1500)
    assert len(server.visits) == 1


async def test_lost_licenses_are_said_and_waited_for(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("overlay", "?lang=es"))
    visit = await server.visited()

    await visit.ws.close(code=4403)

    await expect(page.locator("#notice")).to_contain_text("La licencia terminó")
    await expect(page.locator("body")).to_have_attribute("data-connection", "waiting")
    await shoot(page, "overlay-license")


@pytest.mark.parametrize("broken", ["missing", "failing"])
async def test_audio_that_cannot_be_had_is_skipped_and_reported(
    broken: str, browser: Browser, open_page: OpenPage, server: StandIn, complaints: Complaints
) -> None:
    complaints.expected = ("Failed to load resource",)
    page = await open_page(browser, server.url("overlay"))
    await server.visited()
    bad, good = server.media(broken, "good")

    await server.publish("chat", user="Ben", message="1", tts_url=bad)
    await server.publish("chat", user="Ben", message="2", tts_url=good)

    assert await heard(page, 1) == ["good"]
    assert [said["id"] for said in await server.heard_of("played", 2)] == ["7-1", "7-2"]


async def test_audio_that_never_comes_is_given_up(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("overlay"))
    await server.visited()
    stuck, good = server.media("stuck", "good")

    await server.publish("chat", user="Ben", message="1", tts_url=stuck)
    await server.publish("chat", user="Ben", message="2", tts_url=good)

    assert await heard(page, 1, seconds=40) == ["good"]
    assert [said["id"] for said in await server.heard_of("played", 2)] == ["7-1", "7-2"]


async def test_a_network_that_was_away_is_made_up_for_without_doubles(
    browser: Browser, open_page: OpenPage, complaints: Complaints
) -> None:
    complaints.expected = ("WebSocket connection", "Failed to load resource", "net::ERR")
    server = StandIn()
    alert = {"trigger_id": 1, "action": "alert", "text": "Anna!", "duration": 60}
    async with served(server):
        page = await open_page(browser, server.url("overlay"))
        await server.visited()
        await server.publish("chat", user="Ben", message="1", tts_url=server.media("one")[0], effects=[alert])
        await heard(page, 1)
        await expect(page.locator(".alert.is-shown")).to_have_text("Anna!")

    await server.publish("chat", user="Ben", message="2", tts_url=server.media("two")[0])
    await expect(page.locator(".alert.is-shown")).to_have_text("Anna!")  # viewers see no cut
    async with served(server, urlsplit(server.base).port or 0):
        again = await server.visited(2)
        await server.publish("chat", user="Ben", message="3", tts_url=server.media("three")[0])

        assert await heard(page, 3) == ["one", "two", "three"]
        assert again.since == 1
        assert [said["id"] for said in await server.heard_of("played", 3)] == ["7-1", "7-2", "7-3"]
        await expect(page.locator(".alert")).to_have_count(1)
        await expect(page.locator("#notice")).to_be_hidden()
