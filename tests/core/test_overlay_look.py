"""The look of an overlay: its bounds, what is stored, what becomes of what a newer program stored."""

from typing import Any

import pytest

from core.errors import Invalid
from core.overlay_look import STANDARD, Look, changed, restored, stored


def test_alone_alerts_are_on_until_somebody_says_otherwise() -> None:
    on = [name for name in Look.__struct_fields__ if getattr(STANDARD, name).on]

    assert on == ["alerts"]
    assert not STANDARD.counts


def test_some_values_of_some_widgets_are_changed_and_the_rest_stays() -> None:
    look = changed(STANDARD, {"likes": {"on": True, "target": 500}, "feed": {"x": 30}})

    assert (look.likes.on, look.likes.target, look.likes.accent) == (True, 500, STANDARD.likes.accent)
    assert (look.feed.x, look.feed.y) == (30, STANDARD.feed.y)
    assert look.alerts == STANDARD.alerts
    assert look.counts


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"clock": {"on": True}}, "clock"),
        ({"feed": {"x": 101}}, "feed.x"),
        ({"feed": {"y": -1}}, "feed.y"),
        ({"feed": {"size": 49}}, "feed.size"),
        ({"feed": {"size": 201}}, "feed.size"),
        ({"feed": {"opacity": 101}}, "feed.opacity"),
        ({"feed": {"rows": 11}}, "feed.rows"),
        ({"feed": {"text": "red"}}, "feed.text"),
        ({"feed": {"text": "#12345g"}}, "feed.text"),
        ({"feed": {"text": "#123456\n"}}, "feed.text"),
        ({"feed": {"font": "comic"}}, "feed.font"),
        ({"feed": {"on": 1}}, "feed.on"),
        ({"likes": {"target": 0}}, "likes.target"),
        ({"likes": {"target": 1_000_000_001}}, "likes.target"),
        ({"likes": {"title": "x" * 61}}, "likes.title"),
        ({"alerts": {"rows": 3}}, "alerts"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        changed(STANDARD, changes)

    assert refused.value.details["field"] == field


def test_only_what_differs_from_the_standard_is_stored() -> None:
    look = changed(STANDARD, {"gifters": {"on": True, "rows": STANDARD.gifters.rows}})

    assert stored(look) == {"gifters": {"on": True}}
    assert restored(stored(look)) == look
    assert stored(STANDARD) == {}


def test_what_a_newer_program_stored_is_left_out() -> None:
    saved = {"clock": {"on": True}, "feed": {"on": True, "glow": 3}, "likes": {"target": "many"}}

    look = restored(saved)

    assert look.feed.on
    assert look.likes == STANDARD.likes
