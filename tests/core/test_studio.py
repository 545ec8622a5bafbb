"""From a frame to what each listener gets, with nothing but memory behind it."""

import pytest

from core.listener import Close, Listener, Place
from core.live.events import (
    ChatDeleted,
    EventType,
    Followed,
    Frame,
    LiveEnded,
    Role,
    Shared,
    Subscribed,
    Viewer,
    ViewerJoined,
    ViewersCounted,
)
from core.settings import Settings
from core.triggers.model import ConditionKey, Count, ShowAlert, When
from tests.studio_kit import (
    ANN,
    BOB,
    Kit,
    bell,
    chat,
    closed_with,
    gift,
    heard,
    likes,
    single_gift,
    speak,
    trigger,
)

SILENT = Settings(tiktok_username="host", default_gift_sound=None)


def test_a_chat_line_is_told_and_read():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("hello there"))

    [message] = heard(phone, "chat")
    assert message["user"] == "Ann"
    assert message["username"] == "ann"
    assert message["message"] == "hello there"
    assert message["tts_url"] == "http://host/media/tts/1.mp3"
    assert message["effects"] == []


def test_a_viewer_without_a_display_name_is_called_by_the_handle():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("hi", Viewer(3, "nameless", "")))

    assert heard(phone, "chat")[0]["user"] == "nameless"


def test_the_first_message_of_a_viewer_is_an_event_of_its_own():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("one"), chat("two"), chat("three", BOB))

    assert [one["user"] for one in heard(phone, "viewer_first_message")] == ["Ann", "Bob"]


def test_numbers_grow_by_one_and_ids_differ():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("one"), gift(1), likes(3, 10), ViewersCounted(0, 0, 4, 9))

    messages = [one for one in heard(phone) if "seq" in one]
    assert [one["seq"] for one in messages] == list(range(1, len(messages) + 1))
    assert len({one["id"] for one in messages}) == len(messages)


def test_equal_message_ids_are_doubles():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("once", msg_id=5), chat("once", msg_id=5))

    assert len(heard(phone, "chat")) == 1


def test_equal_texts_are_not_doubles():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("gg", msg_id=5), chat("gg", msg_id=6))

    assert len(heard(phone, "chat")) == 2


def test_old_chat_after_connecting_is_left_out():
    kit = Kit()
    phone = kit.listen()

    kit.happen(
        chat("old", msg_id=1, created_ms=1_000_000),
        chat("new", msg_id=2, created_ms=1_090_000),
        server_ms=1_100_000,
    )

    assert [one["message"] for one in heard(phone, "chat")] == ["new"]


def test_what_the_wire_marks_as_history_is_left_out():
    kit = Kit()
    phone = kit.listen()

    kit.happen(chat("again", is_history=True))

    assert heard(phone, "chat") == []


def test_the_first_press_of_a_streak_is_heard_at_once():
    kit = Kit()
    phone = kit.listen()

    kit.happen(gift(1))

    [message] = heard(phone, "gift")
    assert message["count"] == 1
    assert message["sound_url"].startswith("http://host/media/builtin/")
    assert message["streak"]["total"] == 1
    assert message["streak"]["over"] is False


def test_the_counts_of_a_streak_add_up_and_ring_once():
    kit = Kit()
    phone = kit.listen()

    kit.happen(gift(1))
    kit.happen(gift(2), gift(5))
    kit.happen(gift(8), gift(8, over=True))

    messages = heard(phone, "gift")
    assert [one["count"] for one in messages] == [1, 7]
    assert [bool(one["sound_url"]) for one in messages] == [True, False]
    assert messages[-1]["streak"] == {"id": messages[0]["streak"]["id"], "total": 8, "over": True}


def test_a_lost_closing_is_made_up_after_six_seconds():
    kit = Kit()
    phone = kit.listen()
    kit.happen(gift(1), gift(4))

    kit.wait(5.5)
    assert [one["count"] for one in heard(phone, "gift")] == [1]
    kit.wait(1.0)

    assert [one["count"] for one in heard(phone, "gift")] == [3]


def test_a_streak_closed_before_anything_else_was_seen_rings_too():
    kit = Kit()
    phone = kit.listen()

    kit.happen(gift(3, over=True))

    [message] = heard(phone, "gift")
    assert message["count"] == 3
    assert message["sound_url"]


def test_a_trigger_fires_the_moment_the_running_total_allows_it():
    kit = Kit(SILENT, [bell(1, EventType.GIFT, (ConditionKey.MIN_DIAMONDS, "5"))])
    phone = kit.listen()

    kit.happen(gift(1), gift(3), gift(6), gift(7), gift(7, over=True))

    messages = heard(phone, "gift")
    assert [one["count"] for one in messages] == [1, 5, 1]
    assert [len(one["effects"]) for one in messages] == [0, 1, 0]
    assert messages[1]["sound_url"] == "http://host/media/sounds/bell.mp3"


def test_a_thank_you_at_the_end_has_the_final_numbers():
    kit = Kit(SILENT, [speak(1, EventType.GIFT, "Thanks for {count}", when=When.END)])
    phone = kit.listen()

    kit.happen(gift(1), gift(4))
    kit.happen(gift(4, over=True))

    assert kit.speech.handed_out == ["Thanks for 4"]
    assert heard(phone, "gift")[-1]["tts_url"]


def test_an_end_with_nothing_left_to_count_is_an_effect():
    kit = Kit(SILENT, [speak(1, EventType.GIFT, "Thanks for {count}", when=When.END)])
    phone = kit.listen()

    kit.happen(gift(1))
    kit.happen(gift(1, over=True))

    [effect] = heard(phone, "effect")
    assert effect["trigger_id"] == 1
    assert effect["action"] == "tts"
    assert effect["tts_url"]
    assert effect["text"] == "Thanks for 1"


def test_a_gift_outside_a_streak_is_told_whole():
    kit = Kit()
    phone = kit.listen()

    kit.happen(single_gift(100))

    [message] = heard(phone, "gift")
    assert (message["count"], message["diamonds"], message["total_diamonds"]) == (1, 100, 100)
    assert message["streak"] is None


def test_the_default_sound_is_silent_where_a_sound_trigger_fired():
    kit = Kit(triggers=[bell(1, EventType.GIFT, (ConditionKey.GIFT_NAME, "rose"))])
    phone = kit.listen()

    kit.happen(gift(1))

    assert heard(phone, "gift")[0]["sound_url"] == "http://host/media/sounds/bell.mp3"


def test_the_default_sound_rings_beside_speech():
    kit = Kit(triggers=[speak(1, EventType.GIFT, "Thanks", when=When.START)])
    phone = kit.listen()

    kit.happen(gift(1))

    [message] = heard(phone, "gift")
    assert "builtin/chime" in message["sound_url"]
    assert message["tts_url"]


def test_gift_sounds_switched_off_leave_alerts():
    settings = Settings(tiktok_username="host", gift_sounds_enabled=False)
    alert = trigger(2, EventType.GIFT, ShowAlert("{user}!", image="heart", duration=4))
    kit = Kit(settings, [bell(1, EventType.GIFT), alert])
    phone = kit.listen()

    kit.happen(gift(1))

    [message] = heard(phone, "gift")
    assert message["sound_url"] is None
    assert [one.get("text") for one in message["effects"]] == [None, "Ann!"]
    assert message["effects"][1]["image"] == "heart"
    assert message["effects"][1]["duration"] == 4


def test_speech_switched_off_is_not_made():
    kit = Kit(
        Settings(tiktok_username="host", tts_enabled=False), [speak(1, EventType.FOLLOW, "Welcome {user}")]
    )
    phone = kit.listen()

    kit.happen(chat("hello"), Followed(0, 0, BOB))

    assert kit.speech.handed_out == []
    assert heard(phone, "follow")[0]["tts_url"] is None


def test_nothing_is_spoken_to_nobody():
    kit = Kit()
    kit.happen(chat("into the void"))

    monitor = kit.listen(Place.MONITOR)
    kit.happen(chat("still nobody"))

    assert kit.speech.handed_out == []
    assert heard(monitor, "chat")[0]["tts_url"] is None


def test_a_fired_speech_trigger_replaces_reading_the_line():
    greeting = speak(1, EventType.CHAT, "Hi {user}!", (ConditionKey.MESSAGE_CONTAINS, "hello"))
    kit = Kit(triggers=[greeting])
    phone = kit.listen()

    kit.happen(chat("hello all"))

    assert kit.speech.handed_out == ["Hi Ann!"]
    assert heard(phone, "chat")[0]["tts_url"] == "http://host/media/tts/1.mp3"


def test_volumes_are_final():
    settings = Settings(tiktok_username="host", gifts_volume=50, tts_volume=80)
    loud = trigger(1, EventType.GIFT, bell(0, EventType.GIFT).params.__class__("bell.mp3", 60))
    kit = Kit(settings, [loud])
    phone = kit.listen()

    kit.happen(gift(1), chat("hi"))

    assert heard(phone, "gift")[0]["effects"][0]["volume"] == 30


def test_likes_are_merged_and_none_is_lost():
    kit = Kit()
    phone = kit.listen()

    kit.happen(likes(5, 105))
    kit.happen(likes(15, 120), likes(15, 110))
    assert [one["count"] for one in heard(phone, "like")] == [5]
    kit.wait(1.1)

    [message] = heard(phone, "like")
    assert (message["count"], message["total"]) == (30, 120)


def test_a_like_milestone_is_an_effect_once():
    kit = Kit(triggers=[bell(1, EventType.LIKE, (ConditionKey.EVERY, "100"))])
    phone = kit.listen()

    kit.happen(likes(5, 95), likes(10, 105, BOB))
    kit.wait(2)
    kit.happen(likes(5, 99, Viewer(3, "cat", "Cat")))

    assert [one["trigger_id"] for one in heard(phone, "effect")] == [1]


def test_reached_viewers_is_an_effect():
    kit = Kit(triggers=[bell(1, EventType.VIEWER_COUNT, (ConditionKey.REACHED, "10"))])
    phone = kit.listen()

    for current in (4, 12, 15, 9, 11):
        kit.happen(ViewersCounted(0, 0, current, 100))

    assert len(heard(phone, "viewer", "effect")) == 5 + 2


@pytest.mark.parametrize(
    ("event", "kind"),
    [(ViewerJoined, "viewer_join"), (Followed, "follow"), (Shared, "share"), (Subscribed, "subscribe")],
)
def test_what_a_viewer_does_is_told(event, kind):
    kit = Kit(triggers=[bell(1, EventType(kind))])
    phone = kit.listen()

    kit.happen(event(0, 0, BOB))

    [message] = heard(phone, kind)
    assert message["user"] == "Bob"
    assert message["sound_url"] == "http://host/media/sounds/bell.mp3"
    assert message["tts_url"] is None


def test_roles_are_remembered_for_gifts():
    moderator = Viewer(1, "ann", "Ann", int(Role.MODERATOR))
    kit = Kit(SILENT, [bell(1, EventType.GIFT, (ConditionKey.ROLE, "moderator"))])
    phone = kit.listen()

    kit.happen(chat("hi", moderator), gift(1, ANN))

    assert len(heard(phone, "gift")[0]["effects"]) == 1


def test_counters_count_and_are_said():
    deaths = trigger(1, EventType.CHAT, Count("deaths", 1), (ConditionKey.COMMAND, "!death"))
    told = speak(2, EventType.CHAT, "{counter:deaths} deaths", (ConditionKey.COMMAND, "!death"))
    kit = Kit(triggers=[deaths, told])
    phone = kit.listen()

    kit.happen(chat("!death"), chat("!death"))

    assert kit.speech.handed_out == ["1 deaths", "2 deaths"]
    assert heard(phone, "chat")[1]["effects"][0]["value"] == 2


def test_the_backlog_gives_way_and_is_named():
    kit = Kit(Settings(tiktok_username="host", max_backlog_seconds=5))
    phone = kit.listen()

    kit.happen(*(chat(f"line {number}") for number in range(5)))

    first = heard(phone)
    chats = [one for one in first if one["type"] == "chat"]
    dropped = [name for one in first if one["type"] == "queue" for name in one["dropped"]]
    assert dropped == [one["id"] for one in chats[1:4]]
    assert all(one["tts_url"] for one in chats[:2])


def test_a_gift_outlives_chat_in_the_backlog():
    kit = Kit(Settings(tiktok_username="host", max_backlog_seconds=5), [bell(1, EventType.GIFT)])
    phone = kit.listen()

    kit.happen(chat("one"), chat("two"), gift(1))

    messages = heard(phone)
    chats = [one for one in messages if one["type"] == "chat"]
    dropped = [name for one in messages if one["type"] == "queue" for name in one["dropped"]]
    assert dropped == [chats[1]["id"]]


def test_played_makes_room():
    kit = Kit(Settings(tiktok_username="host", max_backlog_seconds=3))
    phone = kit.listen()
    kit.happen(chat("one"))
    [message] = heard(phone, "chat")

    kit.studio.played(phone, message["id"])
    kit.happen(chat("two"))

    assert heard(phone, "chat")[0]["tts_url"]


def test_who_shows_the_history_is_told_once_a_second_that_something_was_played():
    kit = Kit()
    phone, page = kit.listen(), Listener(Place.MONITOR, "http://host", hears_changes=True)
    kit.studio.join(page, None)
    kit.happen(chat("one"), chat("two"), chat("three"))
    one, two, three = (message["id"] for message in heard(phone, "chat"))

    def told():
        return [one["what"] for one in heard(page, "changed")].count("heard")

    kit.wait(5)
    assert told() == 0
    kit.studio.played(phone, one)
    kit.studio.played(phone, two)
    kit.wait(0.25)
    assert told() == 1
    kit.studio.played(phone, three)
    kit.wait(0.5)
    assert told() == 0
    kit.wait(0.5)
    assert told() == 1
    assert heard(phone, "changed") == []


def test_a_deleted_comment_is_left_out():
    kit = Kit()
    phone = kit.listen()
    kit.happen(chat("fine", msg_id=1), chat("rude", msg_id=2))
    rude = heard(phone, "chat")[1]

    kit.happen(ChatDeleted(0, 0, [2], []))

    assert [one["dropped"] for one in heard(phone, "queue") if one["dropped"]] == [[rude["id"]]]
    assert kit.speech.forgotten == ["tts/2.mp3"]


def test_a_newer_player_takes_the_place():
    kit = Kit()
    older = kit.listen()

    newer = kit.listen()

    assert closed_with(older) == Close.REPLACED
    assert closed_with(newer) is None


def test_overlays_and_monitors_take_nobodys_place():
    kit = Kit()
    phone = kit.listen()

    others = [kit.listen(Place.OVERLAY) for _ in range(5)] + [kit.listen(Place.MONITOR) for _ in range(5)]

    assert closed_with(phone) is None
    assert [closed_with(one) for one in others] == [None] * 10


def test_a_sixth_overlay_finds_no_place():
    kit = Kit()
    for _ in range(5):
        kit.listen(Place.OVERLAY)

    assert kit.studio.join(kit.listen(Place.OVERLAY), None) is False


def test_an_overlay_is_silent_while_a_player_is_there():
    kit = Kit()
    overlay = kit.listen(Place.OVERLAY)
    phone = kit.listen()

    kit.happen(gift(1))
    kit.studio.leave(phone)
    kit.happen(gift(1, BOB))

    assert [bool(one["sound_url"]) for one in heard(overlay, "gift")] == [False, True]
    assert [bool(one["sound_url"]) for one in heard(phone, "gift")] == [True]


@pytest.mark.parametrize(
    ("play_on", "player", "overlay"),
    [("player", True, False), ("overlay", False, True), ("both", True, True), ("auto", True, False)],
)
def test_who_plays_is_the_streamers_choice(play_on, player, overlay):
    kit = Kit(Settings(tiktok_username="host", play_on=play_on))
    phone, screen = kit.listen(), kit.listen(Place.OVERLAY)

    kit.happen(gift(1))

    assert bool(heard(phone, "gift")[0]["sound_url"]) is player
    assert bool(heard(screen, "gift")[0]["sound_url"]) is overlay


def test_a_player_that_comes_back_gets_what_it_missed_once():
    kit = Kit()
    phone = kit.listen()
    kit.happen(chat("before"))
    last = heard(phone, "chat")[0]["seq"]
    kit.studio.leave(phone)
    kit.happen(chat("missed"), gift(1))
    kit.wait(60)

    again = kit.listen(since=last)
    kit.happen(chat("after"))

    messages = [one for one in heard(again) if "seq" in one]
    assert [one["type"] for one in messages] == ["chat", "gift", "chat"]
    assert [one["seq"] for one in messages] == [last + 1, last + 2, last + 3]


def test_the_status_comes_first_and_says_what_is_lost():
    kit = Kit()
    phone = kit.listen()
    kit.studio.leave(phone)
    kit.happen(chat("too old"), gift(1))
    kit.wait(300)

    again = kit.listen(since=0)

    status, *rest = heard(again)
    assert status["type"] == "status"
    assert status["last_seq"] == 3
    assert status["gap"] == 2
    assert [one["type"] for one in rest if "seq" in one] == ["gift"]


def test_a_slow_phone_is_dismissed_and_nobody_waits_for_it():
    kit = Kit()
    slow, fast = kit.listen(), kit.listen(Place.MONITOR)

    for number in range(1100):
        kit.happen(chat(f"{number}"))
        heard(fast)

    assert closed_with(slow) == Close.TOO_SLOW
    assert closed_with(fast) is None


@pytest.mark.parametrize("action", ["skip", "clear"])
def test_control_reaches_every_device(action):
    kit = Kit()
    phone, monitor = kit.listen(), kit.listen(Place.MONITOR)
    kit.happen(chat("one"))
    [message] = heard(phone, "chat")

    kit.studio.control(action)

    for listener in (phone, monitor):
        [control] = heard(listener, "control")
        assert control == {"type": "control", "action": action, "ids": [message["id"]]}


def test_a_pause_is_told_to_who_comes_later():
    kit = Kit()
    kit.studio.control("pause")

    phone = kit.listen()

    status = heard(phone, "status")[0]
    assert status["paused"] is True


def test_silence_is_broken_by_the_streamers_text():
    settings = Settings(
        tiktok_username="host", silence_enabled=True, silence_minutes=1, silence_text="Anyone?"
    )
    kit = Kit(settings)
    kit.studio._silence_text = kit.studio.stage.setup.chat_template.parse("Anyone?")
    phone = kit.listen()

    kit.wait(30)
    kit.happen(chat("me"))
    kit.wait(59)
    assert heard(phone, "effect") == []
    kit.wait(2)

    [effect] = heard(phone, "effect")
    assert effect["text"] == "Anyone?"
    assert effect["tts_url"]


def test_a_test_touches_no_cooldown_and_no_statistic():
    rare = bell(1, EventType.GIFT, cooldown_seconds=1000, once_per_stream=True)
    kit = Kit(SILENT, [rare])
    phone = kit.listen()

    from core.trial import sample_for

    kit.studio.try_out(sample_for(rare), rare)
    kit.studio.try_out(sample_for(rare), rare)
    kit.happen(gift(1))

    messages = heard(phone, "gift")
    assert [one.get("test", False) for one in messages] == [True, True, False]
    assert [len(one["effects"]) for one in messages] == [1, 1, 1]
    assert kit.studio.stage.tally.gifts == 1


def test_saving_swaps_the_engine_and_keeps_cooldowns():
    kit = Kit(SILENT, [bell(1, EventType.FOLLOW, cooldown_seconds=100)])
    phone = kit.listen()
    kit.happen(Followed(0, 0, ANN))

    kit.equip(SILENT, [bell(1, EventType.FOLLOW, cooldown_seconds=100), bell(2, EventType.FOLLOW)])
    kit.happen(Followed(0, 0, BOB))

    assert [[one["trigger_id"] for one in told["effects"]] for told in heard(phone, "follow")] == [[1], [2]]


def test_the_same_room_again_repeats_nothing():
    kit = Kit()
    phone = kit.listen()
    kit.happen(gift(3, msg_id=1), chat("hi", msg_id=2))

    kit.studio.lost()
    kit.studio.began("7001", is_new=False)
    kit.happen(gift(3, msg_id=1), gift(4, msg_id=3), chat("hi", msg_id=2), gift(4, over=True, msg_id=4))

    assert sum(one["count"] for one in heard(phone, "gift")) == 4
    assert kit.studio.stage.tally.gifts == 4


def test_a_new_room_is_a_new_stream():
    kit = Kit(SILENT, [bell(1, EventType.FOLLOW, once_per_stream=True)])
    phone = kit.listen()
    kit.happen(Followed(1, 0, ANN))
    kit.studio.ended()

    kit.studio.began("7002", is_new=True)
    kit.happen(Followed(1, 0, ANN))

    assert [len(one["effects"]) for one in heard(phone, "follow")] == [1, 1]


def test_the_end_of_a_live_leaves_nothing_uncounted():
    kit = Kit()
    phone = kit.listen()
    kit.happen(gift(1), gift(5), likes(3, 3), likes(4, 7))

    has_ended = kit.studio.frame(Frame("msg", events=[LiveEnded(0, 0, False)]))
    kit.studio.ended()

    assert has_ended is True
    messages = heard(phone)
    assert sum(one["count"] for one in messages if one["type"] == "gift") == 5
    assert sum(one["count"] for one in messages if one["type"] == "like") == 7


def test_history_says_what_became_of_it():
    kit = Kit(SILENT, [bell(1, EventType.FOLLOW, cooldown_seconds=100)])
    kit.listen()

    kit.happen(Followed(0, 0, ANN), Followed(0, 0, BOB))

    first, second = kit.journal._entries
    assert first.data["fired"][0]["trigger_id"] == 1
    assert second.data["refused"] == [{"trigger_id": 1, "by": "cooldown", "left": 100.0}]
    assert second.data["user"] == {"username": "bob", "nickname": "Bob"}


def test_an_overlay_is_told_when_it_falls_silent_and_sounds_again():
    kit = Kit()
    overlay = kit.listen(Place.OVERLAY)
    assert [one["silent"] for one in heard(overlay, "status")] == [False]

    phone = kit.listen()
    assert [one["silent"] for one in heard(overlay, "status")] == [True]
    kit.studio.leave(phone)

    assert [one["silent"] for one in heard(overlay, "status")] == [False]


def test_chat_of_a_short_cut_can_be_heard_later_and_is_made_when_asked_for():
    kit = Kit()
    phone = kit.listen()
    kit.happen(chat("before"))
    last = heard(phone, "chat")[0]["seq"]
    kit.studio.leave(phone)

    kit.happen(chat("missed"))
    again = kit.listen(since=last)

    assert heard(again, "chat")[0]["tts_url"]
    assert kit.speech.handed_out == ["before", "missed"]
    assert kit.speech.begun == 1


def test_nothing_is_handed_out_long_after_the_player_left():
    kit = Kit()
    kit.studio.leave(kit.listen())
    kit.wait(120)

    kit.happen(chat("nobody"))

    assert kit.speech.handed_out == []


def test_a_change_of_where_it_plays_is_told():
    kit = Kit()
    phone = kit.listen()
    heard(phone)

    kit.equip(Settings(tiktok_username="host", play_on="overlay"), [])

    assert [one["silent"] for one in heard(phone, "status")] == [True]


def test_a_line_is_cut_to_its_length_whatever_stands_around_it():
    settings = Settings(
        tiktok_username="host", chat_tts_max_length=5, chat_tts_template="{user} says {message}"
    )
    kit = Kit(settings)
    kit.listen()

    kit.happen(chat("hello everybody out there"))

    assert kit.speech.handed_out == ["Ann says hello"]


def test_history_counts_what_the_message_told():
    kit = Kit()
    kit.listen()

    kit.happen(gift(1), gift(4))
    kit.happen(gift(7, over=True))

    rows = [entry.data for entry in kit.journal._entries if entry.type == "gift"]
    assert [row["count"] for row in rows] == [1, 6]
    assert rows[-1]["streak_total"] == 7


@pytest.mark.parametrize(("settings", "rung"), [(None, [False, True]), (SILENT, [False, False])])
def test_history_knows_that_a_streak_has_rung(settings, rung):
    kit = Kit(settings) if settings else Kit()
    kit.listen()

    kit.happen(gift(1), gift(4), gift(7, over=True))

    rows = [entry.data for entry in kit.journal._entries if entry.type == "gift"]
    assert [row.get("rung", False) for row in rows] == rung
    assert ["ring" in row for row in rows] == [settings is None, False]
