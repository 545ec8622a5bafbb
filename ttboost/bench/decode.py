"""Gzip frames to typed events: how much of what bare parsing can do is left after making events.

The messages are those of the recordings beside the repository (else of the demo), three
to a frame as in a real room: the recordings hold too few of each kind to be a stream.
"""

import random
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.live import recordings, schema
from core.live.readers import READERS
from core.live.wire import decode_frame, encode_frame, unpacked
from ttboost import demo
from ttboost.bench import Row, medians

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
MESSAGES_PER_FRAME = 3
CPU_SECONDS = 0.5  # of one measurement
REACH = 0.7


def run() -> list[Row]:
    frames = _frames()
    known = _tiktoklive_frames(frames)
    speed = medians(
        {
            "events": lambda: _speed(_to_events, frames),
            "limit": lambda: _speed(_bare_parsing, frames),
            "TikTokLive": lambda: _speed(known, frames),
        }
    )
    share = speed["events"] / speed["limit"]
    return [
        Row("frame bytes to events", speed["events"], "messages/CPU-s", baseline=_against(speed)),
        Row("bare upb parsing of the same (the limit)", speed["limit"], "messages/CPU-s"),
        Row("TikTokLive's own classes on the same", speed["TikTokLive"], "messages/CPU-s"),
        Row("share of the limit", share, "", f">= {REACH}", is_reached=share >= REACH),
    ]


def _against(speed: dict[str, float]) -> str:
    return f"{speed['events'] / speed['TikTokLive']:,.0f} times TikTokLive"


def _frames() -> list[bytes]:
    paths = sorted(RECORDINGS.glob("*.frames")) or [demo.path()]
    messages = [message for path in paths for message in _messages(path)]
    random.Random(1).shuffle(messages)
    return [
        encode_frame(messages[at : at + MESSAGES_PER_FRAME], log_id=at, server_ms=1)
        for at in range(0, len(messages), MESSAGES_PER_FRAME)
    ]


def _messages(path: Path) -> Iterator[tuple[str, bytes]]:
    """The messages of the types that make events."""
    for _, frame in recordings.read(path):
        push = schema.Push.FromString(frame)
        if push.payload_type != b"msg":
            continue
        for message in schema.Fetch.FromString(unpacked(push.payload)).messages:
            if message.method in READERS:
                yield message.method.decode(), message.payload


def _speed(work: Callable[[list[bytes]], int], frames: list[bytes]) -> float:
    """Messages for one second of this process's CPU time."""
    messages = 0
    started = time.process_time()
    while (spent := time.process_time() - started) < CPU_SECONDS:
        messages += work(frames)
    return messages / spent


def _to_events(frames: list[bytes]) -> int:
    return sum(len(decode_frame(frame).events) for frame in frames)


def _bare_parsing(frames: list[bytes]) -> int:
    """The least that has to be done, by the same parser and the same schema."""
    push, fetch = schema.Push.FromString, schema.Fetch.FromString
    parsers = {method: parse for method, (parse, _, _) in READERS.items()}
    count = 0
    for frame in frames:
        for message in fetch(zlib.decompress(push(frame).payload, 31)).messages[:]:
            parsers[message.method](message.payload)
            count += 1
    return count


def _tiktoklive_frames(frames: list[bytes]) -> Callable[[list[bytes]], int]:
    """TikTokLive's way: its frame, its envelope, its event classes. A sample of the frames will do."""
    from TikTokLive.client.ws.ws_utils import extract_webcast_response_message
    from TikTokLive.events.proto_events import EVENT_MAPPINGS
    from TikTokLive.proto.custom_extras import WebcastPushFrame

    classes: dict[str, Any] = EVENT_MAPPINGS
    sample = frames[:20]

    def parse(_: list[bytes]) -> int:
        count = 0
        for frame in sample:
            for message in extract_webcast_response_message(WebcastPushFrame().parse(frame)).messages:
                classes[message.method]().parse(message.payload)
                count += 1
        return count

    return parse
