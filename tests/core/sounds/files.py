"""Sound files of every kind, made on the spot, and ways to look at what became of them."""

import contextlib
import io
import wave
from collections.abc import AsyncIterator

import av
import av.filter
import numpy as np

from core.sounds.loudness import RATE, Signal


def tone(seconds: float = 1.0, *, amplitude: float = 0.2, pitch: float = 440.0, rate: int = RATE) -> Signal:
    time = np.arange(int(seconds * rate)) / rate
    return amplitude * np.sin(2 * np.pi * pitch * time)


def wav(signal: Signal, *, width: int = 2, rate: int = RATE, channels: int = 1) -> bytes:
    """PCM of `width` bytes a sample, the same in every channel."""
    scale = 2 ** (8 * width - 1) - 1
    values = np.round(signal * scale).astype("<i8") + (128 if width == 1 else 0)
    frames = np.repeat(values, channels).view("u1").reshape(-1, 8)[:, :width]
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(width)
        writer.setframerate(rate)
        writer.writeframes(frames.tobytes())
    return file.getvalue()


def encoded(
    container: str,
    codec: str,
    *,
    signal: Signal | None = None,
    layout: str = "stereo",
    rate: int = RATE,
    cover: bool = False,
    video: str = "",
    title: str = "",
) -> bytes:
    """A file as another program would make it. `video`: a codec; `cover`: a picture as in music files."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        audio = output.add_stream(codec, rate=rate)
        audio.codec_context.layout = layout
        if title:
            output.metadata["title"] = title
        picture = add_picture(output, "mjpeg" if cover else video, is_cover=cover)
        if picture:
            output.mux(picture.encode(frame(picture)) + picture.encode(None))
        channels = np.stack([tone() if signal is None else signal] * audio.codec_context.layout.nb_channels)
        sound = av.AudioFrame.from_ndarray(channels.astype("f4"), format="fltp", layout=layout)
        sound.sample_rate = rate
        sound.pts = 0
        output.mux(audio.encode(sound) + audio.encode(None))
    return file.getvalue()


def add_picture(output, codec: str, *, is_cover: bool):
    if not codec:
        return None
    stream = output.add_stream(codec, rate=10)
    stream.width = stream.height = 64
    stream.pix_fmt = "yuvj420p" if is_cover else "yuv420p"
    if is_cover:
        stream.disposition = av.stream.Disposition.attached_pic
    return stream


def frame(stream):
    picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 100, "u1"), format="rgb24")
    return picture.reformat(format=stream.pix_fmt)


def mp3(signal: Signal | None = None, **given) -> bytes:
    return encoded("mp3", "libmp3lame", signal=signal, **given)


def decoded(data: bytes) -> Signal:
    """What a player makes of an mp3 of ours."""
    with av.open(io.BytesIO(data), format="mp3") as opened:
        return np.concatenate([piece.to_ndarray()[0] for piece in opened.decode(audio=0)]).astype(float)


def ebur128(signal: Signal) -> float:
    """Loudness by the meter that comes with the decoder."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="dbl", layout="mono")
    meter = graph.add("ebur128", "metadata=1")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    sound = av.AudioFrame.from_ndarray(signal[np.newaxis, :], format="dbl", layout="mono")
    sound.sample_rate = RATE
    graph.push(sound)
    graph.push(None)
    measured = 0.0
    with contextlib.suppress(av.error.EOFError, av.error.BlockingIOError):
        while True:
            measured = float(graph.pull().metadata["lavfi.r128.I"])
    return measured


async def in_chunks(data: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]
