"""Fields, braces and what a viewer may write into a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.live.events import Fact, Viewer
from core.triggers.templates import FIELDS, MAX_RENDERED, MAX_TEMPLATE, Room, Template, is_visible
from tests.core.triggers.making import ANN, chat, gift, likes, viewers


def rendered(text: str, fact: Fact, counters: dict[str, int] | None = None) -> str:
    return Template.parse(text).render(fact, counters or {})


@pytest.mark.parametrize(
    ("text", "fact", "expected"),
    [
        ("Hello!", chat(""), "Hello!"),
        ("{user}: {message}", chat("hi all"), "Ann: hi all"),
        (
            "Привет, {user}! Добро пожаловать в стрим!",
            chat("привет"),
            "Привет, Ann! Добро пожаловать в стрим!",
        ),
        ("{username} {nickname}", chat("", Viewer(1, "ann_01", "")), "ann_01 ann_01"),
        ("{count} x {gift_name}", gift(7), "7 x Rose"),
        ("{diamonds} and {total_diamonds}", gift(7, diamonds=5, total_diamonds=35), "5 and 35"),
        ("{count} of {likes}", likes(90, 120, count=15), "15 of 120"),
        ("{viewers} watch", viewers(9, 10), "10 watch"),
        ("{{user}} is {user}", chat(""), "{user} is Ann"),
        ("{{{user}}}", chat(""), "{Ann}"),
        ("{ user }", chat(""), "Ann"),
        ("{message}{gift_name}{count}", viewers(9, 10), "0"),
    ],
)
def test_fields_are_filled_in(text: str, fact: Fact, expected: str) -> None:
    assert rendered(text, fact) == expected


def test_a_counter_is_named_and_starts_at_nothing() -> None:
    text = "{counter:hugs} hugs, {counter:Other_2} others"

    assert rendered(text, chat(""), {"hugs": 41}) == "41 hugs, 0 others"


def test_the_rooms_numbers_stand_in_where_the_event_has_none_of_its_own() -> None:
    template = Template.parse("{likes}/{viewers}")

    assert template.render(chat(""), {}, Room(likes=900, viewers=33)) == "900/33"
    assert template.render(likes(0, 7), {}, Room(likes=1, viewers=33)) == "7/33"


@pytest.mark.parametrize("field", [*FIELDS])
def test_each_named_field_is_known(field: str) -> None:
    assert Template.parse(f"{{{field}}}").text == f"{{{field}}}"


@pytest.mark.parametrize(
    "text",
    [
        "{foo}",
        "{}",
        "{",
        "}",
        "a {user",
        "user} b",
        "{user{user}}",
        "{User}",
        "{user.roles}",
        "{user!r}",
        "{0}",
        "{counter:}",
        "{counter:a b}",
        "{counter:" + "x" * 33 + "}",
        "",
        "  ",
        "x" * (MAX_TEMPLATE + 1),
    ],
)
def test_what_cannot_be_filled_in_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Template.parse(text, "action_params.text_template")

    assert refusal.value.details == {"field": "action_params.text_template"}


def test_what_a_viewer_writes_is_never_a_template() -> None:
    fact = chat("{user} {{ }} {counter:x} }{", Viewer(1, "{message}", "{0.__class__}"))

    assert rendered("{user}|{message}", fact) == "{0.__class__}|{user} {{ }} {counter:x} }{"


def test_a_rendered_text_has_an_end() -> None:
    assert len(rendered("{message}" * 30, chat("x" * 5_000))) == MAX_RENDERED


@given(st.text(max_size=MAX_TEMPLATE))
def test_every_text_is_taken_or_refused(text: str) -> None:
    try:
        template = Template.parse(text)
    except Invalid:
        return

    assert len(template.render(chat("hi", ANN), {})) <= MAX_RENDERED


@given(st.text(min_size=1, max_size=100).filter(is_visible))
def test_doubled_braces_say_any_text(text: str) -> None:
    escaped = text.replace("{", "{{").replace("}", "}}")

    assert rendered(escaped, chat("")) == text
