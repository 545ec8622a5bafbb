"""The built-in sounds, computed: bells from decaying partials, nothing recorded. Always the same bytes."""

from collections.abc import Callable, Sequence

import numpy as np

from core.sounds.loudness import RATE, Signal, level

_BELL = (
    (0.5, 0.35, 0.7),
    (1.0, 1.0, 1.0),
    (2.0, 0.55, 1.6),
    (2.76, 0.3, 2.6),
    (4.07, 0.16, 4.2),
    (5.43, 0.1, 6.0),
)
"""Partials of a struck bell: frequency ratio, strength, how much faster than the hum it fades."""

_C5, _E5, _G5, _B5, _C6, _E6, _G6 = 523.25, 659.26, 783.99, 987.77, 1046.5, 1318.51, 1567.98


def chime() -> Signal:
    """Three rising bells: a gift."""
    return _finished(_bells(2.0, [(0.0, _C6, 0.8), (0.11, _E6, 0.8), (0.22, _G6, 1.0)], fade=3.2))


def bell() -> Signal:
    """One deeper bell."""
    return _finished(_bells(2.5, [(0.0, _G5, 1.0)], fade=2.2))


def coin() -> Signal:
    """Two quick bright notes."""
    return _finished(_bells(0.9, [(0.0, _B5, 0.7), (0.08, _E6, 1.0)], fade=7.0))


def pop() -> Signal:
    """A bubble: a short tone that slides up."""
    time = _time(0.18)
    phase = 2 * np.pi * (380 * time + 2600 * time * time)
    return _finished(np.sin(phase) * np.exp(-time * 26))


def fanfare() -> Signal:
    """Four rising notes, the last one held."""
    notes = [(0.0, _C5, 0.16), (0.15, _E5, 0.16), (0.30, _G5, 0.16), (0.45, _C6, 1.0)]
    mixed = np.zeros(int(1.6 * RATE))
    for start, pitch, held in notes:
        note = _brass(pitch, held + 0.12)
        begin = int(start * RATE)
        mixed[begin : begin + len(note)] += note
    return _finished(mixed)


SOUNDS: dict[str, Callable[[], Signal]] = {
    "chime": chime,
    "bell": bell,
    "coin": coin,
    "pop": pop,
    "fanfare": fanfare,
}


def _bells(seconds: float, strokes: Sequence[tuple[float, float, float]], *, fade: float) -> Signal:
    mixed = np.zeros(int(seconds * RATE))
    for start, pitch, strength in strokes:
        begin = int(start * RATE)
        time = np.arange(len(mixed) - begin) / RATE
        for ratio, share, decay in _BELL:
            mixed[begin:] += (
                strength * share * np.sin(2 * np.pi * pitch * ratio * time) * np.exp(-time * fade * decay)
            )
    return mixed


def _brass(pitch: float, seconds: float) -> Signal:
    time = _time(seconds)
    shape = np.minimum(1.0, time / 0.02) * np.minimum(1.0, (seconds - time) / 0.12)
    overtones = np.arange(1, 9)[:, np.newaxis]
    tones: Signal = np.sin(2 * np.pi * pitch * overtones * time) / overtones**1.4
    shaped: Signal = tones.sum(axis=0) * shape
    return shaped


def _time(seconds: float) -> Signal:
    return np.arange(int(seconds * RATE)) / RATE


def _finished(signal: Signal) -> Signal:
    """No click at either end, as loud as every other sound."""
    edge = np.minimum(1.0, np.arange(len(signal)) / (0.003 * RATE))
    return level(signal * edge * np.minimum(1.0, edge[::-1]))
