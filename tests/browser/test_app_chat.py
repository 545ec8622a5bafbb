"""Chat in a browser: who is read, how, what is left out, and how names are said; each tried at once."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import heard, until_true
from tests.browser.test_app_stats import fits, speak

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


HALF_UNDER = """() => {
  const field = document.querySelector("[name=blocked_users]");
  scrollBy(0, field.getBoundingClientRect().top - innerHeight + 130);
  document.querySelector("[name=blocked_words]").focus({preventScroll: true});
}"""


async def saved(page: Page, name: str, value: str) -> None:
    """Typed and left, as one leaves a field."""
    async with page.expect_response("**/api/settings"):
        await page.fill(f"[name={name}]", value)
        await page.locator(f"[name={name}]").blur()


async def chosen(page: Page, name: str, value: str) -> None:
    async with page.expect_response("**/api/settings"):
        await page.locator(f"label:has(> [name={name}][value={value}])").click()


async def tried(page: Page, line: str, said: str, name: str = "Anna") -> None:
    await page.fill("#try [name=name]", name)
    await page.fill("#try [name=text]", line)
    await page.click("#try [type=submit]")
    await expect(page.locator("#tried p")).to_contain_text(said)


async def test_a_line_is_heard_as_it_would_be_read(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/chat", is_mobile=True, has_touch=True)
    await tried(page, "Hello there", "Hello there")
    await heard(page, 1)
    await shoot(page, "app-chat")

    await page.click("#tried .play")
    await heard(page, 2)


async def test_only_lines_with_a_sign_are_read_where_that_is_chosen(open_app: OpenApp):
    page = await open_app("/app/chat", refused=("400",))
    signs = page.locator("[name=chat_tts_prefixes]")
    await chosen(page, "chat_tts_mode", "prefix")
    await expect(signs).to_be_visible()
    await saved(page, "chat_tts_prefixes", "? say:")
    await tried(page, "no sign", "This line stays silent.")
    await tried(page, "?with one", "with one")
    await saved(page, "chat_tts_prefixes", "one-that-is-far-too-long-for-a-sign")
    await expect(page.locator(".field-problem")).to_have_text("At most 20 signs, each up to 16 characters.")

    await page.reload()
    await expect(signs).to_have_value("? say:")
    await chosen(page, "chat_tts_mode", "donor")
    await expect(signs).to_be_hidden()
    await expect(page.locator("[name=chat_tts_min_diamonds]")).to_be_visible()
    await chosen(page, "chat_tts_mode", "off")
    await tried(page, "?nobody", "This line stays silent.")
    await chosen(page, "chat_tts_mode", "all")


async def test_what_is_said_is_put_together_from_fields(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/chat", refused=("400",), color_scheme="dark")
    before = await page.input_value("#template")
    await saved(page, "chat_tts_template", "{user} writes")
    async with page.expect_response("**/api/settings"):
        await page.click("[data-insert='{message}']")
    await expect(page.locator("#template")).to_have_value("{user} writes {message}")
    await tried(page, "good evening", "Anna writes good evening")

    await saved(page, "chat_tts_template", "{nobody}")
    await expect(page.locator(".field-problem")).to_have_text(
        "There is something in braces we do not know. Use {user} and {message}."
    )
    await shoot(page, "app-chat-template-dark")
    await saved(page, "chat_tts_max_length", "88")  # what another field was refused for still stands there
    await expect(page.locator(".field-problem")).to_have_count(1)
    await saved(page, "chat_tts_max_length", "0")
    await expect(page.locator(".field-problem")).to_have_count(2)
    await expect(page.locator("#template")).to_have_attribute("aria-invalid", "true")
    await saved(page, "chat_tts_max_length", "88")
    await saved(page, "chat_tts_template", before)
    await expect(page.locator(".field-problem")).to_have_count(0)
    await expect(page.locator("#template")).not_to_have_attribute("aria-invalid", "true")


async def test_who_wants_something_said_into_a_silence_has_something_said(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/chat", viewport={"width": 390, "height": 844})
    text = page.locator("[name=silence_text]")
    assert await text.input_value() == ""
    await page.locator("label.switch:has([name=silence_enabled])").click()
    await expect(text).to_have_value("Ask me something!")
    await text.scroll_into_view_if_needed()
    await shoot(page, "app-chat-silence")
    await saved(page, "silence_text", "Hello?")
    await saved(page, "silence_text", " ")
    await expect(text).to_have_value("Ask me something!")

    await page.reload()
    await expect(text).to_have_value("Ask me something!")
    await expect(page.locator("[name=silence_enabled]")).to_be_checked()


async def test_words_and_people_can_be_left_out(open_app: OpenApp):
    page = await open_app("/app/chat")
    await saved(page, "blocked_words", "pineapple\nпароль")
    await tried(page, "I like PineApple pizza", "It holds a word from your list.")
    await tried(page, "какой пароль?", "It holds a word from your list.")
    await saved(page, "blocked_users", "@Rude.Person")
    await tried(page, "hello", "your list of people", name="rude.person")
    await chosen(page, "profanity_mode", "skip")
    await tried(page, "what a shit show", "It holds a bad word.")
    await chosen(page, "profanity_mode", "mask")

    await page.reload()
    await expect(page.locator("[name=blocked_words]")).to_have_value("pineapple\nпароль")
    await saved(page, "blocked_words", "")
    await saved(page, "blocked_users", "")
    await tried(page, "I like pineapple pizza", "pineapple pizza")


async def test_a_name_is_said_as_it_is_written_here(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/chat")
    await page.fill("#name-it [name=name]", "Zoë_99")
    await page.fill("#name-it [name=say]", "Zo-ee")
    await page.click("#name-it [type=submit]")
    row = page.locator('#names [data-name="Zoë_99"]')
    await expect(row).to_contain_text("Zo-ee")
    await page.locator("#names").scroll_into_view_if_needed()
    await shoot(page, "app-chat-names")
    await row.locator(".play").click()
    await heard(page, 1)
    await saved(page, "chat_tts_template", "{user}: {message}")
    await tried(page, "hi", "Zo-ee", name="Zoë_99")

    await row.locator("[data-remove]").click()
    await expect(row).to_have_count(0)
    await page.click(".toast button:has-text('Undo')")
    await expect(row).to_have_count(1)


@pytest.mark.parametrize(
    ("language", "scheme", "width", "title"), [("ru", "dark", 320, "Чат"), ("es", "light", 390, "Chat")]
)
async def test_every_language_fits_and_is_accessible(
    open_app: OpenApp, shoot: Shoot, language: str, scheme: str, width: int, title: str
):
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 700}, "bypass_csp": True}
    page = await open_app("/app/account", **look)
    await speak(page, language)
    await goto(page, "/app/chat")
    await expect(page.locator("#view h1")).to_have_text(title)

    assert await fits(page)
    await shoot(page, f"app-chat-{language}-{scheme}")
    await assert_accessible(page)


async def test_a_tall_field_reached_by_keyboard_is_whole_above_the_bar(open_app: OpenApp):
    page = await open_app("/app/chat", viewport={"width": 390, "height": 844})
    await page.evaluate(HALF_UNDER)
    await page.keyboard.press("Tab")
    await expect(page.locator("[name=blocked_users]")).to_be_focused()

    await until_true(page, "document.activeElement.getBoundingClientRect().bottom <= innerHeight - 60")
