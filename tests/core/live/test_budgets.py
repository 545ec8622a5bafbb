"""Turns are handed out within the budget, in order, the urgent first."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import Tiktok
from core.live import budgets
from core.live.budgets import Busy, Line, Lookout, Turn, budgets_for
from core.live.source import LookupFailed
from tests.core.live.virtual_time import LoopClock, run


async def taken_at(turn: Turn) -> float:
    await turn.wait(100_000)
    return LoopClock().monotonic()


async def times_of(line: Line, firsts: list[bool]) -> list[float]:
    turns = [line.line_up(first=first) for first in firsts]
    return await asyncio.gather(*map(taken_at, turns))


def test_a_free_budget_is_given_at_once_and_then_when_its_window_has_passed() -> None:
    async def scenario() -> list[float]:
        return await times_of(Line(2, LoopClock(), window=60), [False] * 5)

    assert run(scenario()) == [0, 0, 60, 60, 120]


def test_a_reconnect_goes_before_everybody_who_waits() -> None:
    async def scenario() -> list[float]:
        return await times_of(Line(1, LoopClock(), window=10), [False, False, False, True])

    assert run(scenario()) == [0, 20, 30, 10]


def test_turns_keep_a_gap_where_one_is_wanted() -> None:
    async def scenario() -> list[float]:
        return await times_of(Line(10, LoopClock(), gap=2), [False] * 3)

    assert run(scenario()) == [0, 2, 4]


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 5))
def test_no_window_holds_more_turns_than_the_budget(firsts: list[bool], limit: int) -> None:
    async def scenario() -> list[float]:
        return await times_of(Line(limit, LoopClock(), window=60), firsts)

    times = sorted(run(scenario()))

    assert all(later - earlier >= 60 for earlier, later in zip(times, times[limit:], strict=False))


@given(st.lists(st.booleans(), min_size=1, max_size=20), st.integers(1, 4))
def test_the_expected_wait_is_the_real_one_while_nobody_else_comes(firsts: list[bool], limit: int) -> None:
    async def scenario() -> tuple[list[float], list[float]]:
        line = Line(limit, LoopClock(), window=60, gap=1)
        turns = [line.line_up(first=first) for first in firsts]
        expected = [turn.expected_wait() for turn in turns]
        return expected, await asyncio.gather(*map(taken_at, turns))

    expected, real = run(scenario())

    assert expected == pytest.approx(real)


def test_who_leaves_the_line_makes_room() -> None:
    async def scenario() -> float:
        line = Line(1, LoopClock(), window=60)
        await line.line_up().wait(1)
        impatient, patient = line.line_up(), line.line_up()
        with pytest.raises(Busy):
            await impatient.wait(5)
        return await taken_at(patient)

    assert run(scenario()) == 60


def test_a_hold_keeps_everybody_back() -> None:
    async def scenario() -> tuple[float, float]:
        line = Line(5, LoopClock())
        line.hold(90)
        turn = line.line_up()
        return turn.expected_wait(), await taken_at(turn)

    assert run(scenario()) == (90, 90)


def test_what_was_done_without_a_turn_is_counted() -> None:
    async def scenario() -> float:
        line = Line(1, LoopClock(), window=60)
        line.charge()
        return await taken_at(line.line_up())

    assert run(scenario()) == 60


def test_a_full_line_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "MAX_WAITING", 2)

    async def scenario() -> None:
        line = Line(1, LoopClock())
        for _ in range(3):
            line.line_up()
        with pytest.raises(Busy):
            line.line_up()

    run(scenario())


def test_every_key_of_the_sign_server_brings_its_own_budget() -> None:
    async def scenario() -> list[float]:
        tiktok = Tiktok(signatures_per_minute=1, sign_api_keys=["one", "two"])  # type: ignore[list-item]
        return await times_of(budgets_for(tiktok, LoopClock()).signatures, [False] * 3)

    assert run(scenario()) == [0, 0, 60]


def test_the_more_wait_the_rarer_each_is_looked_at() -> None:
    async def scenario() -> list[float]:
        lookout = Lookout(Line(60, LoopClock()), 60)
        intervals = [lookout.interval]
        with lookout.waiting(None, asyncio.Event()):
            intervals.append(lookout.interval)
        with many_waiting(lookout, 90):
            return [*intervals, lookout.interval]

    # 90 looks in 120 seconds: three quarters of 60 a minute.
    assert run(scenario()) == [30, 30, 120]


class Rooms:
    """Answers which rooms are on air, and remembers who asked."""

    def __init__(self, *on_air: str) -> None:
        self.on_air = set(on_air)
        self.questions: list[list[str]] = []

    async def alive(self, room_ids: list[str]) -> set[str]:
        self.questions.append(room_ids)
        return self.on_air & set(room_ids)


@contextmanager
def many_waiting(lookout: Lookout, count: int) -> Iterator[list[asyncio.Event]]:
    wakes = [asyncio.Event() for _ in range(count)]
    with ExitStack() as stack:
        for number, wake in enumerate(wakes):
            stack.enter_context(lookout.waiting(f"room{number}", wake))
        yield wakes


async def run_for(seconds: float, work: Coroutine[None, None, None]) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await work


def test_many_who_wait_are_asked_for_in_bulk_and_woken_when_back() -> None:
    async def scenario() -> tuple[list[int], list[bool]]:
        lookout, rooms = Lookout(Line(60, LoopClock()), 60), Rooms("room1")
        with many_waiting(lookout, 60) as wakes:
            await run_for(70, lookout.run(rooms.alive))
        return [len(question) for question in rooms.questions], [wake.is_set() for wake in wakes[:3]]

    assert run(scenario()) == ([50, 50], [False, True, False])


def test_those_left_out_of_one_bulk_question_are_in_the_next() -> None:
    async def scenario() -> set[str]:
        lookout, rooms = Lookout(Line(60, LoopClock()), 60), Rooms()
        with many_waiting(lookout, 60):
            await run_for(70, lookout.run(rooms.alive))
        return {room for question in rooms.questions for room in question}

    assert len(run(scenario())) == 60


def test_few_who_wait_are_not_asked_for_in_bulk() -> None:
    async def scenario() -> list[list[str]]:
        lookout, rooms = Lookout(Line(60, LoopClock()), 60), Rooms()
        with many_waiting(lookout, 3):
            await run_for(300, lookout.run(rooms.alive))
        return rooms.questions

    assert run(scenario()) == []


def test_a_failing_bulk_question_is_asked_again_later() -> None:
    async def scenario() -> int:
        asked = 0

        async def failing(_rooms: list[str]) -> set[str]:
            nonlocal asked
            asked += 1
            raise LookupFailed

        lookout = Lookout(Line(60, LoopClock()), 60)
        with many_waiting(lookout, 60):
            await run_for(100, lookout.run(failing))
        return asked

    assert run(scenario()) == 3
