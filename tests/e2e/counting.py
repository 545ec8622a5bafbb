"""What a recording holds, counted without a line of the product's code."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from tests.fake_tiktok.proto import fields
from tests.fake_tiktok.server import read_recording

PUSH_PAYLOAD, FETCH_MESSAGE = 8, 1
METHOD, PAYLOAD = 1, 2
USER_OF = {
    "WebcastChatMessage": 2,
    "WebcastGiftMessage": 7,
    "WebcastLikeMessage": 5,
    "WebcastMemberMessage": 2,
    "WebcastSocialMessage": 2,
    "WebcastSubNotifyMessage": 2,
}


class Expected(NamedTuple):
    events: Counter[str]  # of the types that are told one by one
    gifts: dict[tuple[str, str], int]  # (handle, gift) -> how many were sent
    likes: dict[str, int]  # handle -> how many
    chats: list[tuple[str, str]]  # (handle, text), in order


def one(data: bytes, number: int) -> Any:
    """The last value of a field; None where it is not there."""
    return next((value for key, value in reversed(list(fields(data))) if key == number), None)


def text(data: bytes, number: int) -> str:
    value = one(data, number)
    return value.decode() if isinstance(value, bytes) else ""


def handle(payload: bytes, method: str) -> str:
    return text(one(payload, USER_OF[method]) or b"", 38)


def messages(path: Path) -> list[tuple[str, bytes]]:
    """(method, payload) of every message, doubles left out."""
    import gzip

    found, seen = [], set()
    for frame in read_recording(path):
        body = one(frame, PUSH_PAYLOAD)
        fetch = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        for key, message in fields(fetch):
            if key != FETCH_MESSAGE or not isinstance(message, bytes):
                continue
            payload = one(message, PAYLOAD) or b""
            msg_id = one(one(payload, 1) or b"", 2)
            if msg_id not in seen:
                seen.add(msg_id)
                found.append((text(message, METHOD), payload))
    return found


def count(path: Path) -> Expected:
    events: Counter[str] = Counter()
    streaks: dict[tuple[str, str, int], int] = {}
    gifts: dict[tuple[str, str], int] = {}
    likes: Counter[str] = Counter()
    chats = []
    for method, payload in messages(path):
        if method == "WebcastChatMessage":
            chats.append((handle(payload, method), text(payload, 3)))
            events["chat"] += 1
        elif method == "WebcastGiftMessage":
            _count_gift(payload, streaks, gifts)
        elif method == "WebcastLikeMessage":
            likes[handle(payload, method)] += one(payload, 2) or 0
        elif method == "WebcastMemberMessage":
            events["viewer_join"] += 1
        elif method == "WebcastSocialMessage":
            key = text(one(one(payload, 1) or b"", 8) or b"", 1)
            events["follow"] += "follow" in key
            events["share"] += "share" in key
        elif method == "WebcastRoomUserSeqMessage":
            events["viewer"] += 1
        elif method == "WebcastSubNotifyMessage":
            events["subscribe"] += 1
    for (who, name, _), total in streaks.items():
        gifts[who, name] = gifts.get((who, name), 0) + total
    return Expected(+events, gifts, dict(likes), chats)


def _count_gift(
    payload: bytes, streaks: dict[tuple[str, str, int], int], gifts: dict[tuple[str, str], int]
) -> None:
    gift = one(payload, 15) or b""
    who, name = handle(payload, "WebcastGiftMessage"), text(gift, 16)
    repeats = one(payload, 5) or 1
    if one(gift, 11) == 1:
        key = (who, name, one(payload, 11) or 0)
        streaks[key] = max(streaks.get(key, 0), repeats)
    else:
        gifts[who, name] = gifts.get((who, name), 0) + repeats
