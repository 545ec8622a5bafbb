"""Every condition the contract names, met and not met: by the index, beside another, explained."""

import pytest

from core.live.events import EventType, Fact, Role, Viewer
from core.triggers.conditions import MAX_TEXT, fold
from tests.core.triggers.making import ANN, Running, chat, gift, likes, trigger, viewers


def viewer(roles: int = 0, gifter_level: int = 0) -> Viewer:
    return Viewer(7, "Some.One", "Someone", roles=roles, gifter_level=gifter_level)


def join(who: Viewer, *, is_first: bool = False) -> Fact:
    return Fact(EventType.VIEWER_JOIN, who, is_first=is_first)


CASES = [
    ("username", "some.one", join(viewer()), True),
    ("username", "@SOME.ONE", join(viewer()), True),
    ("username", "ann, Some.One", join(viewer()), True),
    ("username", "some", join(viewer()), False),
    ("role", "follower", join(viewer(Role.FOLLOWER)), True),
    ("role", "follower", join(viewer(Role.FRIEND)), True),
    ("role", "friend", join(viewer(Role.FOLLOWER)), False),
    ("role", "subscriber", join(viewer(Role.SUBSCRIBER | Role.MODERATOR)), True),
    ("role", "moderator", join(viewer(Role.TOP_GIFTER)), False),
    ("role", "top_gifter", join(viewer(Role.TOP_GIFTER)), True),
    ("min_gifter_level", "10", join(viewer(gifter_level=10)), True),
    ("min_gifter_level", "10", join(viewer(gifter_level=9)), False),
    ("first_time", "true", join(viewer(), is_first=True), True),
    ("first_time", "true", join(viewer()), False),
    ("message_contains", "привет", chat("Всем ПРИВЕТ!"), True),
    ("message_contains", "straße", chat("In der STRASSE"), True),
    ("message_contains", "rose", chat("𝐑𝐨𝐬𝐞 for you"), True),
    ("message_contains", "❤️", chat("love ❤ you"), True),
    ("message_contains", "hello", chat("help"), False),
    ("message_equals", "Hi there", chat("  hi THERE "), True),
    ("message_equals", "hi", chat("hi there"), False),
    ("message_starts_with", "hey", chat("Hey you"), True),
    ("message_starts_with", "hey", chat("oh hey, hey"), False),
    ("message_regex", r"\b\d{3}\b", chat("call 123 now"), True),
    ("message_regex", r"^hi", chat("Hi"), False),
    ("message_regex", r"(?i)^при.?ет$", chat("ПРИВЕТ"), True),
    ("command", "!song", chat("!Song one two"), True),
    ("command", "!song", chat("!songs"), False),
    ("command", "!song", chat("play !song"), False),
    ("gift_name", "rose", gift(gift_name="ROSE"), True),
    ("gift_name", "rose", gift(gift_name="Rosette"), False),
    ("gift_name", "rose", gift(gift_id=8, gift_name="Rose"), True),
    ("gift_id", "5655", gift(), True),
    ("gift_id", "5656", gift(), False),
    ("min_diamonds", "10", gift(10), True),
    ("min_diamonds", "10", gift(9), False),
    ("max_diamonds", "10", gift(10), True),
    ("max_diamonds", "10", gift(11), False),
    ("min_count", "3", gift(3, total_diamonds=1), True),
    ("min_count", "3", gift(2), False),
    ("min_count", "15", likes(0, 900, count=15), True),
    ("min_count", "15", likes(0, 900, count=14), False),
    ("every", "100", likes(99, 100), True),
    ("every", "100", likes(100, 199), False),
    ("every", "100", likes(150, 550), True),
    ("reached", "50", viewers(49, 50), True),
    ("reached", "50", viewers(50, 60), False),
    ("reached", "50", viewers(60, 40), False),
]
IDS = [f"{key}={value}-{met}-{position}" for position, (key, value, _, met) in enumerate(CASES)]


@pytest.mark.parametrize(("key", "value", "fact", "is_met"), CASES, ids=IDS)
def test_a_condition_by_itself(key: str, value: str, fact: Fact, is_met: bool) -> None:
    running = Running(trigger(1, fact.type, (key, value)))

    assert running.fired(fact) == [1] * is_met


@pytest.mark.parametrize(("key", "value", "fact", "is_met"), CASES, ids=IDS)
def test_the_same_condition_beside_another(key: str, value: str, fact: Fact, is_met: bool) -> None:
    """The one listed twice hangs at the index once and is checked once by itself."""
    running = Running(trigger(1, fact.type, (key, value), (key, value)))

    assert running.fired(fact) == [1] * is_met


@pytest.mark.parametrize(("key", "value", "fact", "is_met"), CASES, ids=IDS)
def test_the_same_condition_explained(key: str, value: str, fact: Fact, is_met: bool) -> None:
    verdict = Running(trigger(1, fact.type, (key, value))).engine.explain(fact)[0]

    assert (verdict.trigger_id, verdict.refused_by) == (1, None if is_met else key)


def test_without_conditions_every_fact_of_the_type_fires() -> None:
    running = Running(trigger(1, "chat"))

    assert running.fired(chat("")) == [1]
    assert running.fired(gift()) == []


def test_all_conditions_must_hold_and_the_first_that_does_not_is_named() -> None:
    running = Running(trigger(1, "chat", ("message_contains", "hi"), ("username", "ben"), ("role", "friend")))

    assert running.refused(chat("hi", Viewer(2, "ben", "Ben"))) == [(1, "role")]


def test_several_phrases_of_one_message_fire_each_once() -> None:
    running = Running(
        trigger(1, "chat", ("message_contains", "she")),
        trigger(2, "chat", ("message_contains", "he")),
        trigger(3, "chat", ("message_contains", "hers")),
        trigger(4, "chat", ("message_contains", "he")),
    )

    assert running.fired(chat("ushers and ushers")) == [1, 2, 3, 4]


def test_only_the_beginning_of_an_endless_text_is_looked_at() -> None:
    running = Running(trigger(1, "chat", ("message_contains", "end")))

    assert running.fired(chat("x" * MAX_TEXT + "end")) == []


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\ud800", "!", "! x", "İ", "ﷺ"])
def test_odd_texts_are_only_texts(text: str) -> None:
    running = Running(
        trigger(1, "chat", ("command", "!x")),
        trigger(2, "chat", ("message_regex", "[0-9]")),
        trigger(3, "chat", ("message_regex", "never")),
        trigger(4, "chat", ("message_contains", "never")),
    )

    assert running.fired(chat(text, ANN)) == []


@pytest.mark.parametrize(
    ("one", "other"), [("ﬁ", "FI"), ("Ⅷ", "viii"), ("Ａ", "a"), ("ς", "Σ"), (" a ", "A")]
)
def test_texts_that_are_told_apart_by_eye_only_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)
