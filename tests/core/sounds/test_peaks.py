"""The picture of a sound."""

import numpy as np
import pytest

from core.sounds import synthesis
from core.sounds.builtin import PEAKS, SECONDS
from core.sounds.peaks import COUNT, peaks
from tests.core.sounds.files import tone


def test_what_swells_rises_to_the_right():
    swelling = tone(1.0) * np.linspace(0, 1, 48_000)

    found = peaks(swelling)

    assert len(found) == COUNT
    assert found == sorted(found)
    assert (found[0] < 3, found[-1]) == (True, 100)


def test_the_loudest_is_full_however_quiet_the_whole_is():
    assert max(peaks(tone(amplitude=0.001))) == 100


@pytest.mark.parametrize("signal", [np.zeros(48_000), np.zeros(10)], ids=["long", "short"])
def test_silence_is_flat(signal):
    assert peaks(signal) == [0] * COUNT


def test_a_click_has_a_picture_of_the_same_width():
    assert len(peaks(np.ones(20))) == COUNT


def test_pictures_of_built_in_sounds_are_of_what_is_heard():
    assert PEAKS.keys() == SECONDS.keys() == synthesis.SOUNDS.keys()
    for name, make in synthesis.SOUNDS.items():
        assert PEAKS[name] == pytest.approx(peaks(make()), abs=2)
