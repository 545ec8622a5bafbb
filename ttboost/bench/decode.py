"""Gzip frames to typed events: how much of what bare parsing can do is left after making events.

The messages are those of the recordings beside the repository (else of the demo), three
to a frame as in a real room: the recordings hold too few of each kind to be a stream.
"""

import random
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from core.live import recordings, schema
from core.live.readers import READERS
from core.live.wire import decode_frame, encode_frame, unpacked
from ttboost import demo
from ttboost.bench import ROUNDS, Row, median_of

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
MESSAGES_PER_FRAME = 3
TIKTOKLIVE_FRAMES = 30  # enough for the slow one
CPU_SECONDS = 1.0  # of one round
REACH = 0.7

Work = Callable[[list[bytes]], int]  # decodes the frames, says how many messages that were


def run() -> list[Row]:
    frames = real_frames()
    races = [_race({"events": _to_events, "limit": _bare_parsing}, frames) for _ in range(ROUNDS)]
    speed = {name: median(race[name] for race in races) for name in races[0]}
    tiktoklive = median_of(partial(_tiktoklive_speed, frames[:TIKTOKLIVE_FRAMES]))
    share = speed["events"] / speed["limit"]
    times = f"{speed['events'] / tiktoklive:,.0f} times TikTokLive"
    return [
        Row("frame bytes to events", speed["events"], "messages/CPU-s", baseline=times),
        Row("bare upb parsing of the same (the limit)", speed["limit"], "messages/CPU-s"),
        Row("TikTokLive's own classes on the same", tiktoklive, "messages/CPU-s"),
        Row("share of the limit", share, "", f">= {REACH}", is_reached=share >= REACH),
    ]


def real_frames() -> list[bytes]:
    return [encode_frame(some, log_id=number, server_ms=1) for number, some in enumerate(grouped_messages())]


def grouped_messages() -> list[list[tuple[str, bytes]]]:
    """Real messages in a random but always the same order, a frame's worth together."""
    paths = sorted(RECORDINGS.glob("*.frames")) or [demo.path()]
    messages = [message for path in paths for message in _messages(path)]
    random.Random(1).shuffle(messages)
    return [messages[at : at + MESSAGES_PER_FRAME] for at in range(0, len(messages), MESSAGES_PER_FRAME)]


def _messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """The messages of the types that make events."""
    for _, frame in recordings.read(path):
        push = schema.Push.FromString(frame)
        if push.payload_type != b"msg":
            continue
        for message in schema.Fetch.FromString(unpacked(push.payload)).messages:
            if message.method in READERS:
                yield message.method.decode(), message.payload


def _race(works: dict[str, Work], frames: list[bytes]) -> dict[str, float]:
    """Messages a CPU-second: the median of short turns, so that all see the same noise."""
    speeds: dict[str, list[float]] = {name: [] for name in works}
    until = time.process_time() + CPU_SECONDS
    while time.process_time() < until:
        for name, work in works.items():
            started = time.process_time()
            done = work(frames)
            speeds[name].append(done / (time.process_time() - started))
    return {name: median(each) for name, each in speeds.items()}


def _to_events(frames: list[bytes]) -> int:
    count = 0
    for frame in frames:
        count += len(decode_frame(frame).events)
    return count


def _bare_parsing(frames: list[bytes]) -> int:
    """The least that has to be done, by the same parser and the same schema."""
    push, fetch = schema.Push.FromString, schema.Fetch.FromString
    parsers = {method: parse for method, (parse, _, _) in READERS.items()}
    count = 0
    for frame in frames:
        for message in fetch(zlib.decompress(push(frame).payload, 31)).messages:
            parsers[message.method](message.payload)
            count += 1
    return count


def _tiktoklive_speed(frames: list[bytes]) -> float:
    """TikTokLive's way: its frame, its envelope, its event classes."""
    from TikTokLive.client.ws.ws_utils import extract_webcast_response_message
    from TikTokLive.events.proto_events import EVENT_MAPPINGS
    from TikTokLive.proto.custom_extras import WebcastPushFrame

    classes: dict[str, Any] = EVENT_MAPPINGS
    count, started = 0, time.process_time()
    for frame in frames:
        for message in extract_webcast_response_message(WebcastPushFrame().parse(frame)).messages:
            classes[message.method]().parse(message.payload)
            count += 1
    return count / (time.process_time() - started)
