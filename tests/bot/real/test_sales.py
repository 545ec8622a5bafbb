"""Money through the chat, from the first press to the books: what is left must hold after each test."""

from bot.front import Front
from core.audit import Act
from tests.fake_telegram.person import Person

VIDEO = "https://www.tiktok.com/@ann/video/7301234567890123456"


async def top_up(person: Person) -> None:
    await person.asks("/topup 20")
    await person.pays(person.button("Pay")["url"])
    await person.hears("20.00 USD was added")


async def test_stars_arrive_on_the_balance(ann: Person):
    await ann.asks("/start")
    await top_up(ann)

    assert "Added with Stars: +20.00 USD" in await ann.asks("/balance")


async def test_the_free_days_begin_at_once(ann: Person):
    await ann.asks("/activate")
    await ann.presses("Try")

    assert not any("Try" in one["text"] for one in ann.buttons())


async def test_a_license_is_bought_from_the_balance(ann: Person, front: Front, user_id):
    await ann.asks("/start")
    await top_up(ann)
    plan = (await front.services.shop.shelf(await user_id(ann))).offers[0].plan
    await ann.asks("/activate")
    await ann.presses(f"plan:{plan}")
    await ann.presses("Pay from balance")

    assert "License bought" in await ann.asks("/balance")


async def test_a_license_is_renewed_from_the_same_message(ann: Person):
    await ann.asks("/start")
    await top_up(ann)
    await ann.asks("/activate")
    for _ in range(2):
        await ann.presses("plan:standard")
        await ann.presses("Pay from balance")
        await ann.presses("menu")
        await ann.presses("license")

    assert (await ann.asks("/balance")).count("License bought") == 2


async def test_a_purchase_pressed_twice_is_one(ann: Person):
    await ann.asks("/start")
    await top_up(ann)
    await ann.asks("/activate")
    await ann.presses("plan:standard")
    shown = {**ann.chat[-1]}
    pay = ann.button("Pay from balance")["callback_data"]

    await ann.clicks(pay, shown)
    await ann.clicks(pay, shown)
    await ann.hears("Your license runs until")

    assert (await ann.asks("/balance")).count("License bought") == 1


async def test_an_order_sets_money_aside_and_a_cancelled_one_gives_it_back(
    ann: Person, front: Front, user_id
):
    await ann.asks("/start")
    await top_up(ann)
    await ann.asks(VIDEO)
    await ann.asks("1000")
    await ann.presses("Order for")
    assert "Set aside" in await ann.asks("/balance")

    await ann.asks("/orders")
    await ann.presses("ORD-")
    await ann.presses("Cancel")
    await ann.presses("Yes, cancel it")
    ended = await ann.hears("Back to your balance: 3.50 USD")
    await ann.hears(f"{ended.split()[1]}: ✖️ cancelled")

    assert sum("cancelled\n░" in one["text"] for one in ann.chat) == 1, "one card for one order"
    assert "Balance: 20.00 USD" in await ann.asks("/balance")


async def test_a_license_is_bought_with_stars(ann: Person):
    await ann.asks("/activate")
    await ann.presses("plan:standard")
    await ann.presses("Pay 500 Stars")
    await ann.pays(ann.button("Pay")["url"])

    assert await ann.hears("Your license runs until")


async def test_after_topping_up_the_same_button_orders(ann: Person):
    await ann.asks(VIDEO)
    await ann.asks("1000")
    offer = ann.chat[-1]
    await ann.presses("Order for 3.50 USD")
    await ann.hears("you have 0.00 USD and need 3.50 USD")
    await ann.presses("Top up")
    await ann.presses("10.00 USD")
    await ann.pays(ann.button("Pay")["url"])
    await ann.hears("10.00 USD was added")

    await ann.presses("Order for 3.50 USD", offer)

    assert offer["text"].startswith("📦 ORD-")
    assert "Balance: 6.50 USD" in await ann.asks("/balance")


async def test_the_free_days_pressed_twice_are_told_of_once(ann: Person):
    await ann.asks("/activate")
    shown = ann.chat[-1]
    before = {**shown}

    await ann.presses("Try", before)
    await ann.presses("Try", before)

    assert "Done!" in shown["text"]
    assert "already" not in ann.screen


async def test_the_same_video_is_promoted_again_by_the_first_button(ann: Person):
    await ann.asks("/start")
    await top_up(ann)
    await ann.asks(VIDEO)
    await ann.asks("1000")
    await ann.presses("Order for")
    await ann.asks("/start")
    await ann.presses("Promote a video")

    assert "How many views" in await ann.presses(ann.buttons()[0]["text"])


async def test_an_invitation_says_what_it_brings(ann: Person):
    await ann.asks("/start")

    assert "You get 10 % of their first payment, 21 days after it." in await ann.presses("Invite")


async def test_a_question_is_answered_by_the_first_button_in_the_readers_language(
    boris: Person, boss: Person
):
    await boss.asks("/start")
    await boris.asks("/support Почему так тихо?")
    await boss.hears("Почему так тихо?")
    question = next(one for one in boss.chat if "Почему" in one["text"])
    await boss.presses("Answer", question)
    await boss.presses(boss.buttons()[0]["text"])

    answer = await boris.hears("Спасибо, мы разбираемся")
    question = next(one for one in boris.chat if one["text"] == answer)
    await boris.presses("Ответить", question)
    await boris.presses(boris.buttons()[0]["text"])
    await boss.hears("Спасибо, это помогло!")


async def test_an_amount_that_is_too_much_is_asked_again(ann: Person):
    await ann.asks("/topup")

    assert "At most" in await ann.asks("99999999")
    assert "10.00 USD costs" in await ann.asks("10")


async def test_the_end_of_an_order_the_chat_never_saw_is_one_message(
    ann: Person, front: Front, user_id, give
):
    await ann.asks("/start")
    await give(ann, 1_000)
    me, by = await user_id(ann), Act("user:app", front.services.clock.now())
    order = await front.orders.create(me, VIDEO, 1_000, "by-the-app", by)
    count = len(ann.chat)
    await front.orders.cancel(me, order.order_id, by)
    await ann.hears("cancelled")

    assert len(ann.chat) == count + 1


async def test_a_link_without_its_scheme_is_one(ann: Person):
    await ann.asks("/start")

    assert "How many views" in await ann.asks("Look: " + VIDEO.removeprefix("https://www."))
