"""Settings, LIVE, sounds, questions."""

import pytest

from bot.front import Front
from tests.fake_telegram.person import Person
from tests.fake_telegram.server import FakeTelegram


async def test_the_language_is_changed_and_kept(boris: Person, front: Front, user_id):
    await boris.asks("/language")
    await boris.presses("English")

    assert "From now on I speak English" in await boris.hears("speak English")
    assert "What I can do" in await boris.asks("/help")


async def test_settings_are_saved_by_buttons(ann: Person, front: Front, user_id):
    await ann.asks("/settings")
    await ann.presses("💬 Chat")
    await ann.presses("followers only")
    await ann.presses("🔊 Speech")
    answer = await ann.presses("50 %")

    now = await front.services.accounts.settings(await user_id(ann))
    assert (now.chat_tts_mode, now.tts_volume) == ("follower", 50)
    assert "Speech 50 %" in answer


@pytest.mark.parametrize(
    ("voice_id", "name"), [("espeak:ru+f2", "Робот, повыше"), ("ru-RU-SvetlanaNeural", "Svetlana")]
)
async def test_a_voice_is_called_by_its_name(boris: Person, front: Front, user_id, voice_id: str, name: str):
    await boris.asks("/start")
    await front.services.accounts.update_settings(await user_id(boris), {"voice_id": voice_id})

    assert f"Голос: {name}\n" in await boris.asks("/settings")


async def test_notifications_are_switched_off_one_by_one(ann: Person, front: Front, user_id):
    await ann.asks("/settings")
    await ann.presses("Notifications")
    await ann.presses("LIVE began")

    assert ann.button("LIVE began")["text"].startswith("🔕")


async def test_live_asks_for_the_tiktok_name_first(ann: Person):
    assert "TikTok name" in await ann.asks("/live")
    assert "@annlive" in await ann.asks("@AnnLive")


async def test_live_without_a_license_says_what_to_do(ann: Person):
    await ann.asks("/live")
    await ann.asks("annlive")
    await ann.presses("🔴 LIVE")
    await ann.presses("Switch on")

    assert "/activate" in await ann.hears("need a license")


async def test_live_is_switched_on_and_off(ann: Person, issue, front: Front, user_id):
    await ann.asks(await issue())
    await ann.asks("/live")
    await ann.asks("annlive")
    await ann.presses("🔴 LIVE")

    on = await ann.presses("Switch on")
    off = await ann.presses("Switch off")

    assert "LIVE is off" not in on
    assert "LIVE is off" in off


async def test_live_is_switched_by_a_word_behind_the_command(ann: Person, issue):
    await ann.asks(await issue())
    await ann.asks("/live")
    await ann.asks("annlive")

    assert "LIVE is off" not in await ann.asks("/live on")
    assert "LIVE is off" in await ann.asks("/live off")


async def test_the_name_that_is_kept_is_not_asked_for_any_more(ann: Person, front: Front, user_id):
    await ann.asks("/live")
    await ann.asks("annlive")
    await ann.presses("🔴 LIVE")
    await ann.presses("TikTok name")
    await ann.presses("Keep @annlive")

    assert "did not understand" in await ann.asks("thanks")


async def test_buttons_that_leave_say_so_in_their_data(ann: Person, front: Front):
    await ann.asks("/topup 20")
    screens = [ann.chat[-1]]
    for command in ("/topup", "/activate", "/live", "/language", "/support", "/paysupport"):
        await ann.asks(command)
        screens.append({**ann.chat[-1]})
    await ann.asks("/activate")
    await ann.presses("🛒")
    screens.append(ann.chat[-1])

    for screen in screens:
        last = ann.buttons(screen)[-1]["callback_data"]
        assert any(word in last for word in ("cancel", "back", "menu")), screen["text"]


async def test_the_pages_are_always_at_hand(ann: Person):
    await ann.asks("/start")

    answer = await ann.presses("Player and overlay")

    assert "https://live.example.org/overlay/" in answer
    assert ann.button("Open the player")["web_app"]["url"].startswith("https://live.example.org/player/")


async def test_a_question_opens_a_ticket(ann: Person, front: Front):
    await ann.asks("/support")
    answer = await ann.asks("Why is <b> so quiet?")

    assert front.tickets.opened[0].text == "Why is <b> so quiet?"
    assert "number 1" in answer


async def test_the_first_button_of_support_carries_on(ann: Person, front: Front):
    await ann.asks("/paysupport")
    await ann.presses(ann.buttons()[0]["text"])

    assert (front.tickets.opened[0].topic, len(front.tickets.opened)) == ("payment", 1)


async def test_unknown_words_get_a_way_on(ann: Person):
    assert "did not understand" in await ann.asks("blah")
    assert ann.button("Menu")


async def test_the_telegram_name_is_offered_as_the_tiktok_name(ann: Person, front: Front, user_id):
    await ann.asks("/live")

    assert "@person7" in await ann.presses(ann.buttons()[0]["callback_data"])

    account = await front.services.accounts.profile(await user_id(ann))
    assert account.settings.tiktok_username == "person7"


async def test_who_has_no_telegram_name_is_told_where_the_tiktok_name_stands(ann: Person):
    del ann.profile["username"]
    await ann.asks("/live")
    assert "Profile" in await ann.presses(ann.buttons()[0]["text"])

    assert "@annlive" in await ann.asks("@annlive")


@pytest.mark.parametrize(
    "sent",
    [
        {"location": {"latitude": 1.0, "longitude": 2.0}},
        {"contact": {"phone_number": "1", "first_name": "A"}},
        {"dice": {"emoji": "🎲", "value": 3}},
        {
            "sticker": {
                "file_id": "s",
                "file_unique_id": "s",
                "type": "regular",
                "width": 1,
                "height": 1,
                "is_animated": False,
                "is_video": False,
            }
        },
        {
            "poll": {
                "id": "p",
                "question": "?",
                "options": [],
                "total_voter_count": 0,
                "is_closed": False,
                "is_anonymous": True,
                "type": "regular",
                "allows_multiple_answers": False,
                "allows_revoting": False,
                "members_only": False,
            }
        },
    ],
    ids=lambda sent: next(iter(sent)),
)
async def test_what_nobody_can_use_gets_a_friendly_answer(ann: Person, telegram: FakeTelegram, sent):
    await ann.asks("/start")
    await telegram.push(message=ann.message(**sent))

    assert await ann.hears("I can do nothing with that")
    assert ann.button("Menu")
