"""Recordings: written so that a crash loses nothing, read whatever is broken in them."""

import base64
import gzip
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import Conflict, Invalid
from core.live import recordings
from core.live.recordings import Header, Writer, read

HEADER = Header("ann.b", "7300000000000000001", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
HEADER_LINE = (
    '{"format": "ttboost-frames", "version": 1, "unique_id": "ann.b", '
    '"room_id": "7300000000000000001", "started_at": "2026-01-02T03:04:05Z"}'
)


def frame_line(t: float, frame: bytes) -> str:
    return f'{{"t": {t}, "frame": "{base64.b64encode(frame).decode()}"}}'


def lines(*texts: str) -> bytes:
    return "".join(text + "\n" for text in texts).encode()


GOOD = lines(HEADER_LINE, frame_line(0.0, b"one"), frame_line(1.25, b"two"), frame_line(3, b"three"))
FRAMES = [(0.0, b"one"), (1.25, b"two"), (3.0, b"three")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "some.frames"


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_plain_and_gzip_are_told_by_content(path: Path, packed: bool) -> None:
    path.write_bytes(gzip.compress(GOOD) if packed else GOOD)

    recording = read(path)

    assert recording.header == HEADER
    assert list(recording) == FRAMES
    assert list(recording) == FRAMES
    assert recording.bad_lines == []


@pytest.mark.parametrize("name", ["a.frames", "a.frames.gz"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    with Writer(tmp_path / name, HEADER) as writer:
        for t, frame in FRAMES:
            writer.write(t, frame)

    recording = read(tmp_path / name)

    assert recording.header == HEADER
    assert list(recording) == FRAMES
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b" if name.endswith("gz") else b"{")


@pytest.mark.parametrize("name", ["a.frames", "a.frames.gz"])
def test_frames_are_in_the_file_before_it_is_closed(tmp_path: Path, name: str) -> None:
    writer = Writer(tmp_path / name, HEADER)
    writer.write(0.5, b"one")

    assert list(read(tmp_path / name)) == [(0.5, b"one")]
    writer.close()
    writer.close()


@pytest.mark.parametrize("name", ["a.frames", "a.frames.gz"])
def test_recording_cut_by_kill_is_readable_up_to_there(tmp_path: Path, name: str) -> None:
    program = f"""
        import os, signal
        from datetime import datetime, UTC
        from pathlib import Path
        from core.live.recordings import Header, Writer
        writer = Writer(Path({str(tmp_path / name)!r}), Header("ann", "1", datetime(2026, 1, 1, tzinfo=UTC)))
        for number in range(100):
            writer.write(number, b"frame %d" % number)
        os.kill(os.getpid(), {signal.SIGKILL.value})
    """
    root = Path(recordings.__file__).parents[2]

    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=60,
        check=False,
    )

    assert ended.returncode == -signal.SIGKILL
    assert list(read(tmp_path / name)) == [(float(number), b"frame %d" % number) for number in range(100)]


def test_existing_file_is_not_overwritten(path: Path) -> None:
    path.write_bytes(GOOD)

    with pytest.raises(Conflict, match="exists already"):
        Writer(path, HEADER)

    assert path.read_bytes() == GOOD


def test_writing_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot write"):
        Writer(tmp_path / "missing" / "a.frames", HEADER)


@pytest.mark.parametrize(
    "broken",
    [
        "not json",
        '{"t": 1}',
        '{"frame": "AAAA"}',
        '{"t": "soon", "frame": "AAAA"}',
        '{"t": -1, "frame": "AAAA"}',
        '{"t": NaN, "frame": "AAAA"}',
        '{"t": 1e999, "frame": "AAAA"}',
        '{"t": 1, "frame": "A*"}',
        '{"t": 1, "frame": "AAA"}',
        '{"t": 1, "frame": 5}',
        '[1, "AAAA"]',
        "{",
        "\0\0\0",
    ],
)
def test_broken_line_is_reported_by_number_and_skipped(path: Path, broken: str) -> None:
    path.write_bytes(lines(HEADER_LINE, frame_line(0, b"one"), broken, frame_line(2, b"two")))
    recording = read(path)

    assert list(recording) == [(0.0, b"one"), (2.0, b"two")]
    assert [line.number for line in recording.bad_lines] == [3]


def test_line_that_is_not_utf8_is_reported(path: Path) -> None:
    path.write_bytes(lines(HEADER_LINE) + b'{"t": 1, "frame": "\xff\xfe"}\n' + lines(frame_line(2, b"two")))
    recording = read(path)

    assert list(recording) == [(2.0, b"two")]
    assert [line.number for line in recording.bad_lines] == [2]


def test_last_line_cut_off_is_reported(path: Path) -> None:
    path.write_bytes(GOOD[:-9])
    recording = read(path)

    assert list(recording) == FRAMES[:2]
    assert recording.bad_lines[0].number == 4
    assert recording.bad_lines[0].reason.startswith("cut off")


def test_truncated_gzip_is_read_as_far_as_it_goes(path: Path) -> None:
    whole = gzip.compress(lines(HEADER_LINE, *(frame_line(t, os.urandom(500)) for t in range(200))))
    path.write_bytes(whole[: len(whole) // 2])
    recording = read(path)

    found = [t for t, _ in recording]

    assert 50 < len(found) < 150
    assert found == [float(t) for t in range(len(found))]
    assert [line.number for line in recording.bad_lines] == [len(found) + 2]


def test_damaged_gzip_is_read_as_far_as_it_goes(path: Path) -> None:
    whole = bytearray(
        gzip.compress(lines(HEADER_LINE, *(frame_line(t, os.urandom(500)) for t in range(200))))
    )
    whole[len(whole) // 2 :] = b"\xff" * 100
    path.write_bytes(whole)
    recording = read(path)

    assert len(list(recording)) > 50
    assert recording.bad_count >= 1


def test_blank_lines_are_no_lines(path: Path) -> None:
    path.write_bytes(GOOD + b"\n\n")
    recording = read(path)

    assert list(recording) == FRAMES
    assert recording.bad_count == 0


def test_broken_header_costs_only_the_header(path: Path) -> None:
    path.write_bytes(lines("{broken", frame_line(1, b"one")))
    recording = read(path)

    assert recording.header.unique_id == ""
    assert list(recording) == [(1.0, b"one")]
    assert [line.number for line in recording.bad_lines] == [1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\x1f\x8b\x08\x00",
        lines(
            '{"format": "other", "version": 1, "unique_id": "a", "room_id": "1", "started_at": "2026-01-01"}'
        ),
        lines(HEADER_LINE.replace('"version": 1', '"version": 2')),
    ],
    ids=["empty", "picture", "stub of a gzip", "other format", "later version"],
)
def test_file_that_is_no_recording_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(Invalid):
        read(path)


def test_missing_file_is_refused(path: Path) -> None:
    with pytest.raises(Invalid, match="cannot read"):
        read(path)


def test_line_too_long_is_one_bad_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "MAX_LINE", 200)
    path.write_bytes(lines(HEADER_LINE, frame_line(1, b"x" * 1000), frame_line(2, b"two")))
    recording = read(path)

    assert list(recording) == [(2.0, b"two")]
    assert [line.number for line in recording.bad_lines] == [2]


def test_bad_lines_are_counted_when_there_are_too_many_to_remember(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recordings, "MAX_BAD_LINES", 3)
    path.write_bytes(lines(HEADER_LINE, *["x"] * 10, frame_line(1, b"one")))
    recording = read(path)

    assert list(recording) == [(1.0, b"one")]
    assert (len(recording.bad_lines), recording.bad_count) == (3, 10)


def test_reader_may_report_the_line_it_could_not_use(path: Path) -> None:
    path.write_bytes(GOOD)
    recording = read(path)

    for t, _ in recording:
        if t == 1.25:
            recording.report("no frame")

    assert [(line.number, line.reason) for line in recording.bad_lines] == [(3, "no frame")]


def test_room_id_may_be_a_number(path: Path) -> None:
    path.write_bytes(lines(HEADER_LINE.replace('"7300000000000000001"', "7300000000000000001")))

    assert read(path).header.room_id == "7300000000000000001"
