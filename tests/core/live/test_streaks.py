"""Whatever order TikTok tells a streak in, what is told of it adds up to its highest count, once."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.live import streaks
from core.live.events import GiftSent, Viewer
from core.live.streaks import Expired, Increment, StreakTracker

ROSE, DRAGON = 5655, 9999


def gift(
    count: int, *, over: bool = False, group: int = 7, viewer: int = 1, gift_id: int = ROSE, receiver: int = 0
) -> GiftSent:
    return GiftSent(
        1, 0, Viewer(viewer, f"v{viewer}", ""), gift_id, "Rose", 1, count, True, over, group, receiver
    )


def single(count: int = 1) -> GiftSent:
    return GiftSent(1, 0, Viewer(1, "v1", ""), DRAGON, "Dragon", 500, count, False, False, 0)


def added(tracker: StreakTracker, *told: GiftSent) -> list[int | None]:
    increments = [tracker.take(each, float(at)) for at, each in enumerate(told)]
    return [each and each.added for each in increments]


def test_first_press_is_told_at_once() -> None:
    increment = StreakTracker().take(gift(1), 0.0)

    assert increment == Increment("1-5655-7", added=1, total=1, over=False, is_first=True)


def test_skipped_counts_are_made_up_for() -> None:
    assert added(StreakTracker(), gift(1), gift(2), gift(5), gift(7)) == [1, 1, 3, 2]


def test_repeated_and_older_counts_add_nothing() -> None:
    assert added(StreakTracker(), gift(3), gift(3), gift(2), gift(4)) == [3, None, None, 1]


def test_closing_message_ends_the_streak_with_what_is_left() -> None:
    tracker = StreakTracker()
    tracker.take(gift(5), 0.0)

    closing = tracker.take(gift(8, over=True), 1.0)

    assert closing == Increment("1-5655-7", added=3, total=8, over=True, is_first=False)
    assert tracker.flush() == []


def test_closing_message_with_nothing_new_still_ends_the_streak() -> None:
    tracker = StreakTracker()
    tracker.take(gift(5), 0.0)

    assert tracker.take(gift(5, over=True), 1.0) == Increment(
        "1-5655-7", added=0, total=5, over=True, is_first=False
    )


def test_doubled_closing_message_is_nothing() -> None:
    assert added(StreakTracker(), gift(5), gift(5, over=True), gift(5, over=True)) == [5, 0, None]


def test_streak_seen_only_by_its_closing_counts_whole() -> None:
    assert StreakTracker().take(gift(9, over=True), 0.0) == Increment(
        "1-5655-7", added=9, total=9, over=True, is_first=True
    )


def test_streak_whose_closing_is_lost_expires_six_seconds_after_its_last_increment() -> None:
    tracker = StreakTracker()
    last = gift(4)
    tracker.take(gift(1), 0.0)
    tracker.take(last, 2.0)
    tracker.take(gift(4), 5.0)

    assert tracker.expired(7.9) == []
    assert tracker.expired(8.0) == [Expired("1-5655-7", gift(4), total=4)]
    assert tracker.expired(100.0) == []


def test_busy_streak_does_not_hold_back_the_end_of_a_quiet_one() -> None:
    tracker = StreakTracker()
    tracker.take(gift(1, viewer=1), 0.0)
    tracker.take(gift(1, viewer=2), 1.0)
    tracker.take(gift(2, viewer=1), 2.0)

    assert [expired.streak_id for expired in tracker.expired(7.0)] == ["2-5655-7"]


def test_late_messages_add_only_what_is_new() -> None:
    tracker = StreakTracker()
    tracker.take(gift(4), 0.0)
    tracker.expired(10.0)

    assert tracker.take(gift(4, over=True), 11.0) is None
    assert tracker.take(gift(6), 12.0) == Increment("1-5655-7", 2, 6, over=False, is_first=False)
    assert tracker.flush() == [Expired("1-5655-7", gift(6), total=6)]


@pytest.mark.parametrize(
    "other",
    [gift(1, group=8), gift(1, viewer=2), gift(1, gift_id=5487), gift(1, receiver=5)],
    ids=["group", "viewer", "gift", "receiver"],
)
def test_another_streak_is_told_apart_by(other: GiftSent) -> None:
    tracker = StreakTracker()
    tracker.take(gift(3), 0.0)

    increment = tracker.take(other, 0.1)

    assert increment is not None
    assert (increment.added, increment.is_first) == (1, True)
    assert increment.streak_id != "1-5655-7"


def test_gift_outside_a_streak_is_over_at_once_and_told_each_time() -> None:
    tracker = StreakTracker()

    assert tracker.take(single(), 0.0) == Increment("", 1, 1, over=True, is_first=True)
    assert tracker.take(single(3), 0.1) == Increment("", 3, 3, over=True, is_first=True)
    assert tracker.flush() == []


def test_streaks_without_group_id_follow_each_other() -> None:
    told = [gift(1, group=0), gift(1, over=True, group=0), gift(1, group=0), gift(2, over=True, group=0)]

    assert added(StreakTracker(), *told) == [1, 0, 1, 1]


def test_too_many_running_streaks_end_the_quietest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaks, "MAX_OPEN", 2)
    tracker = StreakTracker()
    for viewer in (1, 2, 3):
        tracker.take(gift(viewer, viewer=viewer), float(viewer))

    assert tracker.expired(3.1) == [Expired("1-5655-7", gift(1), total=1)]


messages = st.builds(
    gift,
    count=st.integers(1, 60),
    over=st.booleans(),
    group=st.integers(1, 2),
    viewer=st.integers(1, 2),
    gift_id=st.sampled_from([ROSE, 5487]),
    receiver=st.sampled_from([0, 4]),
)
steps = st.tuples(st.floats(0, 9), messages, st.booleans())
"""Seconds since the step before, what is told, whether expired streaks are asked for first."""


@settings(max_examples=400, deadline=None)
@given(st.lists(steps, max_size=40))
def test_what_is_told_of_each_streak_adds_up_to_its_highest_count(story: list) -> None:
    tracker = StreakTracker()
    highest: dict[str, int] = defaultdict(int)
    told: dict[str, int] = defaultdict(int)
    firsts: dict[str, int] = defaultdict(int)
    ended: list[Expired] = []
    now = 0.0
    for pause, message, asks in story:
        now += pause
        ended += tracker.expired(now) if asks else []
        name = f"{message.viewer.user_id}-{message.gift_id}-{message.group_id}" + (
            f"-{message.receiver_id}" if message.receiver_id else ""
        )
        highest[name] = max(highest[name], message.repeat_count)
        increment = tracker.take(message, now)
        told[name] += increment.added if increment else 0
        firsts[name] += increment.is_first if increment else 0
        assert increment is None or (increment.streak_id, increment.total) == (name, highest[name])
    ended += tracker.flush()

    assert told == highest
    assert all(count == 1 for count in firsts.values())
    assert all(expired.total <= highest[expired.streak_id] for expired in ended)


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=30))
def test_every_streak_ends_and_none_twice_in_a_row(story: list) -> None:
    tracker = StreakTracker()
    running: set[str] = set()
    now = 0.0
    for pause, message, _ in story:
        now += pause
        over = [expired.streak_id for expired in tracker.expired(now)]
        assert running >= set(over)
        running -= set(over)
        increment = tracker.take(message, now)
        if increment and increment.over:
            running.discard(increment.streak_id)
        elif increment:
            running.add(increment.streak_id)

    assert {expired.streak_id for expired in tracker.flush()} == running
    assert tracker.flush() == []
