"""Turns: how fast messages go out."""

from bot.turns import Bucket


def test_turns_come_at_once_after_a_rest_and_then_evenly():
    bucket = Bucket(1.0, 3)

    assert [bucket.take(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 2.0]


def test_a_rest_fills_it_again_but_not_beyond():
    bucket = Bucket(1.0, 3)
    for _ in range(3):
        bucket.take(100.0)

    assert [bucket.take(200.0) for _ in range(4)] == [0.0, 0.0, 0.0, 1.0]


def test_a_held_bucket_gives_no_turn_before():
    bucket = Bucket(1.0, 3)
    bucket.hold(130.0)

    assert [bucket.take(100.0) for _ in range(2)] == [30.0, 31.0]


def test_without_a_turn_none_is_taken():
    bucket = Bucket(0.5, 2)

    assert [bucket.has_turn(1.0) for _ in range(3)] == [True, True, False]
    assert bucket.has_turn(1.5)
