"""How much of anything one frame may hold, so that reading it never keeps the other LIVEs waiting."""

import gzip
from collections.abc import Callable

import pytest

from core.live import schema
from core.live.events import Role
from core.live.readers import MAX_BADGES, MAX_DELETED
from core.live.wire import (
    MAX_MESSAGES,
    MAX_UNPACKED,
    BadFrame,
    decode_frame,
    decode_sign_answer,
    encode_frame,
    methods,
)
from tests.fake_tiktok import proto
from ttboost.demo import messages
from ttboost.demo.messages import Message


def framed(message: Message) -> bytes:
    return encode_frame([message], log_id=9, server_ms=1234)


def packed(payload: bytes) -> bytes:
    return proto.push("msg", log_id=1) + proto.field(8, payload)


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["gzip", "plain"])
def test_frame_of_one_megabyte_is_read_and_a_larger_one_is_not(pack: Callable[[bytes], bytes]) -> None:
    def of_size(size: int) -> bytes:
        return packed(pack(proto.field(999, b"\0" * size)))

    assert decode_frame(of_size(MAX_UNPACKED - 6)).events == []
    with pytest.raises(BadFrame):
        decode_frame(of_size(MAX_UNPACKED))


def of_empty_messages(count: int) -> bytes:
    return packed(gzip.compress(proto.field(1, b"") * count))


def test_frame_of_five_hundred_messages_is_read_and_one_of_more_is_not() -> None:
    assert decode_frame(of_empty_messages(MAX_MESSAGES)).events == []
    with pytest.raises(BadFrame):
        decode_frame(of_empty_messages(MAX_MESSAGES + 1))
    with pytest.raises(BadFrame):
        methods(of_empty_messages(MAX_MESSAGES + 1))


def test_sign_answer_of_too_many_messages_is_refused() -> None:
    with pytest.raises(BadFrame):
        decode_sign_answer(proto.field(1, b"") * (MAX_MESSAGES + 1))


def test_of_endless_badges_only_the_first_count() -> None:
    badges = [schema.Badge(scene=99)] * MAX_BADGES + [schema.Badge(scene=1)]
    viewer = schema.User(id=1, badges=[badge.SerializeToString() for badge in badges])
    chat = schema.Chat(user=viewer).SerializeToString()

    (event,) = decode_frame(framed(("WebcastChatMessage", chat))).events

    assert event.viewer.roles == Role.NONE


def test_of_endless_deletions_only_the_first_count() -> None:
    (event,) = decode_frame(framed(messages.delete(5, 77, [1] * 5_000, [2] * 5_000))).events

    assert (event.msg_ids, event.user_ids) == ([1] * MAX_DELETED, [2] * MAX_DELETED)
