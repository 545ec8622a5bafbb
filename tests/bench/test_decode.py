"""The decode bench measures what it says."""

import pytest

from ttboost.bench import decode


def test_every_message_of_the_frames_becomes_an_event() -> None:
    frames = decode.real_frames()

    assert decode._to_events(frames) == decode._bare_parsing(frames) > 100


def test_race_lets_all_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "CPU_SECONDS", 0.05)

    speed = decode._race({"a": decode._to_events, "b": decode._bare_parsing}, decode.real_frames())

    assert speed.keys() == {"a", "b"}
    assert min(speed.values()) > 0
