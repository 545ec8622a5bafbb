"""One untrusted file to one even mp3. Runs in the worker process only."""

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import av
import av.error
import lameenc
import numpy as np
from av.stream import Disposition

from core.sounds.loudness import RATE, Signal, level
from core.sounds.peaks import peaks

MIN_SECONDS = 0.1
_CODECS = (
    "mp3,mp3float,mp2,mp2float,vorbis,opus,flac,aac,alac,pcm_u8,pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,"
    "pcm_s32le,pcm_s32be,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,adpcm_ms,adpcm_ima_wav"
)
_MAX_CHANNELS = 8
_RATES = range(8_000, 192_001)
_BIT_RATE = 128  # kbit/s, mono
_FEW_ERRORS = 2  # tags and padding behind short files count as undecodable packets


class Refused(Exception):
    """Why this file does not become a sound, in words for its owner; `why`: the same for programs."""

    def __init__(self, text: str, why: str = "damaged") -> None:
        super().__init__(text)
        self.why = why


class Prepared(NamedTuple):
    mp3: bytes
    duration: float  # seconds
    peaks: list[int]


def prepare(source: BinaryIO, container: str, max_seconds: float) -> Prepared:
    """Nothing of the original's bytes, tags or pictures is left in it."""
    signal = _mono(_decode(source, container, max_seconds))
    levelled = level(signal)
    return Prepared(encode(levelled), len(signal) / RATE, peaks(levelled))


def measure(source: BinaryIO, container: str, max_seconds: float) -> list[int]:
    """The picture of a sound that was prepared before."""
    return peaks(_mono(_decode(source, container, max_seconds)))


def encode(signal: Signal) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(1)
    encoder.set_bit_rate(_BIT_RATE)
    encoder.set_quality(2)
    samples = np.round(np.clip(signal, -1.0, 1.0) * 32767).astype("<i2")
    return bytes(encoder.encode(samples.tobytes()) + encoder.flush())


def _decode(source: BinaryIO, container: str, max_seconds: float) -> Signal:
    """Two channels of samples at our rate."""
    options = {"protocol_whitelist": "pipe", "codec_whitelist": _CODECS}
    try:
        with av.open(source, format=container, options=options, metadata_errors="ignore") as opened:
            stream = _only_audio(opened)
            pieces = list(_pieces(opened, stream, max_seconds))
    except (av.error.FFmpegError, ValueError) as error:
        raise Refused("the file is damaged or not a sound") from error
    samples = sum(piece.shape[1] for piece in pieces)
    if samples < MIN_SECONDS * RATE:
        raise Refused(f"shorter than {MIN_SECONDS} seconds", "short")
    return np.nan_to_num(np.concatenate(pieces, axis=1).astype(np.float64), posinf=0.0, neginf=0.0)


def _only_audio(opened: Any) -> Any:
    """The first audio stream. A cover picture may stand beside it, a film may not."""
    if any(not video.disposition & Disposition.attached_pic for video in opened.streams.video):
        raise Refused("videos are not sounds", "video")
    if not opened.streams.audio:
        raise Refused("there is no sound in it", "kind")
    stream = opened.streams.audio[0]
    context = stream.codec_context
    if context is None or context.name not in _CODECS.split(","):
        raise Refused("this kind of sound is not supported", "kind")
    if context.sample_rate not in _RATES or not 1 <= context.channels <= _MAX_CHANNELS:
        raise Refused("unusual sample rate or number of channels", "kind")
    context.thread_count = 1
    return stream


def _pieces(opened: Any, stream: Any, max_seconds: float) -> Iterator[Any]:
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    samples = packets = broken = 0
    for packet in opened.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            broken += 1
            continue
        for frame in frames:
            for piece in resampler.resample(frame):
                samples += piece.samples
                yield piece.to_ndarray()
        if samples > (max_seconds + 0.05) * RATE:  # encoders pad the end by up to a frame or two
            raise Refused(f"longer than {max_seconds:g} seconds", "long")
    if broken > max(_FEW_ERRORS, packets * 0.05):
        raise Refused("the file is damaged")
    for piece in resampler.resample(None):
        yield piece.to_ndarray()


def _mono(channels: Signal) -> Signal:
    """The mean of both; where they cancel each other out, the louder one."""
    mixed: Signal = channels.mean(axis=0)
    powers = np.square(channels).mean(axis=1)
    if np.square(mixed).mean() < powers.max() / 10:
        loudest: Signal = channels[int(powers.argmax())]
        return loudest
    return mixed
