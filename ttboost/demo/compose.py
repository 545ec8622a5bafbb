"""Composes the demo recording: three minutes of a LIVE that never was.

Rates and streak rules are those of real LIVEs. The same script gives the same file;
`python -m ttboost.demo.compose` writes it.
"""

import base64
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from core.clock import iso
from core.live.recordings import FORMAT, VERSION
from core.live.wire import encode_frame, encode_heartbeat
from ttboost import demo
from ttboost.demo import lines, messages, people
from ttboost.demo.messages import Message
from ttboost.demo.script import FIRST_MSG_ID, START_MS, write

MESSAGES_PER_FRAME = 3
SECONDS_PER_FRAME = 0.8
HEARTBEAT_SECONDS = 10
ROOM_ID = 7_000_000_000_000_000_001


def frames() -> Iterator[tuple[float, bytes]]:
    """The recording: (seconds since the start, frame)."""
    number = 1
    yield 0.0, _repeated_chat(number)
    next_beat = HEARTBEAT_SECONDS
    for t, batch in _batches(write()):
        if t >= next_beat:
            yield t, encode_heartbeat(ROOM_ID, next_beat // HEARTBEAT_SECONDS)
            next_beat += HEARTBEAT_SECONDS
        number += 1
        yield t, encode_frame(batch, log_id=number, server_ms=START_MS + int(t * 1000))


def _repeated_chat(number: int) -> bytes:
    """The first frame: what was written before we came, marked as history."""
    viewers = people.regulars()[: len(lines.OLD)]
    old = [
        messages.chat(FIRST_MSG_ID - 1000 + place, START_MS - 90_000 + place * 20_000, viewer, text)
        for place, (viewer, text) in enumerate(zip(viewers, lines.OLD, strict=True))
    ]
    return encode_frame(old, log_id=number, server_ms=START_MS, is_history=True)


def _batches(script: list[tuple[float, Message]]) -> Iterator[tuple[float, list[Message]]]:
    """A frame leaves when it holds a few messages or its first one has waited long enough."""
    batch: list[Message] = []
    leaves_at = last = 0.0
    for t, message in script:
        if batch and (len(batch) == MESSAGES_PER_FRAME or t >= leaves_at):
            yield last, batch
            batch = []
        if not batch:
            leaves_at = t + SECONDS_PER_FRAME
        batch.append(message)
        last = t
    yield last, batch


def compose() -> bytes:
    """The file."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "unique_id": "demo",
        "room_id": str(ROOM_ID),
        "started_at": iso(datetime.fromtimestamp(START_MS / 1000, UTC)),
    }
    rows = [header, *({"t": t, "frame": base64.b64encode(data).decode()} for t, data in frames())]
    return gzip.compress(b"".join(msgspec.json.encode(row) + b"\n" for row in rows), mtime=0)


if __name__ == "__main__":
    demo.path().write_bytes(compose())
