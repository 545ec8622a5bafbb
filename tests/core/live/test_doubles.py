"""Doubles by message id, and old chat that TikTok repeats on connect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.doubles import Doubles, RepeatedChat
from core.live.events import NOBODY, ChatPosted


def test_second_message_with_an_id_is_a_double() -> None:
    doubles = Doubles()

    assert [doubles.is_double(msg_id) for msg_id in (5, 7, 5, 6, 7, 6)] == [
        False, False, True, False, True, True,
    ]  # fmt: skip


def test_no_id_is_never_a_double() -> None:
    doubles = Doubles()

    assert not doubles.is_double(0)
    assert not doubles.is_double(0)


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_an_id_is_a_double_exactly_when_it_came_before(ids: list[int]) -> None:
    doubles = Doubles()

    found = [doubles.is_double(msg_id) for msg_id in ids]

    assert found == [msg_id != 0 and msg_id in ids[:place] for place, msg_id in enumerate(ids)]


def test_memory_is_bounded_and_keeps_the_newest() -> None:
    doubles = Doubles(capacity=10)
    for msg_id in range(1, 1001):
        doubles.is_double(msg_id)

    assert all(doubles.is_double(msg_id) for msg_id in range(991, 1001))
    assert not doubles.is_double(1)


def chat(created_ms: int, *, is_history: bool = False) -> ChatPosted:
    return ChatPosted(1, created_ms, NOBODY, "hi", is_history)


NOW = 1_700_000_000_000


def in_frame(number: int, server_ms: int = NOW) -> RepeatedChat:
    repeated = RepeatedChat()
    repeated.connected()
    for _ in range(number):
        repeated.frame(server_ms)
    return repeated


def test_what_the_wire_marks_as_history_is_repeated() -> None:
    assert in_frame(100).is_repeated(chat(NOW, is_history=True))


@pytest.mark.parametrize(
    ("frame", "age_ms", "expected"),
    [(1, 60_001, True), (5, 60_001, True), (6, 60_001, False), (1, 60_000, False), (3, -5, False)],
)
def test_old_chat_is_repeated_only_right_after_connecting(frame: int, age_ms: int, expected: bool) -> None:
    assert in_frame(frame).is_repeated(chat(NOW - age_ms)) is expected


def test_missing_clocks_drop_nothing() -> None:
    assert not in_frame(1, server_ms=0).is_repeated(chat(1))
    assert not in_frame(1).is_repeated(chat(0))


def test_connecting_again_counts_frames_afresh() -> None:
    repeated = in_frame(50)

    repeated.connected()
    repeated.frame(NOW)

    assert repeated.is_repeated(chat(NOW - 61_000))
