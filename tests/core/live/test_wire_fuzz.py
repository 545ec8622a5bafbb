"""Whatever comes off the socket: `BadFrame`, or a frame with what could be read of it."""

import gzip
import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.live import wire
from core.live.events import Frame
from core.live.readers import READERS
from core.live.recordings import read
from core.live.wire import BadFrame, SignAnswer, decode_frame, decode_sign_answer, encode_frame
from tests.core.live.independent import RECORDINGS
from tests.fake_tiktok import proto
from ttboost import demo

PATHS = [demo.path(), *sorted(RECORDINGS.glob("*.frames"))]
FRAMES = [frame for path in PATHS for _, frame in read(path)][:400]
METHODS = sorted(method.decode() for method in READERS)


def is_taken_well(data: bytes) -> bool:
    """Refused as a whole, or read in part; anything else comes out as another exception."""
    try:
        frame = decode_frame(data)
    except BadFrame:
        return True
    return isinstance(frame, Frame) and frame.unreadable >= 0


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes(data: bytes) -> None:
    assert is_taken_well(data)
    assert is_taken_well(proto.push("msg", data))
    assert is_taken_well(proto.push("msg", data, zipped=True))


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(METHODS), st.binary(max_size=200))
def test_random_payload_of_a_known_type(method: str, payload: bytes) -> None:
    good = ("WebcastMemberMessage", b"")

    frame = decode_frame(encode_frame([good, (method, payload), good], log_id=1, server_ms=1))

    assert len(frame.events) + frame.unreadable >= 2
    assert len(frame.events) + frame.unreadable <= 3


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FRAMES), st.data())
def test_truncated_frame(frame: bytes, data: st.DataObject) -> None:
    assert is_taken_well(frame[: data.draw(st.integers(0, len(frame) - 1))])


def test_flipped_bytes_outside_and_inside_the_gzip() -> None:
    dice = random.Random(5)
    for frame in FRAMES:
        damaged = bytearray(frame)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        assert is_taken_well(bytes(damaged))
        opened = bytearray(wire.unpacked(dict(proto.fields(frame)).get(8, b"\0\0")))
        opened[dice.randrange(len(opened))] ^= 1 << dice.randrange(8)
        assert is_taken_well(proto.push("msg", bytes(opened), zipped=True))


@pytest.mark.parametrize("method", METHODS)
def test_message_of_another_type_under_this_name(method: str) -> None:
    """Field numbers clash between the types; the worst is an unreadable message."""
    for frame in FRAMES[::7]:
        for _, envelope in proto.fields(wire.unpacked(dict(proto.fields(frame)).get(8, b""))):
            payload = dict(proto.fields(envelope)).get(2, b"") if isinstance(envelope, bytes) else b""
            assert is_taken_well(encode_frame([(method, payload)], log_id=1, server_ms=1))


def test_deeply_nested_message_is_unreadable() -> None:
    """Groups opened and never closed, each in the one before."""
    frame = decode_frame(encode_frame([("WebcastChatMessage", b"\x0b" * 100_000)], log_id=1, server_ms=1))

    assert (frame.events, frame.unreadable) == ([], 1)


def test_gzip_bomb_never_unpacks_whole() -> None:
    bomb = proto.push("msg", b"\0" * (64 * 1024 * 1024), zipped=True)
    tracemalloc.start()

    with pytest.raises(BadFrame):
        decode_frame(bomb)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def is_answer_taken_well(data: bytes) -> bool:
    try:
        return isinstance(decode_sign_answer(data), SignAnswer)
    except BadFrame:
        return True


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_random_sign_answer(data: bytes) -> None:
    assert is_answer_taken_well(data)
    assert is_answer_taken_well(gzip.compress(data))
