"""A picture of a sound: how loud it is from its beginning to its end."""

from itertools import pairwise

import numpy as np

from core.sounds.loudness import Signal

COUNT = 64


def peaks(signal: Signal) -> list[int]:
    """`COUNT` parts of it, each 0 to 100; the loudest is 100, of silence all are 0."""
    edges = np.linspace(0, len(signal), COUNT + 1).astype(int)
    parts = [signal[start:end] for start, end in pairwise(edges)]
    levels = np.array([np.sqrt(np.square(part).mean()) if len(part) else 0.0 for part in parts])
    loudest = levels.max()
    if loudest < 1e-6:
        return [0] * COUNT
    return [round(float(level) / loudest * 100) for level in levels]
