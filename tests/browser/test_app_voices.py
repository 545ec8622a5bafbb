"""Voices in a browser: by language, heard before they are chosen; speed and loudness by sliders."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, goto, open_app
from tests.browser.conftest import Shoot
from tests.browser.hearing import heard, until_true
from tests.browser.test_app_stats import fits, speak

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOVE = """([name, value]) => {
  const slider = document.querySelector(`[name=${name}]`);
  slider.value = value;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  return slider.closest(".slider").querySelector("output").textContent.includes(value);
}"""
LET_GO = (
    "name => document.querySelector(`[name=${name}]`).dispatchEvent(new Event('change', {bubbles: true}))"
)


async def slide(page: Page, name: str, value: int) -> None:
    async with asyncio.timeout(30):
        while not await page.evaluate(MOVE, [name, value]):  # the page's script is on its way
            await asyncio.sleep(0.05)
    async with page.expect_response("**/api/settings"):
        await page.evaluate(LET_GO, name)


async def test_voices_are_sorted_by_language_heard_and_chosen(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/voices", is_mobile=True, has_touch=True)
    await expect(page.locator("#language")).to_have_value("en")
    english = await page.locator(".voice strong").all_inner_texts()
    await page.select_option("#language", label="Spanish")
    await page.wait_for_url("**/app/voices?lang=es")
    await expect(page.locator("#voices [data-key^='l-es']").first).to_be_visible()
    assert await page.locator("#voices [data-key^='l-en']").count() == 0
    assert await page.locator(".voice strong").all_inner_texts() != english
    await shoot(page, "app-voices-spanish")

    voice = page.locator("[data-key^='l-es'] .voice").first
    name = await voice.locator("strong").inner_text()
    await voice.locator(".play").click()
    await expect(voice.locator(".play")).to_have_attribute("aria-pressed", "true")
    await heard(page, 1)
    await expect(voice.locator(".play")).to_have_attribute("aria-pressed", "false")

    await voice.locator("label").click()
    await expect(page.locator(".speaking strong")).to_contain_text(name)
    await page.reload()
    await expect(page.locator(".speaking strong")).to_contain_text(name)
    await goto(page, "/app/voices")
    await page.locator("[data-key=voice-automatic] label").click()
    await expect(page.locator(".speaking strong")).not_to_contain_text(name)


async def test_another_voice_takes_the_turn_of_the_one_that_plays(open_app: OpenApp):
    page = await open_app("/app/voices")
    first, second = (page.locator(".voice .play").nth(place) for place in (0, 1))
    await first.click()
    await until_true(page, "[...document.querySelectorAll('audio')].some((one) => !one.paused)")
    await second.click()

    await expect(first).to_have_attribute("aria-pressed", "false")
    assert len(await heard(page, 1)) == 1
    await expect(second).to_have_attribute("aria-pressed", "false")


async def test_a_slider_is_heard_and_kept_once_it_is_let_go(open_app: OpenApp):
    page = await open_app("/app/voices")
    await slide(page, "tts_volume", 30)
    await expect(page.locator(".slider:has([name=tts_volume]) output")).to_have_text("30 %")
    await heard(page, 1)
    await slide(page, "gifts_volume", 55)
    await heard(page, 2)
    assert await page.evaluate("volumes") == [30, 55]

    await slide(page, "speech_rate", 25)
    await page.reload()
    await expect(page.locator(".slider:has([name=speech_rate]) output")).to_have_text("+25 %")
    await expect(page.locator("[name=tts_volume]")).to_have_value("30")


@pytest.mark.parametrize(
    ("language", "scheme", "width", "title"), [("ru", "light", 390, "Голоса"), ("es", "dark", 320, "Voces")]
)
async def test_every_language_fits_and_is_accessible(
    open_app: OpenApp, shoot: Shoot, language: str, scheme: str, width: int, title: str
):
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 700}, "bypass_csp": True}
    page = await open_app("/app/account", **look)
    await speak(page, language)
    await goto(page, "/app/voices")
    await expect(page.locator("#view h1")).to_have_text(title)

    assert await fits(page)
    await shoot(page, f"app-voices-{language}-{scheme}")
    await assert_accessible(page)
