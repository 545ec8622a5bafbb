"""Likes are merged without losing one, and the room's total never goes backwards."""

import itertools
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.live import likes
from core.live.events import Viewer
from core.live.likes import LikeMerger, MergedLike

ANN, BOB = Viewer(1, "ann", "Ann"), Viewer(2, "bob", "Bob")


def test_first_like_of_a_viewer_goes_out_at_once() -> None:
    assert LikeMerger().take(ANN, 3, 100, 0.0) == MergedLike(ANN, 3, 100)


def test_likes_within_a_second_go_out_together_when_it_is_over() -> None:
    merger = LikeMerger()
    merger.take(ANN, 3, 100, 0.0)

    assert merger.take(ANN, 4, 104, 0.3) is None
    assert merger.take(ANN, 5, 109, 0.6) is None
    assert merger.due(0.9) == []
    assert merger.due(1.0) == [MergedLike(ANN, 9, 109)]
    assert merger.due(5.0) == []


def test_viewers_do_not_wait_for_each_other() -> None:
    merger = LikeMerger()
    merger.take(ANN, 1, 1, 0.0)

    assert merger.take(BOB, 1, 2, 0.1) == MergedLike(BOB, 1, 2)


def test_like_after_a_quiet_second_goes_out_with_what_was_held() -> None:
    merger = LikeMerger()
    merger.take(ANN, 1, 1, 0.0)
    merger.take(ANN, 2, 3, 0.5)

    assert merger.take(ANN, 4, 7, 1.5) == MergedLike(ANN, 6, 7)


def test_busy_viewer_does_not_hold_back_another() -> None:
    merger = LikeMerger()
    for viewer in (ANN, BOB, ANN, BOB):
        merger.take(viewer, 1, 1, 0.0)
    merger.take(ANN, 1, 1, 1.5)

    assert merger.due(1.6) == [MergedLike(BOB, 1, 1)]


def test_total_never_goes_backwards() -> None:
    merger = LikeMerger()
    merger.take(ANN, 1, 500, 0.0)

    assert merger.take(BOB, 1, 420, 0.1) == MergedLike(BOB, 1, 500)


def test_end_of_the_live_lets_everything_go() -> None:
    merger = LikeMerger()
    merger.take(ANN, 1, 1, 0.0)
    merger.take(ANN, 6, 7, 0.1)
    merger.take(BOB, 1, 8, 0.2)

    assert merger.flush() == [MergedLike(ANN, 6, 8)]
    assert merger.flush() == []


def test_likes_beyond_the_memory_go_out_unmerged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likes, "MAX_HELD", 1)
    merger = LikeMerger()
    merger.take(ANN, 1, 1, 0.0)

    assert merger.take(BOB, 1, 2, 0.1) == MergedLike(BOB, 1, 2)
    assert merger.take(BOB, 5, 7, 0.2) == MergedLike(BOB, 5, 7)


steps = st.lists(
    st.tuples(st.floats(0, 2), st.integers(1, 3), st.integers(1, 15), st.integers(0, 999), st.booleans())
)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_sums_are_kept_and_no_viewer_is_heard_twice_a_second(story: list) -> None:
    merger = LikeMerger()
    sent: dict[int, int] = defaultdict(int)
    out: list[tuple[float, MergedLike]] = []
    now = 0.0
    for pause, viewer_id, count, total, asks in story:
        now += pause
        out += [(now, like) for like in merger.due(now)] if asks else []
        sent[viewer_id] += count
        like = merger.take(Viewer(viewer_id, "", ""), count, total, now)
        out += [(now, like)] if like else []
    rest = merger.flush()

    heard: dict[int, int] = defaultdict(int)
    moments: dict[int, list[float]] = defaultdict(list)
    for at, like in out:
        heard[like.viewer.user_id] += like.count
        moments[like.viewer.user_id].append(at)
    for like in rest:
        heard[like.viewer.user_id] += like.count
    totals = [like.total for _, like in out]
    gaps = [b - a for times in moments.values() for a, b in itertools.pairwise(times)]
    assert heard == sent
    assert totals == sorted(totals)
    assert all(gap >= 0.999 for gap in gaps)
