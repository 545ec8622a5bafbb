"""Order, cooldowns, streaks, `stop`, tests and what survives a swap of the engine."""

import pytest

from core.live.events import EventType, Fact
from core.triggers import engine
from core.triggers.engine import TriggerEngine, TriggerMemory, Verdict
from core.triggers.model import Count, Speak, When
from tests.core.triggers.making import ANN, BEN, Running, chat, gift, trigger

END = When.END


def test_higher_priority_comes_first_and_ties_go_by_id() -> None:
    running = Running(
        trigger(3, "chat"),
        trigger(1, "chat", ("message_contains", "hi")),
        trigger(2, "chat", ("message_regex", "h"), priority=5),
        trigger(4, "chat", priority=-1),
    )

    assert running.fired(chat("hi")) == [2, 1, 3, 4]


def test_a_trigger_switched_off_does_not_fire_and_says_so() -> None:
    running = Running(trigger(1, "chat", enabled=False))

    assert running.fired(chat("hi")) == []
    assert running.engine.explain(chat("hi")) == [Verdict(1, "enabled")]


def test_nothing_after_a_stop_is_tried() -> None:
    running = Running(
        trigger(1, "chat", ("message_contains", "hi"), priority=1, stop=True),
        trigger(2, "chat"),
        trigger(3, "chat", ("username", "nobody")),
    )

    assert running.match(chat("hi")).refused == [(2, "stop")]
    assert running.fired(chat("bye")) == [2]


def test_a_stop_that_was_refused_stops_nothing() -> None:
    running = Running(trigger(1, "chat", priority=1, stop=True, cooldown_seconds=10), trigger(2, "chat"))
    running.match(chat("hi"))

    assert running.fired(chat("hi"), now=1) == [2]


class TestCooldowns:
    def test_a_trigger_rests_for_everybody(self) -> None:
        running = Running(trigger(1, "chat", cooldown_seconds=10))
        running.match(chat("hi", ANN))

        assert running.refused(chat("hi", BEN), now=9.9) == [(1, "cooldown")]
        assert running.fired(chat("hi", BEN), now=10) == [1]

    def test_a_viewer_rests_alone(self) -> None:
        running = Running(trigger(1, "chat", user_cooldown_seconds=10))
        running.match(chat("hi", ANN))

        assert running.refused(chat("hi", ANN), now=9) == [(1, "user_cooldown")]
        assert running.fired(chat("hi", BEN), now=9) == [1]
        assert running.fired(chat("hi", ANN), now=10) == [1]

    def test_a_refused_event_does_not_lengthen_the_rest(self) -> None:
        running = Running(trigger(1, "chat", cooldown_seconds=10))
        running.match(chat("hi"), now=0)
        running.match(chat("hi"), now=9)

        assert running.fired(chat("hi"), now=10) == [1]

    def test_an_event_that_does_not_match_starts_no_rest(self) -> None:
        running = Running(trigger(1, "chat", ("message_contains", "hi"), cooldown_seconds=10))
        running.match(chat("bye"))

        assert running.fired(chat("hi"), now=1) == [1]

    def test_it_goes_on_in_the_next_live(self) -> None:
        running = Running(trigger(1, "chat", cooldown_seconds=10))
        running.match(chat("hi"))
        running.memory.new_stream()

        assert running.refused(chat("hi"), now=1) == [(1, "cooldown")]

    def test_viewers_are_forgotten_where_there_are_too_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "MAX_VIEWER_COOLDOWNS", 1)
        running = Running(trigger(1, "chat", user_cooldown_seconds=10))
        running.match(chat("hi", ANN))
        running.match(chat("hi", BEN))

        assert running.fired(chat("hi", ANN)) == [1]


def test_once_per_stream_is_once_until_the_next_live() -> None:
    running = Running(trigger(1, "chat", once_per_stream=True))

    assert running.fired(chat("hi")) == [1]
    assert running.refused(chat("hi")) == [(1, "once_per_stream")]

    running.memory.new_stream()

    assert running.fired(chat("hi")) == [1]


class TestStreaks:
    def test_start_fires_at_the_first_press_and_never_again(self) -> None:
        running = Running(trigger(1, "gift", ("gift_name", "Rose")))

        assert running.fired(gift(1, "start")) == [1]
        assert running.refused(gift(5, "more")) == [(1, "streak")]
        assert running.refused(gift(9, "end")) == [(1, "streak")]

    def test_start_fires_the_moment_the_running_total_reaches_its_condition(self) -> None:
        running = Running(trigger(1, "gift", ("min_diamonds", "10")))

        assert running.fired(gift(9, "start")) == []
        assert running.fired(gift(12, "more")) == [1]
        assert running.fired(gift(15, "more")) == []

    def test_start_also_fires_at_the_end_where_only_that_reaches_it(self) -> None:
        running = Running(trigger(1, "gift", ("min_count", "10")))

        assert running.fired(gift(9, "start")) == []
        assert running.fired(gift(10, "end")) == [1]

    def test_end_waits_for_the_final_numbers_without_a_word(self) -> None:
        running = Running(trigger(1, "gift", when=END))

        assert running.match(gift(1, "start")).refused == []
        assert running.fired(gift(3, "more")) == []
        assert running.fired(gift(7, "end")) == [1]

    def test_a_gift_outside_a_streak_is_start_and_end_at_once(self) -> None:
        running = Running(trigger(1, "gift"), trigger(2, "gift", when=END))

        assert running.fired(gift()) == [1, 2]
        assert running.fired(gift()) == [1, 2]

    def test_tiers_fire_each_once_as_the_streak_grows(self) -> None:
        running = Running(
            trigger(1, "gift", ("max_diamonds", "9")),
            trigger(2, "gift", ("min_diamonds", "10"), ("max_diamonds", "99")),
            trigger(3, "gift", ("min_diamonds", "100")),
        )
        steps = [gift(1, "start"), gift(8, "more"), gift(20, "more"), gift(150, "more"), gift(160, "end")]

        assert [running.fired(step) for step in steps] == [[1], [], [2], [3], []]

    def test_another_streak_fires_anew(self) -> None:
        running = Running(trigger(1, "gift"))
        running.match(gift(1, "start"))

        assert running.fired(gift(1, "start", streak="s2")) == [1]

    def test_what_stopped_the_first_press_stops_the_rest(self) -> None:
        running = Running(
            trigger(1, "gift", ("gift_name", "Rose"), priority=1, stop=True), trigger(2, "gift")
        )

        assert running.fired(gift(1, "start")) == [1]
        assert running.refused(gift(2, "end")) == [(1, "streak"), (2, "stop")]

    def test_a_late_message_of_a_closed_streak_fires_nothing_twice(self) -> None:
        running = Running(trigger(1, "gift"))
        running.match(gift(1, "start"))
        running.match(gift(4, "end"))
        running.memory.end_streak("s1")

        assert running.refused(gift(5, "end")) == [(1, "streak")]

    def test_closed_streaks_are_forgotten_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(engine, "MAX_STREAKS", 2)
        running = Running(trigger(1, "gift"))
        running.match(gift(1, "start", streak="open"))
        running.match(gift(1, "start", streak="closed"))
        running.memory.end_streak("closed")
        running.match(gift(1, "start", streak="new"))

        assert running.fired(gift(2, "more", streak="open")) == []
        assert running.fired(gift(2, "more", streak="closed")) == [1]

    def test_the_streak_is_remembered_across_a_swap_of_the_engine(self) -> None:
        before = Running(trigger(1, "gift"))
        before.match(gift(1, "start"))
        after = Running(trigger(1, "gift"), trigger(2, "gift"), memory=before.memory)

        assert after.match(gift(2, "more")).refused == [(1, "streak")]
        assert after.fired(gift(3, "end")) == []

    def test_explaining_names_the_end_that_is_waited_for(self) -> None:
        running = Running(trigger(1, "gift", params=Speak("thanks"), when=END))

        assert running.engine.explain(gift(1, "start")) == [Verdict(1, "when")]
        assert running.engine.explain(gift(1, "end")) == [Verdict(1, None)]


class TestCounters:
    def test_a_counter_is_raised_each_time_it_fires(self) -> None:
        running = Running(trigger(1, "chat", params=Count("hugs", add=2)), memory=TriggerMemory({"hugs": 40}))
        running.match(chat("hi"))
        running.match(chat("hi"))

        assert running.memory.counters == {"hugs": 44}

    def test_it_is_the_callers_own_mapping_that_is_raised(self) -> None:
        counters: dict[str, int] = {}
        Running(trigger(1, "chat", params=Count("hugs")), memory=TriggerMemory(counters)).match(chat("hi"))

        assert counters == {"hugs": 1}


class TestTesting:
    def test_a_test_passes_every_rest(self) -> None:
        running = Running(
            trigger(1, "gift", cooldown_seconds=10),
            trigger(2, "gift", user_cooldown_seconds=10),
            trigger(3, "gift", once_per_stream=True),
        )
        running.match(gift(1, "start"))

        assert running.fired(gift(2, "end", test=True)) == [1, 2, 3]

    def test_a_test_leaves_no_trace(self) -> None:
        fields = {"cooldown_seconds": 10.0, "user_cooldown_seconds": 10.0, "once_per_stream": True}
        running = Running(trigger(1, "gift", params=Count("hugs"), **fields))
        running.match(gift(1, "start", test=True))

        assert running.memory.counters == {}
        assert running.fired(gift(2, "more")) == [1]

    def test_a_test_still_asks_the_conditions(self) -> None:
        running = Running(trigger(1, "gift", ("gift_name", "Rose"), ("min_count", "5")))

        assert running.refused(gift(1, test=True)) == [(1, "min_count")]


def test_an_engine_without_triggers_answers_nothing() -> None:
    match = TriggerEngine([], TriggerMemory()).match(Fact(EventType.SHARE, ANN), 0.0)

    assert (match.fired, match.refused) == ([], [])


def test_explaining_changes_nothing() -> None:
    running = Running(trigger(1, "chat", cooldown_seconds=10, once_per_stream=True))
    running.engine.explain(chat("hi"))

    assert running.fired(chat("hi")) == [1]
