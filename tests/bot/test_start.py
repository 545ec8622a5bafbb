"""The first words: the menu, deep links, languages."""

from bot.front import Front
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram


async def test_start_greets_by_name_and_shows_the_menu(ann: Person):
    answer = await ann.asks("/start")

    assert "Ann <b>& co" in answer
    assert [one["text"] for one in ann.buttons()][1:3] == ["🔴 LIVE", "🔑 License"]


async def test_the_mini_app_opens_inside_telegram_where_the_address_is_https(ann: Person):
    await ann.asks("/start")

    assert ann.button("Open TTBoost")["web_app"] == {"url": "https://live.example.org/app"}


async def test_a_person_is_spoken_to_in_their_telegrams_language(boris: Person, front: Front, user_id):
    await boris.asks("/start")

    account = await front.services.accounts.profile(await user_id(boris))
    assert account.settings.language == "ru"


async def test_an_invitation_counts_only_for_somebody_new(ann: Person, front: Front, user_id):
    await ann.asks("/start ref_abc")
    await ann.asks("/start ref_abc")

    assert front.referrals.came == [(await user_id(ann), "ref_abc")]


async def test_a_deep_link_activates_a_key(ann: Person, issue):
    answer = await ann.asks(f"/start key_{await issue()}")

    assert "Your license runs until" in answer


async def test_a_deep_link_signs_in(ann: Person, user_id):
    await ann.asks("/start login")

    url = ann.button("Sign in")["url"]
    assert url == f"https://live.example.org/app#ticket=ticket-of-{await user_id(ann)}"


async def test_commands_are_set_in_three_languages(ann: Person, telegram: FakeTelegram):
    await telegram.until(lambda: telegram.menu_button)

    names = [one["command"] for one in telegram.commands[""]]
    assert names == [
        "start",
        "live",
        "activate",
        "balance",
        "topup",
        "orders",
        "settings",
        "language",
        "support",
        "paysupport",
        "terms",
        "help",
    ]
    assert set(telegram.commands) == {"", "ru", "es"}
    assert telegram.menu_button == {
        "type": "web_app",
        "text": "TTBoost",
        "web_app": {"url": "https://live.example.org/app"},
    }
