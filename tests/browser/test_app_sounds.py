"""Sounds in a browser: added by choosing and by dropping, seen, heard, renamed, deleted, refused."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from itertools import groupby
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.app_kit import OpenApp, assert_accessible, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import heard, until_true
from tests.browser.stand_in import tone
from tests.browser.test_app_stats import fits, speak
from tests.browser.test_demo import Demo, running

__all__ = ["open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

QUOTA = 800_000
DROP = """([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, {type: "audio/wav"}));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    const happened = new DragEvent(kind, {dataTransfer, bubbles: true, cancelable: true});
    document.querySelector("#view h1").dispatchEvent(happened);
    if (kind === "dragover") window.wasOver = document.querySelector("#drop").classList.contains("is-over");
  }
}"""
# What a busy machine looks at too late is watched, or answered, by the page itself.
WATCH_PROGRESS = """window.shares = []; window.told = [];
new MutationObserver(() => {
  const bar = document.querySelector("#uploads progress");
  if (bar?.hasAttribute("value")) shares.push(bar.value);
  for (const line of document.querySelectorAll("#uploads small")) told.push(line.textContent);
}).observe(document.querySelector("#uploads"), {subtree: true, childList: true, attributes: true});"""


WATCH_PRESSED = """(button) => {
  window.pressed = [];
  new MutationObserver(() => pressed.push(button.getAttribute("aria-pressed")))
    .observe(button, {attributeFilter: ["aria-pressed"]});
}"""
STOP_WHEN_IT_MOVES = """(button) => new Promise((done) => {
  const wave = button.closest(".sound").querySelector(".wave > svg");
  const look = () => {
    if (Number(wave.getAttribute("width")) <= 4) return requestAnimationFrame(look);
    button.click();
    done();
  };
  look();
})"""
UNDO_AS_SOON_AS_OFFERED = """new MutationObserver((_, watching) => {
  const undo = document.querySelector("#toasts .toast button");
  if (!undo) return;
  watching.disconnect();
  undo.click();
  window.isUndone = true;
}).observe(document.querySelector("#toasts"), {childList: true});"""


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """With room for little, and none to wait for."""
    settings = {"sounds__quota_bytes": str(QUOTA), "limits__sounds_upload": "100/minute"}
    async with running(tmp_path_factory.mktemp("sounds"), **settings) as started:
        yield started


def wav(name: str, seconds: float = 1.0) -> Any:
    return {"name": name, "mimeType": "audio/wav", "buffer": tone(seconds)}


def row(page: Page, name: str) -> Any:
    return page.locator(f'.sound[data-name="{name}"]')


async def choose(page: Page, *files: Any) -> None:
    async with page.expect_file_chooser() as asked:
        await page.click("#add")
    await (await asked.value).set_files(list(files))


async def added(page: Page, name: str, seconds: float = 1.0) -> None:
    await choose(page, wav(name, seconds))
    await expect(row(page, name)).to_be_visible(timeout=30_000)


async def test_chosen_files_are_added_one_after_the_other_and_have_a_picture(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/sounds", is_mobile=True, has_touch=True)
    await expect(page.locator("#built-in .sound")).to_have_count(5)
    await choose(page, wav("one.wav"), wav("two.wav", 0.5))

    await expect(row(page, "one.wav")).to_be_visible(timeout=30_000)
    await expect(row(page, "two.wav")).to_be_visible(timeout=30_000)
    await expect(page.locator(".toast.is-bad")).to_have_count(0)
    bars = await row(page, "one.wav").locator(".wave > path").get_attribute("d")
    heights = [float(height) for height in re.findall(r"v([\d.]+)", bars)]
    assert len(heights) == 64
    assert max(heights) > 20  # a steady tone is drawn, not the low line of nothing
    await shoot(page, "app-sounds")
    await expect(page.locator("#uploads")).to_be_hidden(timeout=30_000)


async def test_a_dropped_file_shows_how_far_it_is(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/sounds", viewport={"width": 1280, "height": 800})
    network = await page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 250_000}
    await network.send("Network.emulateNetworkConditions", slow)
    await page.evaluate(WATCH_PROGRESS)

    await page.evaluate(DROP, ["dropped.wav", base64.b64encode(tone(20)).decode()])
    assert await page.evaluate("wasOver") is True
    await expect(page.locator("#drop.is-over")).to_have_count(0)
    await until_true(page, "shares.some((share) => share > 0.2 && share < 0.9)")
    await shoot(page, "app-sounds-uploading")
    await until_true(page, "told.includes('Added')")

    await expect(row(page, "dropped.wav")).to_be_visible()
    shares = await page.evaluate("shares")
    assert shares == sorted(shares)


async def test_a_sound_is_heard_and_a_second_press_stops_it(open_app: OpenApp):
    page = await open_app("/app/sounds")
    await added(page, "heard.wav", 0.6)
    button = row(page, "heard.wav").locator(".play")
    await button.evaluate(WATCH_PRESSED)
    await button.click()
    [name] = await heard(page, 1)
    assert name in (await row(page, "heard.wav").get_attribute("data-url") or "")
    await expect(button).to_have_attribute("aria-pressed", "false")
    assert [one for one, _ in groupby(await page.evaluate("pressed"))] == ["true", "false"]

    bell = page.locator('#built-in [data-name="bell"] .play')
    stopping = asyncio.create_task(bell.evaluate(STOP_WHEN_IT_MOVES))
    await bell.click()
    await stopping
    await expect(bell).to_have_attribute("aria-pressed", "false")
    assert await page.evaluate("[...document.querySelectorAll('audio')].every((one) => one.paused)")
    assert len(await page.evaluate("heard")) == 1


async def test_a_new_name_is_kept_and_a_taken_one_is_refused_at_its_field(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/sounds", refused=("400", "409"), color_scheme="dark")
    await added(page, "before.wav")
    await row(page, "before.wav").locator(".more").click()
    await row(page, "before.wav").locator("[data-rename]").click()
    name = page.locator("#renaming [name=filename]")
    await expect(name).to_have_value("before.wav")
    await name.fill("door bell.wav")  # the demo's own
    await page.click("#renaming [type=submit]")
    await expect(page.locator("#renaming :is(.problem, .field-problem):visible")).not_to_be_empty()
    for wrong in ("a/b", "..", "  "):
        await name.fill(wrong)
        await page.click("#renaming [type=submit]")
        await expect(page.locator("#renaming .field-problem")).to_contain_text("A name cannot be empty")
    await shoot(page, "app-sounds-rename-dark")
    await name.fill("после.wav")
    await name.press("Enter")

    await expect(row(page, "после.wav")).to_be_visible()
    await expect(row(page, "before.wav")).to_have_count(0)
    await page.reload()
    await expect(row(page, "после.wav")).to_be_visible()


async def test_a_refused_name_is_not_told_of_another_sound(open_app: OpenApp):
    page = await open_app("/app/sounds", refused=("400",))
    refusal = page.locator("#renaming .field-problem")
    for name in ("first.wav", "second.wav"):
        await added(page, name)
        await row(page, name).locator(".more").click()
        await row(page, name).locator("[data-rename]").click()
        await expect(page.locator("#renaming [name=filename]")).to_have_value(name)
        await expect(refusal).to_have_count(0)
        await page.locator("#renaming [name=filename]").fill("a/b")
        await page.click("#renaming [type=submit]")
        await expect(refusal).to_be_visible()
        await page.click("#renaming [data-close]")


async def test_deleting_can_be_taken_back_until_the_note_goes(open_app: OpenApp):
    page = await open_app("/app/sounds")
    for name in ("stays.wav", "goes.wav"):
        await added(page, name, 0.3)
        await row(page, name).locator(".more").click()
        if name == "stays.wav":
            await page.evaluate(UNDO_AS_SOON_AS_OFFERED)
        await row(page, name).locator("[data-delete]").click()
        if name == "stays.wav":
            await until_true(page, "window.isUndone")
            await expect(row(page, name)).to_be_visible()
            await expect(row(page, name).locator(".more")).to_be_focused()
        else:
            await expect(row(page, name)).to_be_hidden()
            await expect(page.locator("#yours > .sound:visible .more:focus")).to_have_count(1)

    await expect(page.locator(".toast")).to_have_count(0, timeout=30_000)
    await page.reload()
    await expect(row(page, "stays.wav")).to_be_visible()
    await expect(row(page, "goes.wav")).to_have_count(0)


async def test_who_signs_out_has_deleted_what_could_still_be_taken_back(open_app: OpenApp):
    page = await open_app("/app/sounds")
    await added(page, "last.wav", 0.3)
    await row(page, "last.wav").locator(".more").click()
    await row(page, "last.wav").locator("[data-delete]").click()
    await expect(page.locator(".toast button")).to_have_text("Undo")
    await goto(page, "/app/more")

    await page.click("[data-leave]")
    await expect(page.locator("#sign")).to_be_visible()
    await expect(page.locator(".toast")).to_have_count(0)

    page = await open_app("/app/sounds")
    await expect(page.locator("#built-in .sound")).to_have_count(5)
    await expect(row(page, "last.wav")).to_have_count(0)


async def test_a_sound_that_is_used_names_its_triggers_and_cannot_be_deleted(open_app: OpenApp):
    page = await open_app("/app/sounds")
    await added(page, "used.wav", 0.3)
    await row(page, "used.wav").locator(".more").click()
    await row(page, "used.wav").locator("text=Make a trigger with it").click()
    await expect(page.locator("#sentence")).to_contain_text("play used.wav")
    await page.click("#editor details:has([name=name]) > summary")
    await page.fill("#editor [name=name]", "Plays what is used")
    await page.click("#editor [type=submit]")
    await expect(page.locator("#list")).to_contain_text("Plays what is used")

    await page.click(".nav a[href='/app/sounds']")
    used = row(page, "used.wav")
    await used.locator(".more").click()
    await expect(used.locator("[data-delete]")).to_have_count(0)
    await expect(used.locator(".sound-acts p").last).to_contain_text("give these another sound first")
    await used.locator(".sound-acts >> text=Plays what is used").click()
    await expect(page.locator("#sentence")).to_contain_text("play used.wav")


async def test_what_cannot_be_a_sound_says_why(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/sounds", refused=("400", "409", "413", "415", "422"))
    refusals = page.locator("#uploads [role=alert]")
    text = {"name": "notes.mp3", "mimeType": "audio/mpeg", "buffer": b"no sound at all " * 50}
    empty = {"name": "empty.mp3", "mimeType": "audio/mpeg", "buffer": b""}
    large = {"name": "large.wav", "mimeType": "audio/wav", "buffer": bytes(12_000_000)}
    await choose(page, text, empty, large, wav("long.wav", 31), wav("level-up.wav"))

    await expect(refusals).to_have_count(5, timeout=30_000)
    said = await refusals.all_inner_texts()
    assert said[1] == "The file is empty."
    assert said[2] == "Too large: 12 MB. At most 10 MB is possible."
    assert said[3] == "Too long. At most 30 seconds is possible."
    assert said[4] == "You have a sound of this name already."
    await shoot(page, "app-sounds-refused")
    await page.click("[aria-label='Remove notes.mp3 from this list']")
    await expect(refusals).to_have_count(4)


async def held_uploads(page: Page) -> tuple[asyncio.Event, list[str]]:
    """They reach the server once the event is set; what was asked for so far."""
    go, asked = asyncio.Event(), list[str]()

    async def hold(route: Route) -> None:
        asked.append(route.request.url)
        await go.wait()
        await route.continue_()

    await page.route("**/api/sounds/upload", hold)
    return go, asked


async def test_files_go_on_and_refusals_stay_while_another_page_is_looked_at(open_app: OpenApp):
    page = await open_app("/app/sounds")
    go, _ = await held_uploads(page)
    large = {"name": "large.wav", "mimeType": "audio/wav", "buffer": bytes(12_000_000)}
    await choose(page, large, wav("sent.wav"), wav("waits.wav"))
    await expect(page.locator("#uploads [role=alert]")).to_have_count(1)
    await goto(page, "/app/chat")

    await goto(page, "/app/sounds")

    await expect(page.locator("#uploads strong")).to_have_text(["large.wav", "sent.wav", "waits.wav"])
    await expect(page.locator("#uploads [role=alert]")).to_contain_text("Too large")
    go.set()
    await expect(row(page, "waits.wav")).to_be_visible(timeout=30_000)


async def test_nothing_more_is_sent_when_somebody_has_signed_out(open_app: OpenApp):
    page = await open_app("/app/sounds", refused=("401",))
    go, asked = await held_uploads(page)
    await choose(page, wav("first.wav"), wav("second.wav"))
    await goto(page, "/app/account")
    await page.click("#view [data-leave]")
    await expect(page.locator("#sign")).to_be_visible()

    async with page.expect_request_finished(lambda request: request.url.endswith("/sounds/upload")):
        go.set()
    await page.wait_for_timeout(300)

    assert len(asked) == 1


async def test_the_room_that_is_left_is_shown_and_kept_to(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/sounds", refused=("400", "403", "409", "413", "507"))
    room = page.locator(".quota progress")
    assert await room.get_attribute("max") == str(QUOTA)
    before = int(await room.get_attribute("value") or 0)
    await choose(page, *(wav(f"big {number}.wav", 12) for number in range(7)))

    await expect(page.locator("#uploads [role=alert]").last).to_contain_text(
        "There is no room left for it", timeout=30_000
    )
    await until_true(page, f"document.querySelector('.quota progress').value > {before}")
    used = int(await room.get_attribute("value") or 0)
    assert before < used <= QUOTA
    await expect(page.locator(".quota small")).to_contain_text("of 800 KB used")
    await shoot(page, "app-sounds-full")


@pytest.mark.parametrize(("language", "scheme", "width"), [("ru", "dark", 320), ("es", "light", 390)])
async def test_every_language_fits_and_is_accessible(
    open_app: OpenApp, shoot: Shoot, language: str, scheme: str, width: int
):
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 700}, "bypass_csp": True}
    page = await open_app("/app/account", **look)
    await speak(page, language)
    await goto(page, "/app/sounds")
    await expect(page.locator("#view h1")).to_have_text({"ru": "Звуки", "es": "Sonidos"}[language])
    await page.locator("#built-in .more").first.click()

    assert await fits(page)
    await shoot(page, f"app-sounds-{language}-{scheme}")
    await assert_accessible(page)
