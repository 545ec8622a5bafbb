"""Small charts of one LIVE."""

from core.stats import Minute
from webapp.miniapp.sparkline import MOST, over_time


def minute(number, **more):
    zero = {"viewers": 0, "messages": 0, "gifts": 0, "diamonds": 0, "likes": 0, "follows": 0}
    return Minute(minute=number, at="", **zero | more)


def test_a_line_needs_two_points_and_something_to_see():
    assert over_time([], "viewers") is None
    assert over_time([minute(0, viewers=5)], "viewers") is None
    assert over_time([minute(0), minute(1)], "diamonds") is None


def test_a_minute_left_out_brought_no_diamonds_and_kept_its_viewers():
    minutes = [minute(0, viewers=10, diamonds=4), minute(2, viewers=5, diamonds=2)]

    assert over_time(minutes, "diamonds").line == "M0.0 2.0L60.0 32.0L120.0 17.0"
    assert over_time(minutes, "viewers").line == "M0.0 2.0L60.0 2.0L120.0 17.0"


def test_nobody_goes_because_a_minute_has_just_begun():
    minutes = [minute(0, viewers=10), minute(1, viewers=8), minute(2, diamonds=3)]

    assert (
        over_time(minutes, "viewers").line == over_time([*minutes[:2], minute(2, viewers=8)], "viewers").line
    )


def test_a_long_live_is_drawn_coarser():
    chart = over_time([minute(number, viewers=1, diamonds=1) for number in range(3 * MOST)], "diamonds")

    assert chart.line.count("L") == MOST - 1
    assert chart.highest == 3
