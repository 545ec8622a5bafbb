"""The committed demo is what its script composes, and shows what a real LIVE is like."""

import gzip
from collections import Counter
from itertools import pairwise

import pytest

from core.live.events import ChatPosted, Frame, GiftSent, LikesSent, LiveEnded, Viewer, ViewersCounted
from core.live.inspection import inspect
from core.live.recordings import read
from core.live.streaks import StreakTracker
from core.live.wire import decode_frame, unpacked
from tests.core.live import independent
from tests.fake_tiktok import proto
from ttboost import demo
from ttboost.demo.compose import compose, frames


@pytest.fixture(scope="module")
def played() -> list[tuple[float, Frame]]:
    return [(t, decode_frame(data)) for t, data in read(demo.path())]


def opened(frame: bytes) -> dict[int, int | bytes]:
    """Its fields with the payload unpacked: how well it is packed may differ between zlib versions."""
    found = dict(proto.fields(frame))
    return found | {8: unpacked(found[8])}


def test_committed_demo_is_what_the_script_composes() -> None:
    committed = [(t, opened(data)) for t, data in read(demo.path())]

    assert committed == [(t, opened(data)) for t, data in frames()]
    assert gzip.decompress(compose()) == gzip.decompress(compose())


def test_demo_is_small() -> None:
    assert demo.path().stat().st_size < 150_000


def test_demo_has_the_length_and_the_rate_of_a_real_live() -> None:
    found = inspect(demo.path())

    assert 170 < found.seconds < 190
    assert 3 < sum(found.messages.values()) / found.seconds < 4
    assert found.events.keys() >= {
        "chat",
        "gift",
        "like",
        "viewer_join",
        "follow",
        "share",
        "subscribe",
        "viewer",
    }
    assert found.messages["WebcastBarrageMessage"] == 2


def test_viewer_counts_come_every_two_seconds(played: list[tuple[float, Frame]]) -> None:
    moments = [t for t, frame in played for event in frame.events if isinstance(event, ViewersCounted)]

    assert all(later - earlier < 4 for earlier, later in pairwise(moments))


def test_every_viewer_is_made_up(played: list[tuple[float, Frame]]) -> None:
    viewers = {event.viewer for _, frame in played for event in frame.events if hasattr(event, "viewer")}

    assert all(viewer.unique_id.startswith("demo_") for viewer in viewers)


def test_chat_is_in_many_scripts(played: list[tuple[float, Frame]]) -> None:
    text = "".join(
        event.text for _, frame in played for event in frame.events if isinstance(event, ChatPosted)
    )

    assert all(letter in text for letter in "eя¿こ안مनç😍")
    assert "https://" in text
    assert "?" in text


def test_there_is_a_raid_of_joins_and_a_flood_of_chat(played: list[tuple[float, Frame]]) -> None:
    per_ten_seconds = Counter(
        (type(event).__name__, int(t // 10)) for t, frame in played for event in frame.events
    )

    assert per_ten_seconds["ViewerJoined", 6] > 30
    assert per_ten_seconds["ChatPosted", 8] > 35


def test_likes_are_told_by_two_totals(played: list[tuple[float, Frame]]) -> None:
    totals = [event.total for _, frame in played for event in frame.events if isinstance(event, LikesSent)]

    assert sum(later < earlier for earlier, later in pairwise(totals)) > 20


def test_streaks_skip_and_some_are_never_closed(played: list[tuple[float, Frame]]) -> None:
    tracker = StreakTracker()
    skipped = lost = 0
    counts: Counter[str] = Counter()
    for t, frame in played:
        lost += len(tracker.expired(t))
        for gift in (event for event in frame.events if isinstance(event, GiftSent)):
            if increment := tracker.take(gift, t):
                counts[gift.name] += increment.added
                skipped += increment.added > 1

    assert counts == independent.gift_counts(demo.path())
    assert (lost, tracker.flush()) == (2, [])
    assert skipped > 5


def test_no_round_is_cut_short(played: list[tuple[float, Frame]]) -> None:
    """The file's end is the LIVE's end: the next round starts as a stream of its own."""
    assert not any(isinstance(event, LiveEnded) for _, frame in played for event in frame.events)


def test_roles_and_levels_are_shown(played: list[tuple[float, Frame]]) -> None:
    viewers: set[Viewer] = {
        event.viewer for _, frame in played for event in frame.events if hasattr(event, "viewer")
    }
    roles = 0
    for viewer in viewers:
        roles |= viewer.roles

    assert roles == 31
    assert max(viewer.gifter_level for viewer in viewers) == 28
