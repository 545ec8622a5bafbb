"""Names as the streamer wants them said: heard so, shown as they are."""

import pytest

from core.effects.shown import shown
from core.errors import Invalid
from core.live.events import EventType, Fact, Viewer
from core.reading import Context, say, try_line
from core.setting_checks import setting_checks
from core.settings import Pronunciation, Settings
from core.speech.pronunciation import spoken_name, told
from core.speech.text import prepare
from core.triggers.model import ShowAlert
from core.triggers.templates import Template
from tests.studio_kit import ANN, Kit, chat, heard, speak, trigger

SAID = [
    Pronunciation("xX_Dark_Xx", "Дарк"),
    Pronunciation("@ann", "Анна"),
    Pronunciation("Umbra Sofa", "Умбра"),
]
SETTINGS = Settings(tiktok_username="host", language="ru", pronunciations=SAID)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("xX_Dark_Xx", "Дарк"),
        ("XX_DARK_XX", "Дарк"),
        ("@xx_dark_xx", "Дарк"),
        ("ann", "Анна"),
        ("𝓤𝓶𝓫𝓻𝓪 𝓢𝓸𝓯𝓪", "Умбра"),
        ("umbra sofa 🛋", "Умбра"),
        ("xX_Bright_Xx", "Bright"),
        ("🛋", ""),
    ],
)
def test_names_are_compared_without_case_and_decoration(name, said):
    assert spoken_name(name, SAID) == said


def test_nobody_is_told_by_an_empty_name():
    assert told([Pronunciation("@", "at")], "", "@") is None


@pytest.mark.parametrize(
    ("viewer", "said"),
    [
        (Viewer(1, "dark_2003", "xX_Dark_Xx"), "Спасибо, Дарк. Дарк"),
        (Viewer(1, "ann", "The Queen"), "Спасибо, Анна. Анна"),
        (Viewer(1, "bob_b", "Bob"), "Спасибо, Bob. bob_b"),
    ],
    ids=["display name", "handle", "another"],
)
def test_every_field_of_a_name_is_said_so(viewer, said):
    template = Template.parse("Спасибо, {nickname}. {username}")

    assert say(template, Fact(EventType.FOLLOW, viewer), SETTINGS, 200, Context({})).text == said


def test_mentions_are_said_so():
    said = prepare("@ann_b @ANN зайди", language="ru", max_length=99, pronunciations=SAID)

    assert said.text == "ann b Анна зайди"


def test_what_is_shown_stays_as_it_is():
    fact = Fact(EventType.FOLLOW, Viewer(1, "ann", "xX_Dark_Xx"))

    assert shown(Template.parse("{user} {username}"), fact, SETTINGS, Context({})) == "xX_Dark_Xx ann"


def test_speech_says_the_name_and_the_screen_shows_the_other():
    alert = trigger(2, EventType.CHAT, ShowAlert("{user} writes"))
    kit = Kit(SETTINGS, [speak(1, EventType.CHAT, "{user}!"), alert])
    phone = kit.listen()

    kit.happen(chat("hi", Viewer(1, "x", "XX_dark_xx")))

    [message] = heard(phone, "chat")
    assert kit.speech.handed_out == ["Дарк!"]
    assert [one["text"] for one in message["effects"]] == ["Дарк!", "XX_dark_xx writes"]
    assert message["user"] == "XX_dark_xx"


def test_a_line_with_a_name_in_front_is_read_with_it():
    kit = Kit(Settings(tiktok_username="host", chat_tts_template="{user}: {message}", pronunciations=SAID))
    kit.listen()

    kit.happen(chat("hello", ANN))

    assert kit.speech.handed_out == ["Анна: hello"]


# Saving them


async def check(*said):
    await setting_checks(None)["pronunciations"](None, 1, [Pronunciation(*one) for one in said])


async def test_each_name_stands_there_once():
    await check(("ann", "a"), ("anna", "b"))

    for names in (("ann", "ANN"), ("ann", "@ann"), (" ", "x")):
        with pytest.raises(Invalid) as raised:
            await check(*((name, "a") for name in names))
        assert raised.value.details["field"] == "pronunciations"


async def test_what_cannot_be_said_is_no_pronunciation():
    with pytest.raises(Invalid):
        await check(("ann", "🔥"))


# A line to try


@pytest.mark.parametrize(
    ("settings", "text", "said", "skipped_by"),
    [
        ({}, "look at https://a.com/x 🔥", "look at link", None),
        ({"chat_tts_template": "{user} says {message}"}, "hi", "Анна says hi", None),
        ({"chat_tts_mode": "donor", "chat_tts_min_diamonds": 500}, "hi", "hi", None),
        ({"chat_tts_mode": "follower"}, "hi", "hi", None),
        ({"chat_tts_mode": "prefix", "chat_tts_prefixes": ["!"]}, "!hi", "hi", None),
        ({"chat_tts_mode": "prefix", "chat_tts_prefixes": ["!"]}, "hi", None, "chat_tts_mode"),
        ({"chat_tts_mode": "off"}, "hi", None, "chat_tts_mode"),
        ({"tts_enabled": False}, "hi", None, "tts_enabled"),
        ({"blocked_users": ["ANN"]}, "hi", None, "blocked_users"),
        ({"blocked_words": ["spam"]}, "no spam", None, "blocked_word"),
        ({"profanity_mode": "skip"}, "fuck", None, "profanity"),
        ({"profanity_mode": "mask"}, "fuck you", "beep you", None),
        ({}, "🔥🔥", None, "unpronounceable"),
        ({"chat_tts_max_length": 5}, "hello there", "hello", None),
    ],
)
def test_a_line_is_tried_as_one_of_the_chat_would_be(settings, text, said, skipped_by):
    found = try_line(text, "ann", Settings(pronunciations=SAID, **settings))

    assert (found.text, found.skipped_by) == (said, skipped_by)
