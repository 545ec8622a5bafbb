"""A recording is played in its own time, round by round, and broken lines are left out."""

import asyncio
import base64
import json
from pathlib import Path

import pytest
import structlog

from core.errors import Invalid
from core.live.budgets import unlimited
from core.live.events import ChatPosted, Frame, LiveEnded
from core.live.replay import ReplaySource
from core.live.source import Offline
from core.live.supervisor import Supervisor
from tests.core.live.scripted import Story
from tests.core.live.virtual_time import LoopClock, run
from tests.fake_tiktok import proto

HEADER = json.dumps(
    {
        "format": "ttboost-frames",
        "version": 1,
        "unique_id": "anna",
        "room_id": "7",
        "started_at": "2026-11-21T12:00:00Z",
    }
)


def line(t: float, text: str) -> str:
    frame = proto.frame([proto.chat(int(t * 10) + 1, text)], log_id=1)
    return json.dumps({"t": t, "frame": base64.b64encode(frame).decode()})


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    file = tmp_path / "anna.frames"
    file.write_text("\n".join([HEADER, line(0, "one"), line(10, "two"), line(30, "three")]) + "\n")
    return file


Heard = list[tuple[float, Frame]]


async def play(source: ReplaySource, unique_id: str = "anna") -> Heard:
    room = await source.find_room(unique_id)
    clock = LoopClock()
    async with source.connect(room, reconnecting=False) as connection:
        return [(clock.monotonic(), frame) async for frame in connection]


def texts(heard: Heard) -> list[str]:
    return [event.text for _, frame in heard for event in frame.events if isinstance(event, ChatPosted)]


@pytest.mark.parametrize(
    ("speed", "times"), [(1.0, [0, 10, 30, 30]), (2.0, [0, 5, 15, 15]), (0, [0, 0, 0, 0])]
)
def test_frames_come_in_the_time_of_the_recording_divided_by_the_speed(
    recording: Path, speed: float, times: list[float]
) -> None:
    heard = run(play(ReplaySource(recording, LoopClock(), speed=speed)))

    assert [at for at, _ in heard] == times
    assert texts(heard) == ["one", "two", "three"]


def test_a_round_ends_as_a_live_ends(recording: Path) -> None:
    heard = run(play(ReplaySource(recording, LoopClock(), speed=0)))

    assert heard[-1][1].events == [LiveEnded(0, 0, suspended=False)]


def test_every_round_is_a_room_of_its_own(recording: Path) -> None:
    source = ReplaySource(recording, LoopClock(), speed=0)

    async def rooms() -> list[str]:
        return [(await source.find_room(name)).room_id for name in ("anna", "anna", "bert")]

    assert len(set(run(rooms()))) == 3


def test_without_a_loop_the_streamer_is_offline_after_one_round(recording: Path) -> None:
    source = ReplaySource(recording, LoopClock(), speed=0, loop=False)

    async def twice() -> None:
        await play(source)
        with pytest.raises(Offline):
            await source.find_room("anna")

    run(twice())


def test_a_supervisor_plays_round_after_round(recording: Path) -> None:
    story = Story()

    async def scenario() -> None:
        clock = LoopClock()
        source = ReplaySource(recording, clock)
        supervisor = Supervisor("anna", source, story, unlimited(clock), clock, story.changed)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(65):
                await supervisor.run()

    run(scenario())

    assert [told.split()[0] for told in story.told] == ["began", "ended", "began", "ended", "began", "ended"]


def test_broken_lines_are_named_once_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "broken.frames"
    garbage = json.dumps({"t": 1.0, "frame": base64.b64encode(b"\x1f\x8bnothing").decode()})
    lines = [HEADER, line(0, "one"), "{broken", garbage, line(2, "two"), line(3, "cut")[:40]]
    file.write_text("\n".join(lines))
    source = ReplaySource(file, LoopClock(), speed=0)

    async def twice() -> list[Heard]:
        return [await play(source), await play(source)]

    with structlog.testing.capture_logs() as logs:
        first, second = run(twice())

    assert texts(first) == texts(second) == ["one", "two"]
    assert [entry["line"] for entry in logs] == [3, 4, 6]


def test_an_absurd_gap_does_not_stop_the_recording(tmp_path: Path) -> None:
    file = tmp_path / "gap.frames"
    file.write_text("\n".join([HEADER, line(0, "one"), line(1e9, "two")]) + "\n")

    heard = run(play(ReplaySource(file, LoopClock())))

    assert [at for at, _ in heard] == [0, 300, 300]


def test_a_file_that_is_no_recording_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "no.frames"
    file.write_text("hello\n")

    with pytest.raises(Invalid):
        ReplaySource(file, LoopClock())


def test_playing_as_fast_as_it_goes_lets_others_run(recording: Path) -> None:
    async def scenario() -> list[str]:
        order: list[str] = []

        async def other() -> None:
            for _ in range(3):
                order.append("other")
                await asyncio.sleep(0)

        async def playing() -> None:
            source = ReplaySource(recording, LoopClock(), speed=0)
            room = await source.find_room("anna")
            async with source.connect(room, reconnecting=False) as connection:
                async for _ in connection:
                    order.append("frame")  # noqa: PERF401 - the order of the two is the point

        await asyncio.gather(playing(), other())
        return order

    assert run(scenario()).index("other") < 2


def test_a_message_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    broken = proto.frame([("WebcastChatMessage", b"\x0a\xff\xff"), proto.chat(5, "whole")], log_id=1)
    row = json.dumps({"t": 1, "frame": base64.b64encode(broken).decode()})
    file = tmp_path / "anna.frames"
    file.write_text("\n".join([HEADER, line(0, "one"), row]) + "\n")

    with structlog.testing.capture_logs() as logs:
        heard = run(play(ReplaySource(file, LoopClock(), speed=0)))

    assert texts(heard) == ["one", "whole"]
    told = [(one["line"], one["reason"]) for one in logs if one["event"] == "recording_line_skipped"]
    assert told == [(3, "1 messages could not be read")]
