import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.sounds.loudness import CEILING, RATE, SILENCE, TARGET, level, limit, loudness
from tests.core.sounds.files import ebur128, tone

NOISE = np.random.default_rng(1).normal(0, 0.1, 3 * RATE)
BELL = tone(2.0, amplitude=1.0, pitch=880) * np.exp(-8 * np.arange(2 * RATE) / RATE)
LOUD_ON_QUIET = np.concatenate([tone(1.0, amplitude=0.9), tone(3.0, amplitude=0.02)])


def test_the_reference_tone_of_the_standard_measures_minus_three():
    assert loudness(tone(5.0, amplitude=1.0, pitch=997.0)) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize(
    "signal",
    [tone(3.0, pitch=60.0), tone(3.0, pitch=10_000.0), NOISE, BELL, LOUD_ON_QUIET],
    ids=["deep", "high", "noise", "bell", "loud on quiet"],
)
def test_another_meter_of_the_same_standard_agrees(signal):
    assert loudness(signal) == pytest.approx(ebur128(signal), abs=0.15)


def test_pauses_do_not_make_a_sound_quieter():
    spoken = tone(3.0)

    assert loudness(np.concatenate([spoken, np.zeros(10 * RATE)])) == pytest.approx(loudness(spoken), abs=0.5)


@pytest.mark.parametrize(
    "signal",
    [
        tone(2.0, amplitude=0.003),
        tone(2.0, amplitude=1.0),
        tone(0.2, amplitude=0.01),
        NOISE,
        NOISE * 8,
        BELL,
        LOUD_ON_QUIET,
    ],
    ids=["quiet", "loud", "short", "noise", "clipped noise", "bell", "loud on quiet"],
)
def test_everything_comes_out_equally_loud_and_without_clipping(signal):
    levelled = level(signal)

    assert loudness(levelled) == pytest.approx(TARGET, abs=0.5)
    assert np.abs(levelled).max() <= CEILING + 1e-9
    assert len(levelled) == len(signal)


def test_silence_and_what_is_nearly_silent_stay_as_they_are():
    hiss = NOISE * 1e-6

    assert loudness(hiss) == SILENCE
    assert level(hiss) is hiss
    assert not level(np.zeros(RATE)).any()


def test_clicks_are_not_forced_to_the_target():
    clicks = np.zeros(2 * RATE)
    clicks[::RATE] = 0.5

    levelled = level(clicks)

    assert loudness(levelled) < TARGET - 6
    assert np.abs(levelled).max() <= CEILING + 1e-9


def test_what_stays_under_the_ceiling_is_not_touched():
    quiet = tone(0.5, amplitude=0.5)

    assert limit(quiet) is quiet


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-20, 20), min_size=1, max_size=40), st.integers(1, 700))
def test_no_peak_passes_the_limiter(peaks, spacing):
    signal = np.zeros(len(peaks) * spacing)
    signal[::spacing] = peaks

    assert np.abs(limit(signal)).max() <= CEILING + 1e-9
