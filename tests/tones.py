"""A second of sound as the services send it: mp3, 24 kHz, 48 kbit/s, mono."""

import math
from array import array

import lameenc

RATE = 24_000


def tone(seconds: float = 1.0, hertz: float = 440.0) -> bytes:
    samples = array(
        "h", (int(9000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(int(RATE * seconds)))
    )
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_bit_rate(48)
    encoder.set_quality(7)
    return bytes(encoder.encode(samples.tobytes())) + bytes(encoder.flush())
