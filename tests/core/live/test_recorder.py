"""A LIVE is written as it came, and the file is whole however the recording stops."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.errors import Conflict, Full, Invalid
from core.live import recordings
from core.live.budgets import unlimited
from core.live.recorder import record
from core.live.source import ConnectionLost, Offline, Room
from tests.core.live.scripted import END, QUIET, ScriptedConnection, ScriptedSource, Step, Story
from tests.core.live.virtual_time import START, LoopClock, run


class RawConnection(ScriptedConnection):
    """Every step of the script also has raw bytes."""

    async def __anext__(self):  # type: ignore[no-untyped-def]
        frame = await super().__anext__()
        assert self.raw
        self.raw(frame.kind.encode())
        return frame


class RawSource(ScriptedSource):
    @asynccontextmanager
    async def connect(self, room: Room, *, reconnecting: bool) -> AsyncIterator[ScriptedConnection]:
        async with super().connect(room, reconnecting=reconnecting) as connection:
            yield RawConnection(connection._steps)


def recorded(path: Path, source: ScriptedSource, seconds: float = 1e6) -> int:
    async def scenario() -> int:
        clock = LoopClock()
        async with asyncio.timeout(seconds):
            return await record("anna", path, source, unlimited(clock), clock, Story().changed)

    return run(scenario())


def source_of(*connections: list[Step] | Exception, looks: list[str | Exception] | None = None) -> RawSource:
    return RawSource(looks or ["7"], list(connections))


def test_frames_are_written_with_their_times(tmp_path: Path) -> None:
    count = recorded(tmp_path / "anna.frames", source_of([QUIET, 10.0, QUIET, 5.5, END]))

    recording = recordings.read(tmp_path / "anna.frames")
    assert count == 3
    assert list(recording) == [(0.0, b"hb"), (10.0, b"hb"), (15.5, b"msg")]
    assert (recording.header.unique_id, recording.header.room_id) == ("anna", "7")
    assert recording.header.started_at == START


def test_a_cut_leaves_one_file(tmp_path: Path) -> None:
    count = recorded(tmp_path / "anna.frames", source_of([QUIET, ConnectionLost()], [QUIET, END]))

    assert count == 3
    assert len(list(recordings.read(tmp_path / "anna.frames"))) == 3


def test_an_offline_streamer_is_waited_for(tmp_path: Path) -> None:
    source = source_of([QUIET, END], looks=[Offline(), Offline(), "7"])

    assert recorded(tmp_path / "anna.frames", source) == 2


def test_stopping_in_the_middle_leaves_a_whole_file(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        recorded(tmp_path / "anna.frames.gz", source_of([QUIET, 10.0, QUIET, 1e6]), seconds=60)

    recording = recordings.read(tmp_path / "anna.frames.gz")
    assert len(list(recording)) == 2
    assert recording.bad_lines == []


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "anna.frames").write_text("mine")

    with pytest.raises(Conflict):
        recorded(tmp_path / "anna.frames", source_of([QUIET, END]))

    assert (tmp_path / "anna.frames").read_text() == "mine"


def test_a_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        recorded(tmp_path / "missing" / "anna.frames", source_of([QUIET, END]))


def test_a_full_disk_ends_the_recording_with_a_clear_error(small_disk: Path) -> None:
    with pytest.raises(Full, match="cannot write"):
        recorded(small_disk / "anna.frames", source_of([QUIET] * 20_000))

    assert len(list(recordings.read(small_disk / "anna.frames"))) > 10
