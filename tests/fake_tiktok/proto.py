"""Just enough protobuf to speak as TikTok does, without a line of the code that is tested with it."""

import gzip
import time
from collections.abc import Iterator

Field = tuple[int, int | bytes]
Message = tuple[str, bytes]  # wire method, payload


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def _varint_at(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def fields(data: bytes) -> Iterator[Field]:
    """Varints and byte strings in their order; fixed-width numbers come as bytes."""
    at = 0
    while at < len(data):
        key, at = _varint_at(data, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint_at(data, at)
            yield key >> 3, number
            continue
        size = {1: 8, 5: 4}.get(kind)
        if size is None:
            size, at = _varint_at(data, at)
        yield key >> 3, data[at : at + size]
        at += size


def push(kind: str, payload: bytes = b"", *, log_id: int = 0, zipped: bool = False) -> bytes:
    """A frame as it goes over the socket."""
    header = field(1, "compress_type") + field(2, "gzip" if zipped else "none")
    body = gzip.compress(payload, 1) if zipped else payload
    head = field(1, log_id) + field(2, log_id) + field(3, 8811) + field(4, 8) + field(5, header)
    return head + field(6, "pb") + field(7, kind) + field(8, body)


def fetch(
    messages: list[Message],
    *,
    cursor: str = "c1",
    server: str = "",
    route_params: dict[str, str] | None = None,
    need_ack: bool = True,
) -> bytes:
    """What a frame carries, and what the sign server answers."""
    out = b"".join(
        field(1, field(1, method) + field(2, payload) + field(3, number))
        for number, (method, payload) in enumerate(messages, 1)
    )
    out += field(2, cursor) + field(3, 1000) + field(4, int(time.time() * 1000))
    out += field(5, f"internal_src:fake|t:{cursor}")
    for name, value in (route_params or {}).items():
        out += field(7, field(1, name) + field(2, value))
    out += field(8, 10_000) + field(9, int(need_ack))
    return out + (field(10, server) if server else b"")


def frame(messages: list[Message], *, log_id: int, need_ack: bool = True) -> bytes:
    return push("msg", fetch(messages, need_ack=need_ack), log_id=log_id, zipped=True)


def stream_end(msg_id: int) -> Message:
    return "WebcastControlMessage", field(1, field(2, msg_id)) + field(2, 3)


def chat(msg_id: int, text: str, nickname: str = "Viewer") -> Message:
    user = field(1, 1000 + msg_id) + field(3, nickname) + field(38, nickname.lower())
    common = field(1, "WebcastChatMessage") + field(2, msg_id) + field(4, int(time.time() * 1000))
    return "WebcastChatMessage", field(1, common) + field(2, user) + field(3, text)


def viewers(msg_id: int, current: int) -> Message:
    return "WebcastRoomUserSeqMessage", field(1, field(2, msg_id)) + field(3, current) + field(7, current)
