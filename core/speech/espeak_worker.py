"""Child process: text in, mp3 out, by eSpeak NG's C library, which keeps global state and may crash.

Run as a plain script: it imports nothing of ours, so that it starts in a moment. Messages on both pipes are
a kind (one byte), a length (four bytes, big endian) and that many bytes.
"""

import ctypes
import io
import json
import os
import resource
import sys
from typing import Any, BinaryIO

import espeakng_loader
import lameenc

READY, AUDIO, DONE, FAILED = b"R", b"A", b"D", b"F"

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1  # alone: with SSML or phonemes a viewer could write commands
_RATE, _PITCH = 1, 3
_USUAL_RATE, _USUAL_PITCH = 165, 50
_MAX_SECONDS = 90
_MEMORY = 512 * 1024 * 1024
_WARM_UP = (
    ("Привет, мир", "ru+f2"),
    ("hello, world", "en-us+f2"),
)  # reads the dictionaries

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    def __init__(self) -> None:
        self._out: BinaryIO = io.BytesIO()
        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        data = espeakng_loader.get_data_path().encode()
        self.sample_rate = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        if self.sample_rate <= 0:
            raise SystemExit("eSpeak NG does not start")
        self._callback = _Callback(self._take)  # kept: the library calls it as long as it lives
        self._lib.espeak_SetSynthCallback(self._callback)
        self._encoder = self._new_encoder()
        self._samples = 0

    def speak(self, out: BinaryIO, text: str, voice: str, rate: int = 0, pitch: int = 0) -> None:
        """Write the audio of `text` in pieces, then `DONE`; `FAILED` where there is none."""
        self._out = out
        self._samples = 0
        self._encoder = self._new_encoder()
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            return send(self._out, FAILED, b"unknown voice")
        self._lib.espeak_SetParameter(_RATE, round(_USUAL_RATE * (1 + rate / 100)), 0)
        self._lib.espeak_SetParameter(_PITCH, max(0, min(99, round(_USUAL_PITCH * (1 + pitch / 100)))), 0)
        data = text.replace("\0", " ").encode("utf-8", "ignore") + b"\0"
        if self._lib.espeak_Synth(data, len(data), 0, 0, 0, _CHARS_UTF8, None, None) != 0:
            return send(self._out, FAILED, b"not spoken")
        if self._samples:
            send(self._out, AUDIO, bytes(self._encoder.flush()))
        return send(self._out, DONE, b"")

    def _new_encoder(self) -> Any:
        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_in_sample_rate(self.sample_rate)
        encoder.set_channels(1)
        encoder.set_bit_rate(48)
        encoder.set_quality(7)
        return encoder

    def _take(self, wave: Any, count: int, _events: Any) -> int:
        """Called by the library with every piece; 1 stops it."""
        if count > 0 and wave:
            self._samples += count
            encoded = bytes(self._encoder.encode(ctypes.string_at(wave, count * 2)))
            if encoded:
                send(self._out, AUDIO, encoded)
        return int(self._samples > _MAX_SECONDS * self.sample_rate)


def send(out: BinaryIO, kind: bytes, data: bytes) -> None:
    out.write(kind + len(data).to_bytes(4, "big") + data)
    out.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # whatever the libraries print must not get between our messages
        espeak = Espeak()
        for text, voice in _WARM_UP:
            espeak.speak(io.BytesIO(), text, voice)
        send(out, READY, b"")
        while head := sys.stdin.buffer.read(5):
            espeak.speak(out, *json.loads(sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))))


if __name__ == "__main__":
    main()
