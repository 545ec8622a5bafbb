"""The page that says why: its list, an event opened, in every language, whatever viewers write."""

import re
from html import unescape

import pytest

from core.triggers.model import ConditionKey
from tests.history_kit import START, by, gift, keep, row
from webapp.miniapp.wording import catalogue

HOSTILE = "<b>\"&'"
ESCAPED = "&lt;b&gt;&#34;&amp;&#39;"
PLAYER = {"heard_by": ["player"]}
ROSE = {
    "event_type": "gift", "action": "play_sound", "action_params": {"sound_filename": "bell"},
    "condition_key": "gift_name", "condition_value": "Rose", "name": HOSTILE,
}  # fmt: skip
BIG = {
    "event_type": "gift", "action": "tts", "action_params": {"text_template": "Thanks {user}"},
    "condition_key": "min_diamonds", "condition_value": "1000",
}  # fmt: skip


@pytest.fixture
async def who(enter, client, issue):
    headers = await enter(settings={"language": "en"})
    async with client.post(
        "/api/license/activate", json={"license_key": await issue()}, headers=headers
    ) as done:
        assert done.status == 200
    return headers


@pytest.fixture
def get(client, who):
    async def page(path, headers=who):
        async with client.get(f"/app/view{path}", headers=headers) as answer:
            return answer.status, await answer.text()

    return page


@pytest.fixture
def told(get):
    """One event opened, as text."""

    async def opened(message_id="m1", headers=None):
        status, html = await get(f"/history/{message_id}", *([headers] if headers else []))
        assert status == 200, html
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))

    return opened


@pytest.fixture
def save(client, who):
    async def trigger(**fields):
        async with client.post("/api/triggers/set", json=fields, headers=who) as answer:
            assert answer.status == 200, await answer.text()
            return (await answer.json())["trigger"]["id"]

    return trigger


def ids(html):
    return re.findall(r'<li id="event-(\w+)"', html)


async def test_who_has_no_events_is_told_what_will_be_here_and_how_long(get):
    _, html = await get("/history")

    assert "Nothing has happened yet" in html
    assert "Kept for 14 days." in html
    assert 'href="/app"' in html
    assert "<form" not in html


async def test_newest_first_each_with_what_became_of_it(get, services):
    sound = {"trigger_id": 1, "action": "play_sound", "audible": True}
    await keep(
        services.db,
        gift(1, count=5, fired=[sound], **PLAYER, played=True),
        row(2, user=by("Bob"), message="hello"),
        row(3, "follow", user=by("Cy"), fired=[{"trigger_id": 2, "action": "alert"}], test=True),
    )

    _, html = await get("/history")

    assert ids(html) == ["m3", "m2", "m1"]
    assert re.findall(r'class="pill ([\w-]*)">([\w ]+)<', html) == [
        ("is-good", "done"), ("", "no trigger"), ("is-good", "heard"),
    ]  # fmt: skip
    assert '<strong dir="auto">Ann</strong> <bdi>sent Rose × 5</bdi>' in html
    assert " · test" in html
    assert "Events are kept for 14 days" in html


async def test_floods_are_left_out_unless_asked_for(get, services):
    await keep(services.db, row(1, "like", user=by(), count=15, total=15), row(2, message="hi"))

    assert ids((await get("/history"))[1]) == ["m2"]
    assert ids((await get("/history?type=all"))[1]) == ["m2", "m1"]
    assert ids((await get("/history?type=like"))[1]) == ["m1"]


async def test_filters_go_on_to_older_ones(get, services):
    await keep(services.db, *(row(number, user=by(), message="hi") for number in range(45)), row(99))

    _, html = await get("/history?person=ann&missed=true&type=chat")

    assert len(ids(html)) == 40
    assert re.search(r'name="missed" checked value="true"', html)
    assert '<option value="chat" selected>' in html
    older = unescape(re.search(r'rel="next" href="/app([^"]+)"', html)[1])
    assert older == "/history?type=chat&person=ann&missed=true&before=m5"
    assert ids((await get(older))[1]) == ["m4", "m3", "m2", "m1", "m0"]


async def test_nothing_that_fits(get, services):
    await keep(services.db, row(1, user=by()))

    _, html = await get("/history?person=zoe")

    assert "Nothing fits" in html
    assert 'value="zoe"' in html


async def test_nothing_in_a_long_stretch_leads_further_back(get, services):
    await keep(services.db, row(0, user=by()), *(row(number) for number in range(1, 2_005)))

    _, html = await get("/history?person=ann")

    assert "Looked through 2,000 events" in html
    assert "Look further back" in html
    assert "before=m5" in html


async def test_from_a_minute_on(get, services):
    await keep(services.db, row(1), row(61), row(75))

    _, html = await get(f"/history?since={START.isoformat().replace('+00:00', 'Z')}")

    assert ids(html) == ["m1"]
    assert "What happened until" in html


@pytest.mark.parametrize("since", ["x", "9999-12-31T23:59:59Z", "0001-01-01"])
async def test_no_minute(get, since):
    assert (await get(f"/history?since={since}"))[0] == 400


async def test_an_event_of_an_address_is_open(get, services):
    await keep(services.db, row(1, message="one"), row(2, message="two"))

    _, html = await get("/history?event=m1")

    assert ids(html) == ["m1"]
    assert '<details data-event="m1" open>' in html
    assert "Triggers that were tried" in html
    assert 'data-replay="m1"' in html


async def test_what_became_meanwhile_of_rows_that_are_shown(get, services, enter):
    sound = {"trigger_id": 1, "action": "play_sound", "audible": True}
    await keep(
        services.db,
        gift(1, fired=[sound], **PLAYER, played=True),
        gift(2, fired=[sound], **PLAYER),
        gift(3, fired=[sound], **PLAYER, dropped="clear"),
    )

    _, html = await get("/history/outcomes?of=m1,m2,m3,m7")

    assert dict(re.findall(r'id="end-(\w+)" data-outcome="(\w+)"', html)) == {
        "m1": "played", "m2": "sent", "m3": "silent",
    }  # fmt: skip
    assert "12:16:43" in html
    assert 'id="end-' not in (await get("/history/outcomes?of=m1", await enter(telegram_id=43)))[1]
    assert 'id="end-' not in (await get("/history/outcomes"))[1]


async def test_the_newest_there_is_whatever_is_looked_for(get, services):
    assert 'data-newest="0"' in (await get("/history"))[1]

    await keep(services.db, gift(1), row(2, "like"), row(9, user_id=2))

    assert 'data-newest="2"' in (await get("/history?type=gift"))[1]


@pytest.mark.parametrize("path", ["/history?event=m7", "/history/m7", "/history?before=m7"])
async def test_what_is_gone(get, path):
    assert (await get(path))[0] == 404


async def test_somebody_elses_event_is_not_there(get, services, enter):
    await keep(services.db, row(1))

    assert (await get("/history/m1", await enter(telegram_id=43)))[0] == 404


async def test_what_fired_and_what_stopped_the_others(told, save, services):
    rose, big = await save(**ROSE), await save(**BIG)
    fired = {"trigger_id": rose, "action": "play_sound", "audible": True}
    await keep(services.db, gift(9, count=2, fired=[fired], **PLAYER, waiting=4.5, played=True))

    text = await told("m9")

    assert f"{HOSTILE} It fired." in text
    assert "say “Thanks [Name]” It needs at least 1,000 diamonds; it was 2." in text
    assert "Waited 4.5 s" in text
    assert "Sent to: player" in text
    assert "Played on the device at 12:16:51 AM" in text
    assert big != rose


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        ({"by": "cooldown", "left": 3.5}, "It was resting: 3.5 s left."),
        ({"by": "user_cooldown", "left": 60}, "It was resting for this viewer: 60 s left."),
        ({"by": "cooldown"}, "It was resting after it had fired."),
        ({"by": "once_per_stream"}, "It fires once a LIVE, and had."),
        ({"by": "streak"}, "It fires once a streak, and had."),
        ({"by": "stop"}, "A trigger before it said: stop here."),
    ],
)
async def test_what_was_refused_by_what_had_happened(told, save, services, refused, words):
    rose = await save(**ROSE)
    await keep(services.db, gift(9, refused=[{"trigger_id": rose, **refused}]))

    assert words in await told("m9")


async def test_roles_and_handles_are_said_as_people_say_them(told, save, services):
    await save(**BIG | {"condition_key": "role", "condition_value": "subscriber"})
    await save(**BIG | {"condition_key": "username", "condition_value": "bob, cy"})
    await keep(services.db, gift(8, roles=1), gift(9))

    assert "It is only for a subscriber; this viewer is a follower." in await told("m8")
    text = await told("m9")
    assert "It is only for a subscriber; this viewer is not." in text
    assert "It is only for @bob, @cy." in text


async def test_what_fired_and_was_not_heard_says_so(told, save, services):
    rose = await save(**ROSE)
    fired = {"trigger_id": rose, "action": "play_sound", "silent_by": "sound_missing"}
    await keep(services.db, gift(9, fired=[fired], **PLAYER))

    text = await told("m9")

    assert "It fired, but: Its sound is not there any more." in text


async def test_a_line_that_was_read_says_by_which_voice(told, services):
    read = {"text": "Ann says hi", "skipped_by": None, "voice": "ru-RU-SvetlanaNeural"}
    robot = {"text": "hi", "skipped_by": None, "voice": "espeak:ru+f2"}
    await keep(services.db, row(1, message="hi", speech=read, **PLAYER), row(2, message="hi", speech=robot))

    text = await told()

    assert "Read aloud: “Ann says hi” voice: Svetlana" in text
    assert "No device has said that it played it." in text
    assert "espeak" not in await told("m2")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"speech": {"text": None, "skipped_by": "chat_tts_mode"}}, "Chat of this viewer is not read"),
        ({"speech": {"text": None, "skipped_by": "blocked_word"}, **PLAYER}, "a word you blocked"),
        ({"speech": {"text": "hi", "skipped_by": "not_spoken"}, **PLAYER}, "No voice could say it"),
        ({"speech": {"text": "hi", "skipped_by": None}}, "No player and no overlay was connected."),
        (
            {"speech": {"text": "hi", "skipped_by": None}, **PLAYER, "dropped": "deleted"},
            "A moderator deleted",
        ),
        (
            {"speech": {"text": "hi", "skipped_by": None}, **PLAYER, "dropped": "max_backlog_seconds"},
            "Too much",
        ),
    ],
)
async def test_a_line_that_was_not_heard_says_why_once(told, services, data, words):
    await keep(services.db, row(1, message="hi", **data))

    assert (await told()).count(words) == 1


@pytest.mark.parametrize("dropped", ["max_backlog_seconds", "clear", "deleted"])
async def test_what_gave_way_is_not_said_to_have_been_read_or_sent(told, services, dropped):
    data = {"speech": {"text": "Ann says hi", "skipped_by": None}, "waiting": 40.0, "dropped": dropped}
    await keep(services.db, row(1, message="hi", **data, **PLAYER), gift(2, ring="Bell", **data, **PLAYER))

    text = await told()

    assert "To be read aloud: “Ann says hi”" in text
    assert not re.search("Read aloud|Sent to|Waited", text)
    assert "To ring: Bell" in await told("m2")


async def test_the_rest_of_a_streak_is_counted_with_what_it_set_off(get, told, save, services):
    rose = await save(**ROSE)
    await keep(services.db, gift(9, count=8, phase="end", refused=[{"trigger_id": rose, "by": "streak"}]))

    assert 'class="pill ">counted already<' in (await get("/history"))[1]
    assert ids((await get("/history?missed=true"))[1]) == []
    text = await told("m9")
    assert "It is not played again for each gift." in text
    assert "Sent to" not in text


async def test_not_read_is_told_beside_what_fired(told, services):
    alert = {"trigger_id": 7, "action": "alert", "text": "hi"}
    await keep(services.db, row(1, fired=[alert], speech={"text": None, "skipped_by": "profanity"}, **PLAYER))

    text = await told()

    assert "A trigger deleted since It fired. “hi”" in text
    assert "Not read aloud: It has a bad word." in text


async def test_what_is_said_into_a_silence(get, told, services):
    spoken = {"trigger_id": None, "action": "tts", "text": "Ask me!", "audible": True, "voice": "x"}
    await keep(services.db, row(1, "effect", event="chat", fired=[spoken], **PLAYER))

    assert "Nobody wrote for a while" in (await get("/history"))[1]
    text = await told()
    assert "Read aloud: “Ask me!”" in text
    assert "tried" not in text


async def test_what_viewers_write_is_shown_and_does_nothing(get, save, services):
    rose = await save(**ROSE)
    await keep(
        services.db,
        row(1, user=by(HOSTILE, HOSTILE), message=HOSTILE, speech={"text": HOSTILE, "skipped_by": None}),
        gift(2, HOSTILE, user=by(HOSTILE), ring=HOSTILE, fired=[{"trigger_id": rose, "text": "{user} {0}"}]),
    )

    for path in ("/history", "/history?event=m1", "/history?event=m2", "/history/m1", "/history/m2"):
        status, html = await get(path)
        assert status == 200
        assert ESCAPED in html
        assert HOSTILE not in html


@pytest.mark.parametrize("language", ["en", "ru", "es"])
async def test_every_language_is_spoken(client, enter, services, language):
    other = await enter(telegram_id=44, settings={"language": language})
    kinds = ("like", "viewer_join", "viewer_first_message", "follow", "share", "subscribe")
    await keep(
        services.db, gift(0, user_id=1), *(row(number, kind, count=3) for number, kind in enumerate(kinds, 1))
    )

    for path in ("/history?type=all", "/history?type=chat", "/history?event=m0", "/history/m0"):
        async with client.get(f"/app/view{path}", headers=other) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("language", ["en", "ru", "es"])
def test_every_reason_has_words(language):
    words = catalogue(language, "history")

    assert {key.value for key in ConditionKey} <= words["stopped"].keys()
    assert {"cooldown", "user_cooldown", "once_per_stream", "streak", "stop", "enabled"} <= words[
        "stopped"
    ].keys()
