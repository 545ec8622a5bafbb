"""The account's page in a browser: language, devices, one's data, leaving."""

import re
import zipfile

import pytest
from playwright.async_api import expect

from tests.browser.app_kit import OpenApp, assert_accessible, demo, open_app
from tests.browser.conftest import Shoot
from tests.browser.test_demo import Demo

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_license_devices_and_data(open_app: OpenApp, shoot: Shoot):
    other = await open_app("/app/account", refused=("401",))
    page = await open_app("/app/account", refused=("400",))
    await expect(page.locator("#view h1")).to_have_text("Account")
    await shoot(page, "app-account")

    await page.fill("#view [name=license_key]", "TTB-AAAA-AAAA-AAAA")
    await page.click("text=Activate")
    await expect(page.locator("#view .problem").first).to_contain_text("This key is mistyped.")

    await page.click("text=Sign out all others")
    await page.click("#ask [value=yes]")
    await expect(page.locator("#devices-head ~ .btn")).to_have_count(0)
    await expect(other.locator("#sign")).to_be_visible(timeout=30_000)

    async with page.expect_download() as saved:
        await page.click("#export")
    archive = zipfile.ZipFile(await (await saved.value).path())
    assert "data.json" in archive.namelist()
    sounds = [name for name in archive.namelist() if name.startswith("sounds/")]
    assert sounds
    assert all(name.endswith(".mp3") for name in sounds)  # uploaded as wav, kept as mp3


async def test_language_changes_at_once_and_stays(open_app: OpenApp, shoot: Shoot):
    page = await open_app("/app/account", color_scheme="dark")

    await page.check("[name=language][value=ru]")
    await expect(page.locator("#view h1")).to_have_text("Аккаунт")
    await expect(page.locator(".nav a").first).to_have_text("Главная")
    await expect(page.locator(".top .demo")).to_have_text("Демо")
    await expect(page.locator(".top .demo")).to_have_attribute("title", re.compile("Вымышленные"))
    await shoot(page, "app-account-ru-dark")
    await expect(page.locator("#ask [value='']")).to_have_text("Нет", use_inner_text=False)
    await page.check("[name=language][value=es]")
    await expect(page.locator("#view h1")).to_have_text("Cuenta")
    await shoot(page, "app-account-es-dark")
    await page.reload()
    await expect(page.locator("#view h1")).to_have_text("Cuenta")
    await page.check("[name=language][value=en]")
    await expect(page.locator("#view h1")).to_have_text("Account")


async def test_light_or_dark_is_chosen_for_this_device_and_stays(open_app: OpenApp):
    page = await open_app("/app/account", color_scheme="light")
    ground = page.locator("body")
    await expect(ground).to_have_css("background-color", "rgb(245, 244, 241)")

    await page.check("[name=scheme][value=dark]")
    await expect(ground).to_have_css("background-color", "rgb(16, 18, 23)")
    await page.reload()
    await expect(page.locator("[name=scheme][value=dark]")).to_be_checked()
    await expect(ground).to_have_css("background-color", "rgb(16, 18, 23)")
    await page.emulate_media(color_scheme="dark")
    await page.check("[name=scheme][value=light]")
    await expect(ground).to_have_css("background-color", "rgb(245, 244, 241)")
    await page.check("[name=scheme][value='']")
    await expect(ground).to_have_css("background-color", "rgb(16, 18, 23)")


async def test_the_player_is_light_or_dark_as_chosen_in_the_app(open_app: OpenApp, demo: Demo):
    page = await open_app("/app/account", color_scheme="light")
    player = await page.context.new_page()
    await player.goto(demo.said["player"])
    await expect(player.locator("body")).to_have_css("background-color", "rgb(245, 244, 241)")

    await page.check("[name=scheme][value=dark]")
    await player.reload()
    await expect(player.locator("body")).to_have_css("background-color", "rgb(16, 18, 23)")
    bars = player.locator("meta[name=theme-color][media=all]")
    await expect(bars).to_have_attribute("content", "#101217")


async def test_leaving_for_good_asks_for_the_password_and_once_more(open_app: OpenApp):
    page = await open_app("/app/account", refused=("401", "409"))
    await page.click("text=Delete my account")
    form = page.locator("#delete-form")
    await form.locator("[name=password]").fill("not-the-password")
    await form.locator("[type=submit]").click()
    await page.click("#ask [value=yes]")
    await expect(form.locator(".problem")).to_have_text("That is not your password.")

    await form.locator("[name=password]").fill("demo-password")
    await form.locator("[type=submit]").click()
    await page.click("#ask [value='']")
    await expect(form).to_be_visible()
    await form.locator("[type=submit]").click()
    await page.click("#ask [value=yes]")

    await expect(form.locator(".problem")).to_have_text(re.compile("Orders of yours|still money"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_is_accessible(open_app: OpenApp, scheme: str):
    page = await open_app("/app/account", bypass_csp=True, color_scheme=scheme)

    await assert_accessible(page)
