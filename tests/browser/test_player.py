"""The player on a phone: sound, its buttons, and taking its place."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import OpenPage, Shoot
from tests.browser.hearing import heard, until_true
from tests.browser.stand_in import StandIn

pytestmark = pytest.mark.asyncio(loop_scope="session")


KEEP_LOCKS = """
window.locks = [];
const request = navigator.wakeLock.request.bind(navigator.wakeLock);
navigator.wakeLock.request = async (kind) => { locks.push(await request(kind)); return locks.at(-1); };
"""
NO_VOLUME = """
window.gains = [];
Object.defineProperty(HTMLMediaElement.prototype, "volume", { get: () => 1, set: () => {} });
const createGain = AudioContext.prototype.createGain;
AudioContext.prototype.createGain = function () { gains.push(createGain.call(this)); return gains.at(-1); };
"""
NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get: () => { throw new DOMException("no", "SecurityError"); } });
}
"""


async def say_line(server: StandIn, name: str) -> None:
    await server.publish("chat", user="Ben", message=f"line {name}", tts_url=server.media(name)[0])


async def playing(page: Page, words: str) -> None:
    await expect(page.locator("#now[data-state=playing] #now-what")).to_have_text(words)


async def test_until_the_tap_it_watches_and_takes_nobodys_place(
    strict_browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(strict_browser, server.url("player"))
    watching = await server.visited()
    await say_line(server, "before")
    await expect(page.locator("#feed")).to_contain_text("line before")
    await shoot(page, "player-locked")
    assert watching.role == "monitor"

    await page.get_by_role("button", name="Turn the sound on").click()
    playing_visit = await server.visited(2)
    await say_line(server, "after")

    assert (playing_visit.role, playing_visit.since) == (None, 1)
    assert await heard(page, 1) == ["after"]
    await expect(page.locator("#unlock")).to_be_hidden()


async def test_where_sound_is_allowed_it_plays_without_a_tap(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"))
    visit = await server.visited()

    await say_line(server, "one")
    await say_line(server, "two")

    assert visit.role is None
    assert await heard(page, 2) == ["one", "two"]
    await expect(page.locator("#now-who")).to_have_text("Quiet right now")


async def test_pause_holds_the_sound_and_going_on_finishes_it(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    server.seconds = 1.5
    page = await open_page(browser, server.url("player"))
    await server.visited()
    await say_line(server, "one")
    await playing(page, "line one")

    await page.get_by_role("button", name="Pause").click()
    await server.heard_of("pause")
    await server.say("control", action="pause", ids=[])
    await page.wait_for_timeout(2000)
    assert await page.evaluate("heard") == []
    await shoot(page, "player-paused")
    await page.get_by_role("button", name="Go on").click()

    await server.heard_of("resume")
    assert await heard(page, 1) == ["one"]


async def test_a_pause_of_another_device_holds_here_too(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"))
    await server.visited()

    await server.say("control", action="pause", ids=[])
    await say_line(server, "one")
    await expect(page.locator("#now-who")).to_have_text("Paused")
    await server.say("control", action="resume", ids=[])

    assert await heard(page, 1) == ["one"]


async def test_skip_leaves_what_sounds_and_names_it(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    server.seconds = 2
    page = await open_page(browser, server.url("player"))
    await server.visited()
    await say_line(server, "one")
    await say_line(server, "two")
    await playing(page, "line one")

    await page.get_by_role("button", name="Skip").click()
    await server.say("control", action="skip", ids=["7-1"])

    assert await heard(page, 1) == ["two"]
    assert await server.heard_of("skip") == [{"action": "skip", "id": "7-1"}]
    assert [said["id"] for said in await server.heard_of("played")] == ["7-2"]


async def test_clear_leaves_everything_and_later_messages_play(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    server.seconds = 2
    page = await open_page(browser, server.url("player"))
    await server.visited()
    await say_line(server, "one")
    await say_line(server, "two")
    await playing(page, "line one")

    await page.get_by_role("button", name="Clear").click()
    await server.heard_of("clear")
    await say_line(server, "three")
    await server.say("control", action="clear", ids=["7-1", "7-2"])

    assert await heard(page, 1) == ["three"]


async def test_what_must_give_way_is_left_out_and_marked(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    server.seconds = 1
    page = await open_page(browser, server.url("player"))
    await server.visited()
    await say_line(server, "one")
    await say_line(server, "two")
    await say_line(server, "three")

    await server.say("queue", pending=2, seconds=2.4, paused=False, dropped=["7-2"])

    await expect(page.locator("#backlog")).to_have_text("2 waiting · 2 s")
    await expect(page.locator("[data-id='7-2'] .tag")).to_have_text("left out")
    assert await heard(page, 2) == ["one", "three"]


async def test_a_taken_place_is_left_alone_until_a_person_takes_it_back(
    browser: Browser, open_page: OpenPage, server: StandIn, shoot: Shoot
) -> None:
    page = await open_page(browser, server.url("player"))
    visit = await server.visited()

    await visit.ws.close(code=4409)
    await expect(page.locator("#situation-title")).to_have_text("Playing somewhere else")
    await page.wait_for_timeout(2500)
    await shoot(page, "player-replaced")
    assert len(server.visits) == 1
    await page.get_by_role("button", name="Play here").click()
    await server.visited(2)
    await say_line(server, "one")

    assert await heard(page, 1) == ["one"]


async def test_the_volume_is_the_pages_times_the_messages(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"))
    await server.visited()

    await page.get_by_label("Volume").fill("50")
    await server.publish("follow", user="Ben", sound_url=server.media("one")[0], sound_volume=60)
    await heard(page, 1)
    volumes = await page.evaluate("volumes")
    await page.reload()

    assert volumes == [30]
    await expect(page.get_by_label("Volume")).to_have_value("50")


async def test_a_page_loaded_again_goes_on_where_it_was(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"))
    await server.visited()
    await say_line(server, "one")
    await heard(page, 1)

    await page.reload()
    again = await server.visited(2)
    await say_line(server, "two")

    assert again.since == 1
    assert await heard(page, 1) == ["two"]


async def test_a_streak_is_one_row_that_counts_up(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"))
    await server.visited()

    for count, total in ((1, 1), (4, 5), (7, 12)):
        streak = {"id": "s1", "total": total, "over": total == 12}
        await server.publish("gift", user="Anna", gift_name="Rose", count=count, streak=streak)

    await expect(page.locator("#feed .row")).to_have_text(["Anna Rose ×12"])


async def test_a_first_line_is_marked(browser: Browser, open_page: OpenPage, server: StandIn) -> None:
    page = await open_page(browser, server.url("player"))
    await server.visited()

    await server.publish("viewer_first_message", user="Ben", username="ben")
    await server.publish("chat", user="Ben", username="ben", message="hello")
    await server.publish("chat", user="Ben", username="ben", message="again")

    await expect(page.locator("#feed .row")).to_have_text(["Ben again", "Ben hellofirst time"])


async def test_a_message_sent_again_is_told_once(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"))
    await server.visited()

    first = await server.publish("chat", user="Ben", username="ben", message="one")
    await server.say("chat", **{key: value for key, value in first.items() if key != "type"})
    await server.publish("chat", user="Ben", username="ben", message="two")

    await expect(page.locator("#feed .row")).to_have_text(["Ben two", "Ben one"])


async def test_the_screen_is_kept_on_and_again_after_it_was_let_go(
    whole_browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(whole_browser, server.url("player"), script=KEEP_LOCKS)
    await expect(page.locator("#awake")).to_have_text("The screen stays on while this page is open.")

    await page.evaluate("locks[0].release()")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await until_true(page, "locks.length === 2 && !locks[1].released")


async def test_where_elements_ignore_their_volume_a_gain_does_it(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"), script=NO_VOLUME)
    await server.visited()

    await server.publish("follow", user="Ben", sound_url=server.media("one")[0], sound_volume=60)

    assert await heard(page, 1) == ["one"]
    assert sorted(await page.evaluate("gains.map(({gain}) => Math.round(gain.value * 100))")) == [60, 100]


async def test_without_storage_the_page_still_plays(
    browser: Browser, open_page: OpenPage, server: StandIn
) -> None:
    page = await open_page(browser, server.url("player"), script=NO_STORAGE)
    await server.visited()

    await say_line(server, "one")

    assert await heard(page, 1) == ["one"]
