from hypothesis import given
from hypothesis import strategies as st

from core.effects.queue import EffectQueue, Item


def item(name: str, seconds: float, value: int = 1) -> Item:
    return Item(name, seconds, value)


def ids(items: list[Item]) -> list[str]:
    return [one.id for one in items]


def test_what_fits_is_kept():
    queue = EffectQueue(10)

    assert queue.offer(item("a", 4), 0.0) == []
    assert queue.offer(item("b", 5), 0.0) == []
    assert queue.seconds(0.0) == 9


def test_the_least_valuable_gives_way():
    queue = EffectQueue(10)
    queue.offer(item("playing", 4), 0.0)
    queue.offer(item("gift", 4, value=9), 0.0)
    queue.offer(item("chat", 2, value=1), 0.0)

    assert ids(queue.offer(item("follow", 2, value=5), 0.0)) == ["chat"]


def test_it_knows_what_sounds_now():
    queue = EffectQueue(10)
    assert queue.playing(0.0) is None
    queue.offer(item("a", 4), 0.0)
    queue.offer(item("b", 5), 0.0)

    assert [queue.playing(now) for now in (3.0, 4.5, 9.5)] == ["a", "b", None]


def test_while_paused_the_same_goes_on_to_sound():
    queue = EffectQueue(10)
    queue.offer(item("a", 4), 0.0)
    queue.pause(1.0)

    assert queue.playing(60.0) == "a"


def test_of_equals_the_oldest_gives_way():
    queue = EffectQueue(6)
    queue.offer(item("playing", 2), 0.0)
    queue.offer(item("old", 2), 0.0)
    queue.offer(item("young", 2), 0.0)

    assert ids(queue.offer(item("new", 2), 0.0)) == ["old"]


def test_the_new_one_gives_way_where_it_is_worth_least():
    queue = EffectQueue(4)
    queue.offer(item("playing", 2, value=5), 0.0)
    queue.offer(item("gift", 2, value=5), 0.0)

    assert ids(queue.offer(item("chat", 2, value=1), 0.0)) == ["chat"]


def test_what_sounds_now_is_never_taken_away():
    queue = EffectQueue(3)
    queue.offer(item("playing", 3, value=0), 0.0)

    assert ids(queue.offer(item("gift", 3, value=99), 1.0)) == ["gift"]


def test_a_sound_longer_than_the_bound_plays_where_nothing_else_waits():
    assert EffectQueue(1).offer(item("long", 20), 0.0) == []


def test_time_plays_the_queue():
    queue = EffectQueue(30)
    queue.offer(item("a", 4), 0.0)
    queue.offer(item("b", 4), 0.0)

    assert queue.seconds(6.0) == 2
    assert queue.pending(6.0) == 1
    assert queue.pending(8.0) == 0


def test_a_quicker_device_corrects_the_estimate():
    queue = EffectQueue(30)
    queue.offer(item("a", 10), 0.0)
    queue.offer(item("b", 4), 0.0)

    queue.played("a", 1.0)

    assert queue.seconds(1.0) == 4


def test_a_slower_device_corrects_the_estimate():
    queue = EffectQueue(30)
    for name in ("a", "b", "c"):
        queue.offer(item(name, 2), 0.0)
    queue.played("a", 2.0)
    assert queue.pending(7.0) == 0

    queue.played("b", 7.0)

    assert queue.seconds(7.0) == 2


def test_played_twice_changes_nothing():
    queue = EffectQueue(30)
    queue.offer(item("a", 2), 0.0)
    queue.offer(item("b", 2), 0.0)
    queue.played("a", 1.0)

    queue.played("a", 1.5)

    assert queue.seconds(1.5) == 1.5


def test_a_pause_stops_the_clock():
    queue = EffectQueue(30)
    queue.offer(item("a", 4), 0.0)
    queue.pause(1.0)
    assert queue.seconds(100.0) == 3

    queue.resume(100.0)

    assert queue.seconds(101.0) == 2


def test_skip_takes_what_sounds():
    queue = EffectQueue(30)
    queue.offer(item("a", 4), 0.0)
    queue.offer(item("b", 4), 0.0)

    assert ids(queue.skip(1.0)) == ["a"]
    assert queue.seconds(1.0) == 4


def test_skip_of_nothing_is_nothing():
    assert EffectQueue(30).skip(0.0) == []


def test_clear_takes_all():
    queue = EffectQueue(30)
    queue.offer(item("a", 4), 0.0)
    queue.offer(item("b", 4), 0.0)

    assert ids(queue.clear()) == ["a", "b"]
    assert queue.seconds(0.0) == 0


def test_a_deleted_comment_leaves():
    queue = EffectQueue(30)
    queue.offer(item("a", 4), 0.0)
    queue.offer(item("b", 4), 0.0)

    assert ids(queue.drop({"b", "unknown"})) == ["b"]
    assert queue.seconds(0.0) == 4


def test_the_measured_length_replaces_the_estimate():
    queue = EffectQueue(30)
    queue.offer(Item("a", 5.0, 1, speech="tts/x.mp3", speech_seconds=3.0), 0.0)

    queue.measure("tts/x.mp3", 1.0)

    assert queue.seconds(0.0) == 3.0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["offer", "played", "skip", "pause", "resume", "clear"]),
            st.integers(0, 30),
            st.floats(0.1, 10),
        ),
        max_size=60,
    )
)
def test_the_backlog_never_exceeds_its_bound_by_more_than_what_sounds(steps):
    queue, now = EffectQueue(12), 0.0

    for number, (action, value, seconds) in enumerate(steps):
        now += seconds / 3
        if action == "offer":
            queue.offer(item(str(number), seconds, value), now)
        elif action == "played":
            queue.played(str(value), now)
        elif action in ("skip", "pause", "resume"):
            getattr(queue, action)(now)
        else:
            queue.clear()

    waiting = list(queue._items)[1:]
    assert sum(one.seconds for one in waiting) <= 12.001
    assert queue.seconds(now) >= 0


def test_skip_of_what_the_device_says_corrects_the_estimate():
    queue = EffectQueue(30)
    for name in ("a", "b", "c"):
        queue.offer(item(name, 4), 0.0)

    assert ids(queue.skip(1.0, "b")) == ["b"]
    assert queue.seconds(1.0) == 4


def test_skip_of_something_unknown_leaves_the_queue():
    queue = EffectQueue(30)
    queue.offer(item("a", 4), 0.0)

    assert queue.skip(1.0, "z") == []
    assert queue.seconds(1.0) == 3
