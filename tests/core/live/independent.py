"""Counts what is in a recording without any of the product's code: a reader of the wire of its own."""

import base64
import gzip
import json
from collections import Counter
from pathlib import Path

from tests.fake_tiktok import proto

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings"

Fields = dict[int, list[int | bytes]]


def fields(data: bytes) -> Fields:
    found: Fields = {}
    for number, value in proto.fields(data):
        found.setdefault(number, []).append(value)
    return found


def first(message: Fields, number: int, default: int | bytes = 0) -> int | bytes:
    return message.get(number, [default])[-1]


def sub(message: Fields, number: int) -> Fields:
    return fields(first(message, number, b""))


def messages(path: Path) -> list[tuple[str, Fields]]:
    """(wire method, fields) of every message of a recording, in order."""
    found = []
    for line in gzip.decompress(path.read_bytes()).splitlines()[1:]:
        push = fields(base64.b64decode(json.loads(line)["frame"]))
        if first(push, 7) != b"msg":
            continue
        fetch = fields(gzip.decompress(first(push, 8)))
        for raw in fetch.get(1, []):
            envelope = fields(raw)
            found.append((first(envelope, 1).decode(), fields(first(envelope, 2, b""))))
    return found


EVENT_OF = {
    "WebcastChatMessage": "chat",
    "WebcastGiftMessage": "gift",
    "WebcastLikeMessage": "like",
    "WebcastMemberMessage": "viewer_join",
    "WebcastRoomUserSeqMessage": "viewer",
    "WebcastSubNotifyMessage": "subscribe",
    "WebcastImDeleteMessage": "chat_deleted",
    "WebcastControlMessage": "paused_or_resumed",
}


def event_counts(path: Path) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for method, message in messages(path):
        if method == "WebcastSocialMessage":
            key = first(sub(sub(message, 1), 8), 1, b"")
            counts["follow" if b"follow" in key else "share"] += 1
        elif method in EVENT_OF:
            counts[EVENT_OF[method]] += 1
    return dict(counts)


def gift_counts(path: Path) -> dict[str, int]:
    """Gifts by name: the highest count of each streak, all single gifts."""
    highest: dict[tuple, int] = {}
    for number, (method, message) in enumerate(messages(path)):
        if method != "WebcastGiftMessage":
            continue
        gift = sub(message, 15)
        streak = (first(sub(message, 7), 1), first(message, 2), first(message, 11))
        key = (first(gift, 16).decode(), *(streak if first(gift, 11) == 1 else (number,)))
        highest[key] = max(highest.get(key, 0), first(message, 5))
    counts: Counter[str] = Counter()
    for key, count in highest.items():
        counts[key[0]] += count
    return dict(counts)


def like_count(path: Path) -> int:
    return sum(first(message, 2) for method, message in messages(path) if method == "WebcastLikeMessage")
