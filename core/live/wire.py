"""TikTok's frames to live events, and the few frames we send."""

import zlib
from typing import Any

from msgspec import Struct

from core.live import schema
from core.live.events import AnyEvent, Frame
from core.live.readers import READERS
from core.live.schema import DecodeError

# Many times what TikTok sends (6 kB, 3 messages); more would stop everybody's LIVE while it is taken in.
MAX_UNPACKED = 1024 * 1024
MAX_MESSAGES = 500
GZIP_MAGIC = b"\x1f\x8b"  # never the first bytes of a protobuf message: 0x1f is no valid tag
GZIP_ONLY = 31  # zlib's wbits

_push = schema.Push.FromString
_fetch = schema.Fetch.FromString


class BadFrame(Exception):
    """What came off the socket is not a frame of TikTok's."""


class SignAnswer(Struct, frozen=True):
    """What the sign server says about a room: where its socket is and how to be let in."""

    cursor: str
    internal_ext: str
    push_server: str
    route_params: dict[str, str]
    events: list[AnyEvent]


def decode_frame(data: bytes) -> Frame:
    """What one frame says. Raises `BadFrame`; a bad message in a good frame is only counted."""
    try:
        push = _push(data)
        if push.payload_type != b"msg":
            return _other_frame(push)
        fetch = _opened(push.payload)
    except DecodeError as error:
        raise BadFrame("not a frame") from error
    events, unreadable = _events(fetch.messages)
    return Frame("msg", push.log_id, fetch.need_ack, fetch.internal_ext, fetch.now, events, unreadable)


def methods(data: bytes) -> list[str]:
    """The wire methods of all messages in a frame, also of those that make no event. Raises `BadFrame`."""
    try:
        push = _push(data)
        fetch = _opened(push.payload if push.payload_type == b"msg" else b"")
    except DecodeError as error:
        raise BadFrame("not a frame") from error
    return [_text(envelope.method) for envelope in fetch.messages[:]]


def decode_sign_answer(data: bytes) -> SignAnswer:
    """What the sign server answered. Raises `BadFrame` where that is no answer at all."""
    try:
        fetch = _opened(data)
    except DecodeError as error:
        raise BadFrame("not a sign answer") from error
    events, _ = _events(fetch.messages)
    return SignAnswer(
        _text(fetch.cursor),
        _text(fetch.internal_ext),
        _text(fetch.push_server),
        {_text(param.key): _text(param.value) for param in fetch.route_params[:]},
        events,
    )


def _opened(payload: bytes) -> Any:
    """The messages of a payload, counted before anything is made of them."""
    fetch = _fetch(unpacked(payload))
    if len(fetch.messages) > MAX_MESSAGES:
        raise BadFrame("more messages than a frame may hold")
    return fetch


def unpacked(payload: bytes) -> bytes:
    """The payload of a frame without its gzip, where it has one. Never more than `MAX_UNPACKED`."""
    if payload[:2] != GZIP_MAGIC:
        if len(payload) > MAX_UNPACKED:
            raise BadFrame("larger than a frame may be")
        return payload
    unpacking = zlib.decompressobj(GZIP_ONLY)
    try:
        data = unpacking.decompress(payload, MAX_UNPACKED)
    except zlib.error as error:
        raise BadFrame("broken gzip") from error
    if not unpacking.eof:
        raise BadFrame("cut off, or larger than a frame may be")
    return data


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _other_frame(push: Any) -> Frame:
    if not push.payload_type:
        raise BadFrame("a frame without a type")
    return Frame(_text(push.payload_type), push.log_id)


def _events(messages: Any) -> tuple[list[AnyEvent], int]:
    """The events of the messages we read, and how many of those could not be read."""
    events: list[AnyEvent] = []
    unreadable = 0
    find = READERS.get
    for envelope in messages[:]:
        known = find(envelope.method)
        if known is None:
            continue
        parse, read, kind = known
        try:
            event = read(parse(envelope.payload), envelope)
        except DecodeError:
            event = _mended(kind, read, envelope)
            unreadable += event is None
        if event is not None:
            events.append(event)
    return events, unreadable


def _mended(kind: Any, read: Any, envelope: Any) -> AnyEvent | None:
    try:
        event: AnyEvent | None = read(schema.mended(kind, envelope.payload), envelope)
    except DecodeError:
        return None
    return event


# What we send


def _packed(kind: bytes, payload: bytes, log_id: int = 0) -> bytes:
    push = schema.Push(log_id=log_id, payload_encoding=b"pb", payload_type=kind, payload=payload)
    data: bytes = push.SerializeToString()
    return data


def encode_ack(log_id: int, internal_ext: bytes) -> bytes:
    """The receipt TikTok wants for a frame that says `need_ack`."""
    return _packed(b"ack", internal_ext or b"-", log_id)


def encode_heartbeat(room_id: int, seq: int) -> bytes:
    beat = schema.Heartbeat(room_id=room_id, send_packet_seq_id=seq)
    return _packed(b"hb", beat.SerializeToString())


def encode_enter_room(room_id: int) -> bytes:
    enter = schema.EnterRoom(
        room_id=room_id, live_id=12, identity=b"audience", cursor=b"", filter_welcome_msg=b"0"
    )
    return _packed(b"im_enter_room", enter.SerializeToString())


# What TikTok sends, for the demo and for tests


def encode_frame(
    messages: list[tuple[str, bytes]],
    *,
    log_id: int,
    server_ms: int,
    gzip: bool = True,
    need_ack: bool = True,
    is_history: bool = False,
) -> bytes:
    """A frame as TikTok sends it, of (wire method, payload) pairs."""
    fetch = schema.Fetch(
        messages=[
            schema.Envelope(method=method.encode(), payload=payload, is_history=is_history)
            for method, payload in messages
        ],
        cursor=f"c{log_id}".encode(),
        now=server_ms,
        internal_ext=f"internal_src:ttboost|t:{log_id}".encode(),
        need_ack=need_ack,
    )
    payload = fetch.SerializeToString()
    push = schema.Push(
        seq_id=log_id,
        log_id=log_id,
        headers=[schema.Header(key=b"compress_type", value=b"gzip" if gzip else b"none")],
        payload_encoding=b"pb",
        payload_type=b"msg",
        payload=zlib.compress(payload, wbits=GZIP_ONLY) if gzip else payload,
    )
    data: bytes = push.SerializeToString()
    return data
