"""Evens out loudness: ITU-R BS.1770 measurement, gain to a target, and a limiter for the peaks.

Mono at 48 kHz throughout; the filters' coefficients hold for that rate only.
"""

from collections.abc import Sequence

import numpy as np
from numpy.fft import irfft, rfft
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

RATE = 48_000
TARGET = -16.0  # LUFS
SILENCE = -70.0  # LUFS; the standard's absolute gate
CEILING = 10 ** (-1.5 / 20)  # half a decibel under -1 dBFS: encoding to mp3 moves peaks a little
_MAX_GAIN = 40.0  # dB: what is quieter is noise, and stays quiet
_MAX_LIMITING = 9.0  # dB the limiter may take off a peak

_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1, -1.69065929318241, 0.73248077421585))
_HIGH_PASS = ((1, -2, 1), (1, -1.99004745483398, 0.99007225036621))

_BLOCK = RATE // 1000
_REACH = 6  # blocks of a millisecond the limiter looks ahead and back

Signal = NDArray[np.float64]


def loudness(signal: Signal) -> float:
    """Integrated LUFS; under 0.4 s, where the standard has no block, the level of the whole."""
    weighted = _weighted(signal)
    window, step = RATE * 4 // 10, RATE // 10
    energy = np.concatenate([[0.0], np.cumsum(weighted * weighted)])
    if len(signal) < window:
        return _lufs(float(energy[-1]) / max(len(signal), 1))
    starts = np.arange(0, len(signal) - window + 1, step)
    powers = (energy[starts + window] - energy[starts]) / window
    loud = powers[powers > _power(SILENCE)]
    if not len(loud):
        return SILENCE
    return _lufs(float(loud[loud > loud.mean() / 10].mean()))


def level(signal: Signal) -> Signal:
    """`signal` at the target loudness, no peak over the ceiling. Silence is left alone."""
    measured = loudness(signal)
    if measured <= SILENCE:
        return signal
    most = min(_MAX_GAIN, _decibels(CEILING / float(np.abs(signal).max())) + _MAX_LIMITING)
    gain = min(TARGET - measured, most)
    levelled = limit(signal * _factor(gain))
    for _ in range(3):  # the limiter takes some loudness away again
        missing = TARGET - loudness(levelled)
        if missing < 0.3 or gain >= most:
            break
        gain = min(gain + missing, most)
        levelled = limit(signal * _factor(gain))
    return levelled


def limit(signal: Signal) -> Signal:
    """Turn down around every peak over the ceiling, smoothly enough not to be heard as distortion."""
    blocks = -(-len(signal) // _BLOCK)
    padded = np.pad(np.abs(signal), (0, blocks * _BLOCK - len(signal)))
    needed = np.minimum(1.0, CEILING / np.maximum(padded.reshape(blocks, _BLOCK).max(axis=1), 1e-9))
    if needed.min() >= 1.0:
        return signal
    lowest = sliding_window_view(np.pad(needed, 2 * _REACH - 1, constant_values=1.0), 2 * _REACH + 1).min(
        axis=1
    )
    # Every average below is taken of minima that saw this block and its neighbours,
    # so a line between two averages stays under what the samples between them need.
    window = np.hanning(2 * _REACH + 1)[1:-1]
    smooth = np.convolve(lowest, window / window.sum(), mode="valid")
    centres = np.arange(blocks) * _BLOCK + (_BLOCK - 1) / 2
    return signal * np.interp(np.arange(len(signal)), centres, smooth)


def _weighted(signal: Signal) -> Signal:
    """K-weighting: a shelf for the head, a high-pass for the ear. By FFT, a second of silence behind."""
    size = 1 << int(np.ceil(np.log2(len(signal) + RATE)))
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = _response(*_SHELF, z) * _response(*_HIGH_PASS, z)
    return irfft(rfft(signal, size) * response, size)[: len(signal)]


def _response(
    feed: Sequence[float], back: Sequence[float], z: NDArray[np.complex128]
) -> NDArray[np.complex128]:
    over = feed[0] + feed[1] * z + feed[2] * z * z
    under = back[0] + back[1] * z + back[2] * z * z
    ratio: NDArray[np.complex128] = over / under
    return ratio


def _lufs(power: float) -> float:
    return -0.691 + 10 * float(np.log10(max(power, 1e-12)))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _decibels(factor: float) -> float:
    return 20 * float(np.log10(factor))


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))
