"""A license by trial, key, Stars and balance."""

from bot.front import Front
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram

WRONG = "TTB-0000-0000-0001"


async def test_the_first_button_of_activate_takes_the_trial(ann: Person):
    await ann.asks("/activate")

    answer = await ann.presses(ann.buttons()[0]["text"])

    assert "Your license runs until" in answer


async def test_a_key_sent_as_such_is_activated_at_once(ann: Person, issue):
    await ann.asks("/start")

    answer = await ann.asks((await issue()).lower().replace("-", " "))

    assert "Your license runs until" in answer


async def test_a_key_is_understood_inside_another_dialog(ann: Person, issue):
    await ann.asks("/topup")

    answer = await ann.asks(await issue())

    assert "Your license runs until" in answer


async def test_a_key_follows_the_command(ann: Person, issue):
    assert "runs until" in await ann.asks(f"/activate {await issue()}")


async def test_a_typing_error_is_told_from_an_unknown_key(ann: Person):
    assert "typing error" in await ann.asks(WRONG)


async def test_somebody_elses_key_is_refused(ann: Person, boris: Person, issue):
    key = await issue()
    await ann.asks(key)

    assert "другому аккаунту" in await boris.asks(key)


async def test_a_plan_is_bought_with_stars(ann: Person, telegram: FakeTelegram, front: Front):
    await ann.asks("/activate")
    await ann.presses("🛒")
    await ann.presses("Pay 500 Stars")

    paid = await ann.pays(ann.button("Pay 500 Stars")["url"])

    assert paid["total_amount"] == 500
    assert await ann.hears("was added to your balance")


async def test_a_double_click_buys_once(ann: Person, telegram: FakeTelegram, front: Front, give):
    await ann.asks("/activate")
    await give(ann, 2_000)
    await ann.presses("🛒")
    shown = ann.chat[-1]
    data = ann.button("Pay from balance", shown)["callback_data"]

    for _ in range(2):
        await ann.clicks(data, shown)
    await telegram.until(lambda: all(telegram.callbacks.values()))

    assert len(front.shop.bought) == 1
    assert "Your license runs until" in ann.screen


async def test_too_little_money_says_how_much_is_missing(ann: Person):
    await ann.asks("/activate")
    await ann.presses("🛒")
    await ann.presses("Pay from balance")

    assert "you have 0.00 USD and need 6.50 USD" in await ann.hears("Not enough")


async def test_a_plans_title_is_no_markup_in_a_button(ann: Person):
    await ann.asks("/activate")

    assert ann.button("🛒")["text"] == "🛒 Standard & more: 30 days, 500 ⭐"
