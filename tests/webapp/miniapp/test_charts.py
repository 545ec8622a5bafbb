"""Charts: nothing our policy refuses, nothing lost, nothing of a person unescaped."""

import re
from xml.etree import ElementTree as ET

import pytest

from webapp.miniapp import charts

NAMES = ["mon", "tue", "wed"]


def parsed(chart: str) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314  our own


def said(value: float) -> str:
    return f"{value:.0f} times"


@pytest.mark.parametrize(
    "chart",
    [
        charts.line([1, None, 3], NAMES, "Viewers", said),
        charts.line([None, 7, None], NAMES, "Viewers", said),
        charts.line([], [], "Viewers", said),
        charts.bars([1, 0, 3], NAMES, "Viewers", said),
        charts.bars([], [], "Viewers", said),
        charts.sparkline([1, 2, 3]),
        charts.sparkline([]),
    ],
)
def test_it_is_plain_svg_that_the_policy_lets_pass(chart):
    root = parsed(chart)

    assert root.tag == "svg"
    assert root.get("class", "").split()[0] == "chart"
    assert re.findall(r"<style|<script|style=|http|#[0-9A-F]{3}|on\w+=", chart) == []
    assert len(chart) < 4_000


def test_a_screen_reader_hears_what_it_is_told_and_only_that():
    chart = parsed(charts.line([1, 2, 3], NAMES, 'Peak: 3 by <b>"ann"</b>', said))

    assert (chart.get("role"), chart.get("aria-label")) == ("img", 'Peak: 3 by <b>"ann"</b>')
    assert parsed(charts.sparkline([1, 2])).get("aria-hidden") == "true"
    assert parsed(charts.sparkline([1, 2], "Going up")).get("aria-label") == "Going up"


def test_labels_are_in_the_readers_words_and_escaped():
    chart = charts.bars([1, 2, 4], ["<b>", "tue", "wed"], "x", said)

    texts = [text.text for text in parsed(chart).iter("text")]
    assert texts == ["0 times", "2 times", "4 times", "<b>", "tue", "wed"]
    assert "<b>" not in chart


def test_each_bar_says_its_value():
    titles = [title.text for title in parsed(charts.bars([1, 0, 4], NAMES, "x", said)).iter("title")]

    assert titles == ["mon: 1 times", "tue: 0 times", "wed: 4 times"]


def test_a_line_is_cut_where_nothing_is_known():
    chart = parsed(charts.line([1, 2, None, 4, 3], ["a", "b", "c", "d", "e"], "x", said))

    [series] = [group for group in chart.iter("g") if group.get("class") == "series"]
    assert [path.get("class") for path in series] == ["fill", "fill", "line", "line"]


@pytest.mark.parametrize(
    ("top", "ticks"),
    [(0, [0, 1]), (1, [0, 1]), (4, [0, 2, 4]), (95, [0, 50, 100]), (1_234, [0, 500, 1_000, 1_500])],
)
def test_an_axis_has_few_and_round_numbers(top, ticks):
    texts = [text.text for text in parsed(charts.line([top], ["now"], "x", said)).iter("text")]

    assert texts == [*(said(tick) for tick in ticks), "now"]


def test_many_values_are_joined_until_they_can_be_told_apart():
    minutes = [1.0] * 150 + [None] * 3 + [7.0] * 3

    assert charts.thinned(minutes, sum) == [3.0] * 50 + [None, 21.0]
    assert charts.thinned(minutes, max) == [1.0] * 50 + [None, 7.0]
    assert len(charts.thinned_labels([str(number) for number in range(156)])) == 52
    assert charts.thinned([], sum) == []


def test_labels_of_many_values_do_not_stand_on_one_another():
    names = [str(number) for number in range(59)]
    chart = parsed(charts.line([1.0] * 59, names, "x", said))

    assert len([text for text in chart.iter("text") if text.text in names]) <= 6


@pytest.mark.parametrize(
    ("days", "told"),
    [(["26"] * 12, ["26"]), (["26", "27", "27"], ["26", "27"]), (["26"] * 4 + ["27"] * 4, ["26", "27"])],
)
def test_a_day_of_several_lives_is_said_once(days, told):
    names = [f"Nov {day}" for day in days]
    drawn = parsed(charts.bars(list(range(len(names))), names, "", said))

    assert [text.text for text in drawn.iter("text") if text.text in names] == [f"Nov {day}" for day in told]


def test_what_did_not_change_is_drawn_once():
    drawn = [charts.bars([1, 0, 4], NAMES, "x", said) for _ in range(2)]

    assert drawn[0] is drawn[1]
    assert charts.bars([1, 0, 4], NAMES, "x", str) != drawn[0]
