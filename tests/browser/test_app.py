"""The Mini App's shell against the running demo: signing in, a reload, places, being offline."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.app_kit import UNREACHED, OpenApp, demo, goto, open_app
from tests.browser.conftest import Complaints, OpenPage, Shoot
from tests.browser.test_demo import Demo

__all__ = ["demo", "open_app"]

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def sign_in(page: Page, password: str) -> None:
    await page.fill("[name=username]", "demo_streamer")
    await page.fill("[name=password]", password)
    await page.click("#sign button")


async def test_a_password_signs_in_and_a_reload_keeps_it(
    browser: Browser, open_page: OpenPage, demo: Demo, complaints: Complaints, shoot: Shoot
):
    complaints.expected = (*UNREACHED, "401")
    page = await open_page(browser, f"{demo.base}/app", color_scheme="dark")
    await sign_in(page, "wrong-password")
    await expect(page.locator("#sign .problem")).to_have_text("Wrong username or password.")
    await shoot(page, "app-sign-in-refused")

    await sign_in(page, "demo-password")
    await expect(page.locator(".nav")).to_be_visible()
    await page.reload()
    await expect(page.locator(".nav")).to_be_visible()


async def test_signing_out_ends_the_session_here_and_on_the_server(
    open_app: OpenApp, demo: Demo, shoot: Shoot
):
    page = await open_app("/app/more", refused=("401",))
    await shoot(page, "app-more")
    token = await page.evaluate("sessionStorage.getItem('ttboost.token')")

    await page.click("[data-leave]")
    await expect(page.locator("#sign")).to_be_visible()
    await expect(page.locator("#sign [name=username]")).to_be_focused()
    answer = await page.request.get(f"{demo.base}/api/user", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 401
    await page.reload()

    await expect(page.locator("#sign")).to_be_visible()


async def test_who_is_offline_signs_out_here_all_the_same(open_app: OpenApp):
    page = await open_app("/app/more")
    await page.context.set_offline(True)

    await page.click("[data-leave]")

    await expect(page.locator("#sign")).to_be_visible()
    assert not await page.evaluate("sessionStorage.getItem('ttboost.token')")


async def test_the_link_a_demo_prints_opens_it_again_and_again(open_app: OpenApp):
    for _ in range(2):
        page = await open_app()
        await expect(page.locator(".nav")).to_be_visible()
        assert "ticket" not in page.url


async def test_a_link_that_was_used_is_told_in_plain_words(
    browser: Browser, open_page: OpenPage, demo: Demo, complaints: Complaints
):
    complaints.expected = (*UNREACHED, "401")
    page = await open_page(browser, f"{demo.base}/app#ticket=used")

    await expect(page.locator("#sign .problem")).to_contain_text("This link was used already")
    assert "ticket" not in page.url


async def test_places_are_gone_to_and_back_without_loading_the_shell_again(open_app: OpenApp):
    page = await open_app()
    await page.evaluate("window.stayed = true")

    await page.click(".nav .more")
    await expect(page.locator("#view h1")).to_have_text("More")
    await page.go_back()
    await expect(page.locator(".nav a[aria-current]")).to_have_text("Home")

    assert await page.evaluate("stayed") is True


async def test_the_first_stop_of_tab_skips_to_the_page(open_app: OpenApp):
    page = await open_app()
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("Tab")
    await expect(page.locator(".jump")).to_be_focused()

    await page.keyboard.press("Enter")

    await expect(page.locator("#view")).to_be_focused()
    assert page.url.endswith("/app")


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/app/voices", ["Speed", "Pitch"]),
        ("/app/triggers/new", ["Volume"]),
        ("/app/overlay", ["Size", "Background visible"]),
    ],
)
async def test_sliders_have_names(open_app: OpenApp, path: str, names: list[str]):
    page = await open_app(path)
    await page.evaluate("for (const one of document.querySelectorAll('#view details')) one.open = true")

    for name in names:
        await expect(page.get_by_role("slider", name=name, exact=True).first).to_be_visible()


async def test_an_address_within_opens_that_page(open_app: OpenApp):
    page = await open_app()
    await page.goto(f"{page.url}/more")

    await expect(page.locator("#view h1")).to_have_text("More")


async def test_what_is_not_there_is_told_with_a_button_to_try_again(open_app: OpenApp):
    page = await open_app(refused=("404",))
    await goto(page, "/app/nowhere")

    await expect(page.locator("#view .empty p")).to_have_text("This is not there any more.")
    await expect(page.locator("#view .empty button")).to_have_text("Try again")


async def test_being_offline_is_told_and_goes_away_by_itself(open_app: OpenApp):
    page = await open_app()

    await page.context.set_offline(True)
    await expect(page.locator("#offline")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.locator("#offline")).to_be_hidden()


async def test_the_focus_stays_where_a_button_gave_way_to_another(open_app: OpenApp):
    page = await open_app()
    await page.focus("#switch-off")
    await page.keyboard.press("Enter")
    await expect(page.locator("#switch-on")).to_be_focused()

    await page.keyboard.press("Enter")
    await expect(page.locator("#switch-off")).to_be_focused()


async def test_a_phones_keyboard_covers_no_sheet_and_sends_the_bar_away(open_app: OpenApp):
    page = await open_app("/app/triggers/new", viewport={"width": 390, "height": 844})
    await page.locator("#sentence .slot").nth(1).click()
    sheet = page.locator("#sheet")
    await expect(sheet).to_be_visible()

    await page.evaluate(
        "Object.defineProperty(visualViewport, 'height', {value: 500});"
        " visualViewport.dispatchEvent(new Event('resize'))"
    )

    await expect(page.locator(".nav")).to_be_hidden()
    box = await sheet.bounding_box()
    assert box
    assert round(box["y"] + box["height"]) == 500
    assert box["y"] >= 0
