"""Recordings counted by the product and by an independent reader say the same."""

from collections import Counter
from pathlib import Path

import pytest

from core.live import recordings
from core.live.inspection import inspect
from core.live.wire import decode_frame
from tests.core.live import independent
from ttboost import demo

PATHS = sorted(independent.RECORDINGS.glob("*.frames"))
NAMES = [path.name for path in PATHS]
needs_recordings = pytest.mark.skipif(not PATHS, reason="no recordings beside the repository")


@needs_recordings
@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_events_of_a_recording_are_those_an_independent_count_finds(path: Path) -> None:
    found = inspect(path)

    assert found.events == independent.event_counts(path)
    assert found.messages == Counter(method for method, _ in independent.messages(path))
    assert found.unreadable == 0
    assert found.bad_count == 0


@needs_recordings
@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_gifts_and_likes_add_up_to_an_independent_count(path: Path) -> None:
    found = inspect(path)
    by_name: Counter[str] = Counter()
    by_name.update({gift.name: gift.count for gift in found.gifts})

    assert by_name == independent.gift_counts(path)
    assert found.likes == independent.like_count(path)


@needs_recordings
@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_ids_and_names_are_those_on_the_wire(path: Path) -> None:
    said = [
        (independent.first(independent.sub(message, 1), 2), independent.first(message, 3, b"").decode())
        for method, message in independent.messages(path)
        if method == "WebcastChatMessage"
    ]
    decoded = [event for _, data in recordings.read(path) for event in decode_frame(data).events]

    chats = [(event.msg_id, event.text) for event in decoded if type(event).__name__ == "ChatPosted"]

    assert chats == said


def test_demo_counts_doubles_and_repeated_chat_apart() -> None:
    found = inspect(demo.path())

    assert (found.doubles, found.repeated_chat, found.unreadable, found.bad_count) == (1, 3, 0, 0)


def test_broken_lines_and_frames_are_reported_by_number(tmp_path: Path) -> None:
    path = tmp_path / "broken.frames"
    path.write_text(
        '{"format": "ttboost-frames", "version": 1, "unique_id": "a", "room_id": "1", '
        '"started_at": "2026-01-01T00:00:00Z"}\n'
        '{"t": 0.5, "frame": "////"}\n'
        "not json\n"
        '{"t": 1.5, "frame": "OgJoYg=="}\n'
    )

    found = inspect(path)

    assert [line.number for line in found.bad_lines] == [2, 3]
    assert found.frames == {"hb": 1}
    assert found.seconds == 1.5
