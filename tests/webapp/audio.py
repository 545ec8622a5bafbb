"""Made-up recordings."""

import io
import math
import struct
import wave


def beep(seconds: float = 0.3) -> bytes:
    """A WAV file."""
    rate = 16_000
    samples = (round(9_000 * math.sin(n * 0.2)) for n in range(int(rate * seconds)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return file.getvalue()
