"""Triggers in a browser: made as a sentence, tried, put in order, deleted and taken back, kept in files."""

import json
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.dragging import drop_below, hold
from tests.browser.hearing import noted
from tests.browser.test_app_stats import speak

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

RIGHT = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  return Math.max(...[...range.getClientRects()].map(({ right }) => right));
}"""


# What stands at the left of the sentence, below what stands before it.
LINE_BEGINNINGS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.querySelector("#sentence"), NodeFilter.SHOW_TEXT);
  let below = -Infinity;
  while (walker.nextNode()) {
    for (const [at, letter] of [...walker.currentNode.data].entries()) {
      const range = new Range();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      const { top, height } = range.getBoundingClientRect();
      if (!height) continue;
      if (letter === "," && top > below + height / 2) found.push(walker.currentNode.data);
      below = top;
    }
  }
  return found;
}"""


async def add_condition(page: Page, name: str) -> None:
    if not await page.locator(f"#adds >> text={name}").count():
        await page.click("#adds >> text=Another condition")
        await page.click(f"#sheet .choice:has-text('{name}')")
    else:
        await page.click(f"#adds >> text={name}")


async def names(page: Page) -> list[str]:
    return await page.locator("#list .trigger-main strong").all_inner_texts()


async def test_a_trigger_is_made_as_a_sentence_and_fires(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers", refused=("400",))
    await expect(page.locator("#list > li")).to_have_count(6)
    await shoot(page, "app-triggers")
    await page.click("text=New trigger")
    await expect(page.locator("#sentence")).to_have_text("When somebody sends any gift, play bell")

    await page.click("[data-slot=gift]")
    await page.fill("#sheet [type=search]", "Rose")
    await page.click("#sheet-body :is(.choice, .btn):has-text('Rose')")  # seen already, or by its name
    await page.click("#adds >> text=Worth at least")
    await page.fill("#sheet [name=value]", "10")
    await page.click("#sheet >> text=Done")
    await page.click("[data-slot=done]")
    await shoot(page, "app-trigger-sounds")
    await page.click("#sheet .choice:has-text('fanfare')")
    await expect(page.locator("#sentence")).to_have_text(
        "When somebody sends Rose worth at least 10 diamonds, play fanfare"
    )
    await shoot(page, "app-trigger")
    await page.click("#try")
    await noted(page, re.compile("Played here"))
    await page.click("text=Save")

    await expect(page.locator("#list > li")).to_have_count(7)
    assert "When somebody sends Rose worth at least 10 diamonds, play fanfare" in await names(page)
    await expect(page.locator("#list > li").last).to_be_in_viewport(ratio=1)


async def test_what_is_said_shows_an_example_and_what_is_wrong(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers/new", refused=("400",), color_scheme="dark")
    await page.click("[data-slot=action]")
    await page.click("#sheet .choice:has-text('Say something')")
    await page.fill("[name=say]", "Thanks ")
    await page.click("[data-into=say][data-insert='{user}']")
    await expect(page.locator("[data-example=say]")).to_have_text("For example: Thanks Anna")
    await shoot(page, "app-trigger-say-dark")

    await page.fill("[name=say]", "Thanks")
    for field in ("user", "gift_name"):
        await page.click(f"[data-into=say][data-insert='{{{field}}}']")
    await expect(page.locator("[name=say]")).to_have_value("Thanks {user} {gift_name}")
    await expect(page.locator("#sentence")).to_contain_text("say “Thanks [Name] [Gift]”")

    await page.fill("[name=say]", "Thanks {nobody}")
    await page.click("#editor [type=submit]")

    await expect(page.locator("[data-act=tts] .field-problem")).to_contain_text(
        "Something is wrong in this text"
    )
    await page.fill("[name=say]", "Thanks {user}")  # what was wrong is not told of what is typed now
    await expect(page.locator("[data-act=tts] .field-problem")).to_have_count(0)


async def test_a_text_without_a_blank_breaks_where_the_phone_ends(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers/new", viewport={"width": 320, "height": 700})
    await page.click("[data-slot=action]")
    await page.click("#sheet .choice:has-text('Say something')")
    await page.fill("[name=say]", "W" * 250)
    await expect(page.locator("[data-example=say]")).to_contain_text("W" * 250)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320

    await page.click("#advanced summary")
    await page.fill("[name=name]", "N" * 60)
    await shoot(page, "app-trigger-long-phone")
    await page.click("#editor [type=submit]")
    row = page.locator("#list > li", has_text="N" * 60)
    await row.scroll_into_view_if_needed()
    await shoot(page, "app-triggers-long-phone")

    switch = await row.locator(".switch").bounding_box()
    assert switch
    assert await row.locator("strong").evaluate(RIGHT) <= switch["x"]
    assert await row.locator("small").evaluate(RIGHT) <= switch["x"] + switch["width"]


async def test_a_counter_is_put_in_by_its_name_and_never_without_one(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers/new", refused=("400",), viewport={"width": 390, "height": 844})
    await page.click("[data-slot=action]")
    await page.click("#sheet .choice:has-text('Say something')")
    chips = page.locator("[data-act=tts] .chip:visible")
    assert await chips.all_inner_texts() == [
        "Name", "TikTok name", "Gift", "How many", "Diamonds of one", "Diamonds in all", "Counter …",
    ]  # fmt: skip
    await page.fill("[name=say]", "Already")
    await page.click("[data-act=tts] .chip:has-text('Counter …')")
    await shoot(page, "app-trigger-counter")

    await page.click("#editor [type=submit]")
    await expect(page.locator("[data-act=tts] .field-problem")).to_have_text(
        "Write the name of your counter in the place of the dots."
    )
    await page.fill("[name=say]", "Already")
    await page.click("[data-act=tts] .chip:has-text('Counter …')")
    await page.keyboard.type("roses")  # what is typed takes the place of the dots

    await expect(page.locator("[name=say]")).to_have_value("Already {counter:roses}")
    await page.click("[data-slot=action]")
    await page.click("#sheet summary")
    await page.click("#sheet .choice:has-text('Count')")
    await page.fill("[name=counter]", "roses")
    await page.click("#editor [type=submit]")
    await expect(page.locator("#list")).to_be_visible()
    await goto(page, "/app/triggers/new")
    await page.click("[data-slot=action]")
    await page.click("#sheet .choice:has-text('Say something')")
    await page.click("[data-act=tts] .chip:has-text('Counter roses')")
    await expect(page.locator("[name=say]")).to_have_value("{counter:roses}")


async def test_what_is_wrong_is_in_sight_above_the_bar(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers/new", refused=("400",), viewport={"width": 390, "height": 844})
    await page.click("#advanced summary")
    bar = page.locator(".save-bar")

    for name, wrong, right in (("cooldown_seconds", "-1", "0"), ("priority", "500", "0")):
        await page.fill(f"[name={name}]", wrong)
        await page.evaluate("scrollTo(0, 0)")
        await page.click("#editor [type=submit]")
        problem = page.locator(".field-problem:visible")
        await expect(problem).to_have_count(1)
        await expect(page.locator(f"[name={name}]")).to_be_focused()
        await shoot(page, f"app-trigger-wrong-{name}")
        said, over = await problem.bounding_box(), await bar.bounding_box()
        assert said
        assert over
        assert said["y"] + said["height"] <= over["y"]
        await expect(page.locator(f"[name={name}]")).to_be_in_viewport(ratio=1)
        await page.fill(f"[name={name}]", right)


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_note_stands_above_the_bar_it_would_cover(open_app: OpenApp, shoot: Shoot, width: int):
    page = await open_app("/app/triggers/new", viewport={"width": width, "height": 844})
    await page.click("#advanced summary")
    await page.click("#try")
    await expect(page.locator(".toast")).to_be_visible()

    for place in ("0", "document.documentElement.scrollHeight"):
        await page.evaluate(f"scrollTo(0, {place})")
        await shoot(page, f"app-trigger-note-{width}-{place[:3]}")
        note = await page.locator(".toast").bounding_box()
        bar = await page.locator(".save-bar").bounding_box()
        assert note
        assert bar
        assert note["y"] + note["height"] <= bar["y"] or note["x"] >= bar["x"] + bar["width"]


async def test_prices_are_one_range_and_no_line_begins_with_a_comma(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/triggers/new", viewport={"width": 390, "height": 844})
    for key, value in (("Worth at least", "30"), ("Worth at most", "198")):
        await add_condition(page, key)
        await page.fill("#sheet [name=value]", value)
        await page.click("#sheet >> text=Done")
    await add_condition(page, "First time in this LIVE")
    await expect(page.locator("#sentence")).to_have_text(
        "When somebody sends any gift worth between 30 and 198 diamonds, for the first time in this LIVE, "
        "play bell"
    )
    await shoot(page, "app-trigger-range")
    assert await page.evaluate(LINE_BEGINNINGS) == []

    await page.click("[data-slot=condition-1]")
    await expect(page.locator("#sheet [name=value]")).to_have_value("198")
    await page.fill("#sheet [name=value]", "99")
    await page.click("#sheet >> text=Done")
    await page.click("#editor [type=submit]")
    await expect(page.locator("#list")).to_contain_text("worth between 30 and 99 diamonds")


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("ru", "Когда кто-то дарит любой подарок, голос говорит «[Имя]: [Подарок]»"),
        ("es", "Cuando alguien envía cualquier regalo, una voz dice «[Nombre]: [Regalo]»"),
    ],
)
async def test_every_word_can_be_tapped_in_every_language(
    open_app: OpenApp, shoot: Shoot, language: str, shown: str
):
    page = await open_app("/app/account", viewport={"width": 390, "height": 844})
    await speak(page, language)
    await goto(page, "/app/triggers")
    await shoot(page, f"app-triggers-{language}")
    await goto(page, "/app/triggers/new")
    await page.click("[data-slot=action]")
    await page.locator("#sheet .choice").nth(1).click()
    await page.fill("[name=say]", "{user}: {gift_name}")
    await shoot(page, f"app-trigger-say-{language}")
    await expect(page.locator("#sentence")).to_have_text(shown)

    await speak(await open_app("/app/account"), "en")


async def test_a_copy_is_called_one(open_app: OpenApp):
    page = await open_app("/app/triggers")
    row = page.locator("#list > li[data-name='Every 1,000 likes']")

    await row.locator("[data-menu]").click()
    await page.click("#sheet >> text=Duplicate")
    await expect(page.locator("[name=name]")).to_have_value("Every 1,000 likes (copy)")
    await page.click("#advanced summary")
    await page.fill("[name=name]", "x" * 100)
    await page.click("#editor [type=submit]")
    await page.locator(f"#list > li[data-name='{'x' * 100}'] [data-menu]").click()
    await page.click("#sheet >> text=Duplicate")

    await expect(page.locator("[name=name]")).to_have_value("x" * 93 + " (copy)")


async def test_order_by_keys_deleting_and_taking_back(open_app: OpenApp):
    page = await open_app("/app/triggers")
    before = await names(page)
    await page.locator(".handle").nth(1).press("ArrowUp")
    await noted(page, f"{before[1]}: place 1 of {len(before)}")
    await noted(page, re.compile("New order saved"))
    assert (await names(page))[:2] == [before[1], before[0]]


SHOWN = "#list > li:visible"


async def delete_first(page: Page) -> str:
    """Its id."""
    row = page.locator(SHOWN).first
    await row.locator("[data-menu]").click()
    gone = str(await row.get_attribute("data-id"))
    await page.click("#sheet >> text=Delete")
    await noted(page, re.compile(r"” deleted"))
    return gone


async def test_what_was_deleted_comes_back_in_its_place_as_the_one_it_was(open_app: OpenApp):
    page = await open_app("/app/triggers")
    rows = page.locator(SHOWN)
    before = await rows.evaluate_all("all => all.map((one) => one.dataset.id)")
    gone = await delete_first(page)
    await expect(rows).to_have_count(len(before) - 1)
    await expect(rows.first.locator("[data-menu]")).to_be_focused()

    await page.keyboard.press("Tab")
    await expect(page.locator(".toast button")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(f"#trigger-{gone} [data-menu]")).to_be_focused()
    assert await rows.evaluate_all("all => all.map((one) => one.dataset.id)") == before
    await page.reload()
    await expect(page.locator(f"#trigger-{gone} [name=enabled]")).to_be_checked()
    assert await rows.evaluate_all("all => all.map((one) => one.dataset.id)") == before


async def test_what_was_deleted_does_nothing_more_and_goes_with_who_signs_out(open_app: OpenApp):
    page = await open_app("/app/triggers")
    gone = await delete_first(page)
    there = await open_app("/app/triggers")
    await expect(there.locator(f"#trigger-{gone} [name=enabled]")).not_to_be_checked()

    await goto(page, "/app/more")
    await page.click("[data-leave]")
    await expect(page.locator("#sign")).to_be_visible()
    await expect(page.locator(".toast")).to_have_count(0)

    await expect(there.locator(f"#trigger-{gone}")).to_have_count(0)


async def test_a_note_with_a_button_stays_while_somebody_is_at_it(open_app: OpenApp):
    page = await open_app("/app/triggers")
    await page.clock.install()
    gone = await delete_first(page)
    undo = page.locator(".toast button")
    await page.keyboard.press("Tab")
    await expect(undo).to_be_focused()

    await page.clock.run_for(30_000)
    await expect(undo).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(SHOWN).first.locator("[data-menu]")).to_be_focused()
    await page.hover(".toast")
    await page.clock.run_for(30_000)
    await expect(undo).to_be_visible()
    await page.mouse.move(5, 5)
    await page.clock.run_for(10_000)

    await expect(undo).to_have_count(0)
    await expect(page.locator(f"#trigger-{gone}")).to_have_count(0)


async def test_the_focus_goes_to_the_condition_that_came_and_on_from_one_that_went(open_app: OpenApp):
    page = await open_app("/app/triggers/new")
    await page.click("#adds >> text=Worth at least")
    await page.fill("#sheet [name=value]", "10")
    await page.click("#sheet >> text=Done")
    await expect(page.locator("[data-slot=condition-0]")).to_be_focused()

    await page.keyboard.press("Enter")
    await page.click("#sheet .danger")

    await expect(page.locator("[data-slot=action]")).to_be_focused()


async def test_a_step_from_the_menu_is_told_once(open_app: OpenApp):
    page = await open_app("/app/triggers")
    before = await names(page)
    await page.locator("#list > li").nth(1).locator("[data-menu]").click()
    await page.click("#sheet >> text=Move up")

    await noted(page, re.compile(f"^{re.escape(before[1])}: place 1 of {len(before)}Undo$"))
    await page.locator(".toast button:has-text('Undo')").click()
    await expect(page.locator("#list > li strong").first).to_contain_text(before[0])
    assert await page.evaluate("noted.length") == 0


async def test_order_by_dragging_is_kept(open_app: OpenApp):
    page = await open_app("/app/triggers")
    before = await names(page)
    await hold(page)
    await drop_below(page, 2)

    await noted(page, re.compile("New order saved"))
    await page.reload()
    await expect(page.locator("#list")).to_be_visible()
    assert await names(page) == [before[1], before[2], before[0], *before[3:]]


async def test_sets_and_files(open_app: OpenApp):
    page = await open_app("/app/triggers", refused=("400",))
    count = len(await names(page))
    await page.click("text=Ready-made sets")
    await page.click("[data-set=followers]")
    await noted(page, re.compile("added"))
    await expect(page.locator("#list > li")).not_to_have_count(count)
    await page.locator(".toast button:has-text('Undo')").last.click()
    await expect(page.locator("#list > li")).to_have_count(count)

    await page.click("[data-key=file] summary")
    async with page.expect_download() as saved:
        await page.click("[data-export=file]")
    written = json.loads((await (await saved.value).path()).read_text("utf-8"))
    assert len(written["triggers"]) == count
    await page.set_input_files("#import", await (await saved.value).path())
    await noted(page, re.compile(r"Everything in it is here already\."))
    file = {"name": "x.json", "mimeType": "application/json", "buffer": b"{}"}
    await page.set_input_files("#import", file)
    await expect(page.locator("#import-problem")).to_contain_text("Nothing was loaded.")
    async with page.expect_response("**/app/view/triggers"):
        await page.evaluate("dispatchEvent(new Event('online'))")  # the page is fetched again
    await page.wait_for_timeout(200)
    await expect(page.locator("#import-problem")).to_contain_text("Nothing was loaded.")


async def test_what_cannot_be_pasted_is_said_in_plain_words_and_stays_to_be_mended(
    open_app: OpenApp, shoot: Shoot
):
    page = await open_app("/app/triggers", refused=("400", "404"), viewport={"width": 390, "height": 844})
    await page.click("[data-key=file] summary")
    await page.click("#paste")
    sheet, problem = page.locator("#paste-sheet"), page.locator("#paste-problem")

    await page.click("#paste-sheet [value=load]")
    await expect(problem).to_have_text("This is not what you copied from Triggers. Nothing was loaded.")
    await page.fill("#paste-text", "hello")
    await expect(problem).to_be_hidden()
    await page.click("#paste-sheet [value=load]")
    await expect(problem).to_have_text("This is not what you copied from Triggers. Nothing was loaded.")
    await shoot(page, "app-triggers-paste")
    bell = '{"event_type": "%s", "action": "play_sound", "action_params": {"sound_filename": "%s"}}'
    for kind, sound, text in (
        ("zzz", "bell", "Line 3: Something in this trigger is not right. Nothing was loaded."),
        ("gift", "none.mp3", "Line 3: You do not have the sound of this trigger. Nothing was loaded."),
    ):
        await page.fill("#paste-text", f"[\n{bell % ('share', 'bell')},\n{bell % (kind, sound)}]")
        await page.click("#paste-sheet [value=load]")
        await expect(problem).to_have_text(text)
    await expect(sheet).to_be_visible()

    await page.fill("#paste-text", f"[{bell % ('share', 'bell')}]")
    await page.click("#paste-sheet [value=load]")
    await noted(page, re.compile("^1 trigger added"))
    await expect(sheet).to_be_hidden()
    await expect(page.locator("#paste-text")).to_have_value("")
    await page.locator(".toast button:has-text('Undo')").last.click()


@pytest.mark.parametrize("path", ["/app/triggers", "/app/triggers/new"])
async def test_it_fits_a_small_phone_and_is_accessible(open_app: OpenApp, shoot: Shoot, path: str):
    page = await open_app(path, bypass_csp=True, viewport={"width": 320, "height": 640})
    await assert_accessible(page)
    await shoot(page, f"app{path.replace('/', '-')}-320")

    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    await goto(page, "/app/triggers")
    await page.fill("#find", "rose")
    await expect(page.locator("#list > li")).not_to_have_count(0)
    await page.fill("#find", "nothing of this name")
    await expect(page.locator("#nothing-found")).to_be_visible()
